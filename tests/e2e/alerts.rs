//! The alerts of the board for what Mbed TLS ends without one, in a handshake of TLS 1.3 and behind it.

use rustls::{AlertDescription, Error};

use crate::board::{Board, raw};

/// A change_cipher_spec of two bytes, and a record that is longer than any may be: neither is encrypted, so this needs no keys. The
/// client decrypts what the board says to it, which it could not if the board said it with other keys than the client expects.
#[tokio::test]
async fn a_record_that_may_not_be_is_answered_with_its_alert_in_a_handshake_and_behind_it() {
    let Some(board) = Board::new(&[]) else { return };
    let records: [(&[u8], _); 2] = [
        (&[20, 3, 3, 0, 2, 1, 1], AlertDescription::UnexpectedMessage),
        (&[23, 3, 3, 0xff, 0xff], AlertDescription::RecordOverflow),
    ];
    for (record, alert) in records {
        let expected = Err(Error::AlertReceived(alert));
        assert_eq!(raw::record_in_handshake(&board, record).await, expected, "in the handshake");
        assert_eq!(raw::record_in_session(&board, record).await, expected, "behind it");
    }
}
