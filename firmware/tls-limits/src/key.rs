//! The device's private key, ready before the first client comes.

use core::ffi::{c_int, c_void};
use core::ptr;

use mbedtls_rs_sys::{
    mbedtls_f_rng_t, mbedtls_md_type_t_MBEDTLS_MD_SHA256, mbedtls_pk_can_do, mbedtls_pk_context,
    mbedtls_pk_sign, mbedtls_pk_type_t_MBEDTLS_PK_RSA, psa_crypto_init,
};

unsafe extern "C" {
    fn __real_mbedtls_pk_parse_key(
        key: *mut mbedtls_pk_context,
        data: *const u8,
        length: usize,
        password: *const u8,
        password_length: usize,
        random: mbedtls_f_rng_t,
        random_state: *mut c_void,
    ) -> c_int;

    fn mbedtls_psa_get_random(state: *mut c_void, output: *mut u8, length: usize) -> c_int;
}

/// Parses the device's key, and signs once with an RSA key. Mbed TLS prepares the blinding of a key for its first
/// operation, and keeps it: otherwise the first handshake would cost half as much again as all others.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_pk_parse_key(
    key: *mut mbedtls_pk_context,
    data: *const u8,
    length: usize,
    password: *const u8,
    password_length: usize,
    random: mbedtls_f_rng_t,
    random_state: *mut c_void,
) -> c_int {
    // SAFETY: the caller's arguments, passed on; the key is a parsed one after status 0. The generator ignores its state,
    // and is ready after psa_crypto_init, which may be called any number of times.
    unsafe {
        let status =
            __real_mbedtls_pk_parse_key(key, data, length, password, password_length, random, random_state);
        if status != 0 || mbedtls_pk_can_do(key, mbedtls_pk_type_t_MBEDTLS_PK_RSA) == 0 {
            return status;
        }
        let status = psa_crypto_init();
        if status != 0 {
            return status;
        }
        let (digest, mut signature, mut signed) = ([0_u8; SHA256_BYTES], [0_u8; SIGNATURE_BYTES], 0);
        mbedtls_pk_sign(
            key,
            mbedtls_md_type_t_MBEDTLS_MD_SHA256,
            digest.as_ptr(),
            digest.len(),
            signature.as_mut_ptr(),
            signature.len(),
            &raw mut signed,
            Some(mbedtls_psa_get_random),
            ptr::null_mut(),
        )
    }
}

const SHA256_BYTES: usize = 32;

/// The signature of an RSA-4096 key, the longest that the device takes. It is on the stack, which the board has to itself at
/// its start.
const SIGNATURE_BYTES: usize = 512;
