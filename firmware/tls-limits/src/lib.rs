//! What Mbed TLS is kept from doing on a small device. It comes prebuilt, and mbedtls-rs gives a server no say in the
//! groups; so the linker puts the functions below in the place of Mbed TLS's own (`--wrap`, see GNU ld's manual),
//! and they call the originals.
//!
//! A board depends on this crate, names it (`use esp_https_tls_limits as _`), and passes `--wrap=` and the name of each
//! original, which this crate's build script gives it, to the linker.
#![no_std]

use core::ffi::c_int;

use mbedtls_rs::sys::{
    MBEDTLS_ERR_MPI_BAD_INPUT_DATA, MBEDTLS_ERR_X509_FATAL_ERROR, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_X448, MBEDTLS_SSL_IANA_TLS_GROUP_X25519, mbedtls_mpi, mbedtls_mpi_bitlen,
    mbedtls_ssl_conf_groups, mbedtls_ssl_config, mbedtls_ssl_context, mbedtls_ssl_transform,
    mbedtls_svc_key_id_t, mbedtls_x509_crt, psa_status_t,
};

/// The named groups of the key exchange, in order of preference.
///
/// Left out: ffdhe2048 to ffdhe8192 and the Brainpool curves, which Mbed TLS offers by default. One handshake with
/// ffdhe8192 takes 34 thousand million instructions, minutes in which the device answers nobody, and 82 KB of heap.
pub static GROUPS: [u16; 6] = [
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_X448 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1 as u16,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE as u16,
];

unsafe extern "C" {
    fn __real_mbedtls_ssl_config_defaults(
        config: *mut mbedtls_ssl_config,
        endpoint: c_int,
        transport: c_int,
        preset: c_int,
    ) -> c_int;

    fn __real_mbedtls_ssl_handshake(ssl: *mut mbedtls_ssl_context) -> c_int;

    fn mbedtls_ssl_handshake_wrapup_free_hs_transform(ssl: *mut mbedtls_ssl_context);

    fn __real_mbedtls_ssl_handle_pending_alert(ssl: *mut mbedtls_ssl_context) -> c_int;

    fn __real_mbedtls_ssl_send_alert_message(
        ssl: *mut mbedtls_ssl_context,
        level: u8,
        description: u8,
    ) -> c_int;

    fn mbedtls_ssl_set_outbound_transform(
        ssl: *mut mbedtls_ssl_context,
        transform: *mut mbedtls_ssl_transform,
    );

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

    fn __real_mbedtls_x509_crt_parse_der(
        chain: *mut mbedtls_x509_crt,
        der: *const u8,
        length: usize,
    ) -> c_int;
}

/// The default configuration, with [`GROUPS`].
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_config_defaults(
    config: *mut mbedtls_ssl_config,
    endpoint: c_int,
    transport: c_int,
    preset: c_int,
) -> c_int {
    // SAFETY: the caller's arguments, passed on. GROUPS lives for ever and ends with "none", as the setter wants.
    unsafe {
        let status = __real_mbedtls_ssl_config_defaults(config, endpoint, transport, preset);
        if status == 0 {
            mbedtls_ssl_conf_groups(config, GROUPS.as_ptr());
        }
        status
    }
}

/// A handshake that gives back its 6 KB when it is done. Mbed TLS 3.6 does so itself in TLS 1.2, and keeps them until
/// the session ends in TLS 1.3, where nothing reads them any more.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_handshake(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: the caller's argument, passed on. Status 0 means that the handshake is over, with its own state out of
    // use as it is after one of TLS 1.2; the function is the one that Mbed TLS calls there.
    unsafe {
        let status = __real_mbedtls_ssl_handshake(ssl);
        if status == 0 && !(*ssl).private_handshake.is_null() {
            mbedtls_ssl_handshake_wrapup_free_hs_transform(ssl);
        }
        status
    }
}

/// Sends the alert that is due, if one is, with the keys that the client expects.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_handle_pending_alert(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: the caller's argument, passed on.
    unsafe {
        if (*ssl).private_send_alert != 0 {
            send_with_application_keys(ssl);
        }
        __real_mbedtls_ssl_handle_pending_alert(ssl)
    }
}

/// Sends an alert, a fatal one with the keys that the client expects.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_send_alert_message(
    ssl: *mut mbedtls_ssl_context,
    level: u8,
    description: u8,
) -> c_int {
    // SAFETY: the caller's arguments, passed on.
    unsafe {
        if u32::from(level) == MBEDTLS_SSL_ALERT_LEVEL_FATAL {
            send_with_application_keys(ssl);
        }
        __real_mbedtls_ssl_send_alert_message(ssl, level, description)
    }
}

/// Behind its Finished a server sends with the keys for application data (RFC 8446 section 7.3). Mbed TLS 3.6 keeps to
/// those of the handshake until that is over, so that a client whose certificate is refused would see a record that does
/// not decrypt instead of the alert that says why.
///
/// # Safety
/// `ssl` is set up, and a fatal alert is what it sends next and last.
unsafe fn send_with_application_keys(ssl: *mut mbedtls_ssl_context) {
    // SAFETY: by this function's contract. These keys exist from the server's Finished on, and in TLS 1.3 only; behind
    // the handshake they are in use, and their record counter must not begin anew.
    unsafe {
        let keys = (*ssl).private_transform_application;
        if !(*ssl).private_handshake.is_null() && !keys.is_null() {
            mbedtls_ssl_set_outbound_transform(ssl, keys);
        }
    }
}

/// Exports a public key into no more of the buffer than a key can need: Mbed TLS works on a copy of the whole buffer,
/// and its TLS 1.3 passes all that is left of the 16 KiB record.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_psa_export_public_key(
    key: mbedtls_svc_key_id_t,
    data: *mut u8,
    size: usize,
    length: *mut usize,
) -> psa_status_t {
    // SAFETY: the caller's arguments, passed on, with a size that is not larger.
    unsafe { __real_psa_export_public_key(key, data, size.min(PUBLIC_KEY_BYTES), length) }
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

/// Adds one certificate to a chain that a client sends, up to [`CHAIN_CERTIFICATES`] and [`CHAIN_BYTES`]. Mbed TLS takes
/// what fits 16 KiB, which is three times as much heap; and for each step up the chain it tries all certificates whose
/// name fits: hundreds of signatures to check, if they are made for it.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_x509_crt_parse_der(
    chain: *mut mbedtls_x509_crt,
    der: *const u8,
    length: usize,
) -> c_int {
    let mut certificate = chain.cast_const();
    let mut certificates = 1;
    let mut bytes = length;
    // SAFETY: the caller's arguments, passed on; the chain is an initialised list that ends with null, and its first
    // certificate has no bytes when there is none.
    unsafe {
        while !certificate.is_null() && !(*certificate).raw.p.is_null() {
            certificates += 1;
            bytes = bytes.saturating_add((*certificate).raw.len);
            certificate = (*certificate).next;
        }
        if certificates > CHAIN_CERTIFICATES || bytes > CHAIN_BYTES {
            return MBEDTLS_ERR_X509_FATAL_ERROR;
        }
        __real_mbedtls_x509_crt_parse_der(chain, der, length)
    }
}

/// As long as other TLS libraries take them, and twice as long as 65537, which all keys in use have.
const PUBLIC_EXPONENT_BITS: usize = 32;

/// A client's own certificate and three between it and the CA.
const CHAIN_CERTIFICATES: usize = 4;

/// Three certificates with RSA-4096 keys. What they take of the heap fits the server's `budget::SPARE_BYTES`.
const CHAIN_BYTES: usize = 6 * 1024;

/// The longest public key of [`GROUPS`]: an uncompressed point of P-521 (SEC 1, section 2.3.3).
const PUBLIC_KEY_BYTES: usize = 1 + 2 * 66;
