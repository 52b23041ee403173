//! The memory of a handshake, and its alerts.

use core::ffi::c_int;

use mbedtls_rs_sys::{MBEDTLS_SSL_ALERT_LEVEL_FATAL, mbedtls_ssl_context, mbedtls_ssl_transform};

use crate::alerts;

unsafe extern "C" {
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
        alerts::send_what_is_owed(ssl, status);
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
