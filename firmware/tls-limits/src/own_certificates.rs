//! The certificates that a board is provisioned with.

use core::ffi::c_int;

use mbedtls_rs_sys::{MBEDTLS_ERR_X509_INVALID_FORMAT, mbedtls_x509_crt};

unsafe extern "C" {
    fn __real_mbedtls_x509_crt_parse(chain: *mut mbedtls_x509_crt, data: *const u8, length: usize) -> c_int;
}

/// Parses one certificate, or in PEM several. Mbed TLS leaves those out that it can't read, and says how many they are; a board
/// would then serve with half a chain, or refuse the clients of a CA that it was given, without a word.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_x509_crt_parse(
    chain: *mut mbedtls_x509_crt,
    data: *const u8,
    length: usize,
) -> c_int {
    // SAFETY: the caller's arguments, passed on.
    let status = unsafe { __real_mbedtls_x509_crt_parse(chain, data, length) };
    if status > 0 { MBEDTLS_ERR_X509_INVALID_FORMAT } else { status }
}
