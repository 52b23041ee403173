//! Alerts for connections that Mbed TLS ends without one (RFC 8446 section 6.2): a client that sees a connection closed can't tell what
//! it did wrong from a device that is busy.

use core::ffi::c_int;
use core::slice;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use mbedtls_rs_sys::{
    MBEDTLS_ERR_ECP_BAD_INPUT_DATA, MBEDTLS_ERR_ECP_INVALID_KEY, MBEDTLS_ERR_SSL_BAD_INPUT_DATA,
    MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION, MBEDTLS_ERR_SSL_CONN_EOF, MBEDTLS_ERR_SSL_DECODE_ERROR,
    MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE,
    MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER, MBEDTLS_ERR_SSL_INVALID_MAC, MBEDTLS_ERR_SSL_INVALID_RECORD,
    MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY,
    MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, MBEDTLS_ERR_SSL_WANT_READ, MBEDTLS_ERR_SSL_WANT_WRITE,
    MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR,
    MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE, MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER,
    MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION,
    MBEDTLS_SSL_ALERT_MSG_RECORD_OVERFLOW, MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE, MBEDTLS_SSL_MSG_ALERT,
    mbedtls_ssl_context, mbedtls_ssl_send_alert_message,
};

/// A fatal alert was sent in this step. Those that one module of Mbed TLS sends by itself (`ssl_msg.c`) are not seen from here.
static SENT: AtomicBool = AtomicBool::new(false);

/// A step of a handshake, or of reading, begins; the steps of two sessions never mix.
pub(crate) fn begin_step() {
    SENT.store(false, Relaxed);
}

/// A fatal alert is being sent.
pub(crate) fn sent() {
    SENT.store(true, Relaxed);
}

/// Sends the alert for the status with which a step ended, if none was sent.
///
/// # Safety
/// `ssl` is set up, and `status` is what a step of its handshake, or of reading, returned.
pub(crate) unsafe fn send_what_is_owed(ssl: *mut mbedtls_ssl_context, status: c_int) {
    // SAFETY: by this function's contract.
    let Some(description) = (unsafe { owed(ssl, status) }) else { return };
    // SAFETY: by this function's contract. The buffer that the last record was written to is there as long as `ssl` is.
    unsafe {
        // What `ssl_msg.c` sends: `unexpected_message` in place of a change_cipher_spec, before records are encrypted, when the last record
        // that was sent can be looked at; and `bad_record_mac` afterwards.
        let was_sent_inside = if (*ssl).private_transform_out.is_null() {
            (*ssl).private_out_msgtype == MBEDTLS_SSL_MSG_ALERT as c_int
        } else {
            status == MBEDTLS_ERR_SSL_INVALID_MAC
        };
        if !SENT.load(Relaxed) && !was_sent_inside {
            // It goes out if it can: the connection ends either way.
            let _ =
                mbedtls_ssl_send_alert_message(ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL as u8, description as u8);
        }
    }
}

/// What the client is told; `None` when nothing has ended, or the client is gone.
///
/// # Safety
/// As for [`send_what_is_owed`].
unsafe fn owed(ssl: *const mbedtls_ssl_context, status: c_int) -> Option<u32> {
    match status {
        MBEDTLS_ERR_SSL_WANT_READ
        | MBEDTLS_ERR_SSL_WANT_WRITE
        | MBEDTLS_ERR_SSL_CONN_EOF
        | MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY
        | MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE => None,
        NETWORK_ERRORS_END.. => None,
        MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE => Some(MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE),
        MBEDTLS_ERR_SSL_DECODE_ERROR => Some(MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR),
        // SAFETY: by this function's contract.
        MBEDTLS_ERR_SSL_INVALID_RECORD => Some(unsafe { of_record(ssl) }),
        // What is longer than the buffer is bad input of the function that fetches it.
        // SAFETY: by this function's contract.
        MBEDTLS_ERR_SSL_BAD_INPUT_DATA if unsafe { is_too_long(ssl) } => {
            Some(MBEDTLS_SSL_ALERT_MSG_RECORD_OVERFLOW)
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

/// A record that is too long, or of a type that is unknown, or not what this type may be (RFC 8446 sections 5 to 5.4: an empty
/// alert, a change_cipher_spec of another length, no type at all).
///
/// # Safety
/// As for [`send_what_is_owed`], with a record that was refused.
unsafe fn of_record(ssl: *const mbedtls_ssl_context) -> u32 {
    // SAFETY: by this function's contract.
    if unsafe { is_too_long(ssl) } {
        MBEDTLS_SSL_ALERT_MSG_RECORD_OVERFLOW
    } else {
        MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE
    }
}

/// Whether the record that was refused says that it is longer than one may be.
///
/// # Safety
/// As for [`of_record`].
unsafe fn is_too_long(ssl: *const mbedtls_ssl_context) -> bool {
    // SAFETY: by this function's contract; the header of the record is at `in_hdr`.
    let header = unsafe { slice::from_raw_parts((*ssl).private_in_hdr, RECORD_HEADER_BYTES) };
    matches!(header, [.., high, low] if u16::from_be_bytes([*high, *low]) > RECORD_BYTES)
}

/// Type, version and length (RFC 8446 section 5.1).
const RECORD_HEADER_BYTES: usize = 5;

/// The most that a record that is not encrypted may have. One that is may have more; it is refused for its length beyond that only.
const RECORD_BYTES: u16 = 1 << 14;

/// 0 and above is no error, and what is above this number is one of the network (`net_sockets.h`) or of a single module of cryptography,
/// which Mbed TLS never returns by itself from a handshake.
const NETWORK_ERRORS_END: c_int = -0x00FF;
