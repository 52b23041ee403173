//! What a client without an accepted certificate can make the device compute, and hold.

use core::ffi::c_int;

use mbedtls_rs_sys::{
    MBEDTLS_ERR_MPI_BAD_INPUT_DATA, mbedtls_mpi, mbedtls_mpi_bitlen, mbedtls_svc_key_id_t, psa_status_t,
};

use crate::offer::LONGEST_PUBLIC_KEY;

unsafe extern "C" {
    fn __real_psa_export_public_key(
        key: mbedtls_svc_key_id_t,
        data: *mut u8,
        size: usize,
        length: *mut usize,
    ) -> psa_status_t;

    fn __real_mbedtls_mpi_exp_mod_unsafe(
        power: *mut mbedtls_mpi,
        base: *const mbedtls_mpi,
        exponent: *const mbedtls_mpi,
        modulus: *const mbedtls_mpi,
        helper: *mut mbedtls_mpi,
    ) -> c_int;
}

/// Exports a public key into no more of the buffer than a key can need: Mbed TLS works on a copy of the whole buffer,
/// and its TLS 1.3 passes all that is left of the 16 KiB record. Every group of the offer fits (`offer.rs` asserts it): Mbed TLS 3.6.5
/// exports a key of a finite-field group without a look at the size (CVE-2026-34875).
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_psa_export_public_key(
    key: mbedtls_svc_key_id_t,
    data: *mut u8,
    size: usize,
    length: *mut usize,
) -> psa_status_t {
    // SAFETY: the caller's arguments, passed on, with a size that is not larger.
    unsafe { __real_psa_export_public_key(key, data, size.min(LONGEST_PUBLIC_KEY), length) }
}

/// An RSA public operation, with no exponent longer than [`PUBLIC_EXPONENT_BITS`]. Mbed TLS allows any below the modulus:
/// a client without an accepted certificate can send a chain with a key of 8192 bits for both, and checking one
/// signature with it takes minutes, in which the device answers nobody and the watchdog ends it.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_mpi_exp_mod_unsafe(
    power: *mut mbedtls_mpi,
    base: *const mbedtls_mpi,
    exponent: *const mbedtls_mpi,
    modulus: *const mbedtls_mpi,
    helper: *mut mbedtls_mpi,
) -> c_int {
    // SAFETY: the caller's arguments, passed on; the exponent is an initialised number, as the original wants it.
    unsafe {
        if mbedtls_mpi_bitlen(exponent) > PUBLIC_EXPONENT_BITS {
            return MBEDTLS_ERR_MPI_BAD_INPUT_DATA;
        }
        __real_mbedtls_mpi_exp_mod_unsafe(power, base, exponent, modulus, helper)
    }
}

/// As long as other TLS libraries take them, and twice as long as 65537, which all keys in use have.
const PUBLIC_EXPONENT_BITS: usize = 32;
