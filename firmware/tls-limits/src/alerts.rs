//! Alerts for handshakes that Mbed TLS ends without one (RFC 8446 section 6.2): a client that sees a connection closed can't tell what
//! it did wrong from a device that is busy.

use core::ffi::c_int;

use mbedtls_rs_sys::{
    MBEDTLS_ERR_ECP_BAD_INPUT_DATA, MBEDTLS_ERR_ECP_INVALID_KEY, MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION,
    MBEDTLS_ERR_SSL_CONN_EOF, MBEDTLS_ERR_SSL_DECODE_ERROR, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE,
    MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE, MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER, MBEDTLS_ERR_SSL_INVALID_RECORD,
    MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY,
    MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, MBEDTLS_ERR_SSL_WANT_READ, MBEDTLS_ERR_SSL_WANT_WRITE,
    MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR,
    MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE, MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER,
    MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION,
    MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE, MBEDTLS_SSL_MSG_ALERT, mbedtls_ssl_context,
    mbedtls_ssl_send_alert_message,
};

/// Sends the alert for the status with which a handshake ended, if none was sent. Only while records are not encrypted, where the last
/// record that was sent can be looked at; afterwards Mbed TLS sends its own for what goes wrong with a record.
///
/// # Safety
/// `ssl` is set up, and `status` is what its handshake returned.
pub(crate) unsafe fn send_what_is_owed(ssl: *mut mbedtls_ssl_context, status: c_int) {
    let Some(description) = owed(status) else { return };
    // SAFETY: by this function's contract. The buffer that the last record was written to is there as long as `ssl` is.
    unsafe {
        let is_plain = (*ssl).private_transform_out.is_null();
        let was_sent = (*ssl).private_out_msgtype == MBEDTLS_SSL_MSG_ALERT as c_int;
        if is_plain && !was_sent {
            // It goes out if it can: the connection ends either way.
            let _ =
                mbedtls_ssl_send_alert_message(ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL as u8, description as u8);
        }
    }
}

/// What the client is told; `None` when the handshake has not ended, or the client is gone.
fn owed(status: c_int) -> Option<u32> {
    match status {
        MBEDTLS_ERR_SSL_WANT_READ
        | MBEDTLS_ERR_SSL_WANT_WRITE
        | MBEDTLS_ERR_SSL_CONN_EOF
        | MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY
        | MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE => None,
        NETWORK_ERRORS_END.. => None,
        MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE => Some(MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE),
        MBEDTLS_ERR_SSL_DECODE_ERROR | MBEDTLS_ERR_SSL_INVALID_RECORD => {
            Some(MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR)
        }
        MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER | MBEDTLS_ERR_ECP_BAD_INPUT_DATA | MBEDTLS_ERR_ECP_INVALID_KEY => {
            Some(MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER)
        }
        // A TLS 1.2 client without a certificate: RFC 5246 section 7.4.6. In TLS 1.3 Mbed TLS sends certificate_required itself.
        MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE | MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE => {
            Some(MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE)
        }
        MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION => Some(MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION),
        _ => Some(MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR),
    }
}

/// 0 and above is no error, and what is above this number is one of the network (`net_sockets.h`) or of a single module of cryptography,
/// which Mbed TLS never returns by itself from a handshake.
const NETWORK_ERRORS_END: c_int = -0x00FF;
