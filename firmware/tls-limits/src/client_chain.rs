//! The certificates that a client sends: how many, what they take, and until when they are kept.

use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mbedtls_rs_sys::{
    MBEDTLS_ERR_X509_FATAL_ERROR, mbedtls_free, mbedtls_ssl_context, mbedtls_ssl_session, mbedtls_x509_crt,
    mbedtls_x509_crt_free,
};

use crate::allocation::with_allowance;
use crate::handshake;

unsafe extern "C" {
    fn __real_mbedtls_x509_crt_parse_der(
        chain: *mut mbedtls_x509_crt,
        der: *const u8,
        length: usize,
    ) -> c_int;

    fn __real_mbedtls_ssl_tls13_process_certificate(ssl: *mut mbedtls_ssl_context) -> c_int;

    fn __real_mbedtls_ssl_parse_certificate(ssl: *mut mbedtls_ssl_context) -> c_int;
}

/// What is left of [`CHAIN_HEAP_BYTES`] for the chain that is being read.
static LEFT: AtomicUsize = AtomicUsize::new(0);

/// Adds one certificate to a chain: of those that a client sends up to [`CHAIN_CERTIFICATES`], [`CHAIN_BYTES`] and
/// [`CHAIN_HEAP_BYTES`]. Mbed TLS takes what fits 16 KiB, and a certificate can be made to take ten times its size; and for each
/// step up the chain it tries all certificates whose name fits: hundreds of signatures to check, if they are made for it.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_x509_crt_parse_der(
    chain: *mut mbedtls_x509_crt,
    der: *const u8,
    length: usize,
) -> c_int {
    // SAFETY: the caller's arguments, passed on; the chain is an initialised list.
    unsafe {
        let parse = || __real_mbedtls_x509_crt_parse_der(chain, der, length);
        if !handshake::is_running() {
            // The device's own, and the CAs: as many as its partition has.
            return parse();
        }
        let (certificates, bytes) = size(chain);
        if certificates == CHAIN_CERTIFICATES || bytes.saturating_add(length) > CHAIN_BYTES {
            return MBEDTLS_ERR_X509_FATAL_ERROR;
        }
        let allowance = if certificates == 0 { CHAIN_HEAP_BYTES } else { LEFT.load(Relaxed) };
        let (status, left) = with_allowance(allowance, parse);
        LEFT.store(left, Relaxed);
        if left == 0 { MBEDTLS_ERR_X509_FATAL_ERROR } else { status }
    }
}

/// The number of a chain's certificates, and their bytes.
///
/// # Safety
/// The chain is an initialised list that ends with null; its first certificate has no bytes when there is none.
unsafe fn size(chain: *const mbedtls_x509_crt) -> (usize, usize) {
    let (mut certificate, mut certificates, mut bytes) = (chain, 0, 0_usize);
    // SAFETY: by this function's contract.
    unsafe {
        while !certificate.is_null() && !(*certificate).raw.p.is_null() {
            certificates += 1;
            bytes = bytes.saturating_add((*certificate).raw.len);
            certificate = (*certificate).next;
        }
    }
    (certificates, bytes)
}

/// Reads and checks the client's chain in TLS 1.3, and keeps its first certificate only: no other is looked at again.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_tls13_process_certificate(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: the caller's argument, passed on.
    unsafe {
        let status = __real_mbedtls_ssl_tls13_process_certificate(ssl);
        drop_issuers((*ssl).private_session_negotiate);
        status
    }
}

/// The same in TLS 1.2.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_parse_certificate(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: the caller's argument, passed on.
    unsafe {
        let status = __real_mbedtls_ssl_parse_certificate(ssl);
        drop_issuers((*ssl).private_session_negotiate);
        status
    }
}

/// Frees all certificates of the client but the first.
///
/// # Safety
/// The session is null or initialised, and nothing else points into its chain.
unsafe fn drop_issuers(session: *mut mbedtls_ssl_session) {
    // SAFETY: by this function's contract. Freeing a certificate frees what follows it, but not itself.
    unsafe {
        let Some(session) = session.as_mut() else { return };
        let Some(first) = session.private_peer_cert.as_mut() else { return };
        let issuers = core::mem::replace(&mut first.next, ptr::null_mut());
        if !issuers.is_null() {
            mbedtls_x509_crt_free(issuers);
            mbedtls_free(issuers.cast());
        }
    }
}

/// Frees the client's certificate when the handshake is over: nothing reads it any more.
///
/// # Safety
/// The session is null or initialised, and nothing else points into its certificate.
pub(crate) unsafe fn drop_certificate(session: *mut mbedtls_ssl_session) {
    // SAFETY: by this function's contract; Mbed TLS takes a session without a certificate for one of a client that has none.
    unsafe {
        let Some(session) = session.as_mut() else { return };
        let certificate = core::mem::replace(&mut session.private_peer_cert, ptr::null_mut());
        if !certificate.is_null() {
            mbedtls_x509_crt_free(certificate);
            mbedtls_free(certificate.cast());
        }
    }
}

/// A client's own certificate and three between it and the CA.
const CHAIN_CERTIFICATES: usize = 4;

/// Three certificates with RSA-4096 keys, and a quarter more.
const CHAIN_BYTES: usize = 6 * 1024;

/// What the chain may take of the heap while it is checked, in bytes; three certificates with RSA-4096 keys take between 7 000
/// and 8 000. The server's `budget::CHAIN_BYTES` is this and what checking takes.
const CHAIN_HEAP_BYTES: usize = 11_000;
