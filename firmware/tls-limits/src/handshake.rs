//! The memory of a handshake, and its alerts.

use core::ffi::c_int;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use mbedtls_rs_sys::{MBEDTLS_SSL_ALERT_LEVEL_FATAL, mbedtls_ssl_context, mbedtls_ssl_transform};

use crate::{alerts, allocation, client_chain, send_buffer};

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

/// A step of a handshake is being computed; the steps of two handshakes never mix.
static RUNNING: AtomicBool = AtomicBool::new(false);

/// Whether a step of a handshake is being computed.
pub(crate) fn is_running() -> bool {
    RUNNING.load(Relaxed)
}

/// A handshake that gives back what only it needs when it is done: its 6 KB, the client's certificate, and most of the send
/// buffer. Mbed TLS 3.6 gives back the 6 KB itself in TLS 1.2, and keeps them until the session ends in TLS 1.3, where
/// nothing reads them any more. One that fails for want of memory says so.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_mbedtls_ssl_handshake(ssl: *mut mbedtls_ssl_context) -> c_int {
    // SAFETY: the caller's argument, passed on. Status 0 means that the handshake is over, with its own state out of
    // use as it is after one of TLS 1.2; the function is the one that Mbed TLS calls there.
    unsafe {
        allocation::begin_step();
        alerts::begin_step();
        RUNNING.store(true, Relaxed);
        let status = __real_mbedtls_ssl_handshake(ssl);
        RUNNING.store(false, Relaxed);
        if status == 0 {
            if !(*ssl).private_handshake.is_null() {
                mbedtls_ssl_handshake_wrapup_free_hs_transform(ssl);
            }
            client_chain::drop_certificate((*ssl).private_session);
            send_buffer::shrink(ssl);
        }
        let status = allocation::true_status(ssl, status);
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
            alerts::sent();
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
        let is_fatal = u32::from(level) == MBEDTLS_SSL_ALERT_LEVEL_FATAL;
        let description = if is_fatal { allocation::true_alert(description) } else { description };
        if is_fatal {
            alerts::sent();
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
    // SAFETY: by this function's contract. These keys exist from the server's Finished on, and in TLS 1.3 only; once they
    // are in use, their record counter must not begin anew.
    unsafe {
        let keys = (*ssl).private_transform_application;
        if !keys.is_null() && (*ssl).private_transform_out != keys {
            mbedtls_ssl_set_outbound_transform(ssl, keys);
        }
    }
}
