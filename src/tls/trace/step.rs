//! The book's fifteen steps (its figure 8.15), and what is left of them in TLS 1.3.

use super::Difference;
use crate::tls::{
    AlertDescription, HandshakeMessage, HandshakeType, ProtocolVersion, ServerHello, keys::Side,
};

/// What a message is, as far as its place in the conversation goes.
pub(super) enum Place<'a> {
    Handshake(&'a HandshakeMessage),
    ChangeCipherSpec,
    Alert(Option<AlertDescription>),
    Data,
    Other,
}

impl Place<'_> {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Handshake(message) if is_retry(message) => "HelloRetryRequest".to_owned(),
            Self::Handshake(message) => message.kind.to_string(),
            Self::ChangeCipherSpec => "change_cipher_spec".to_owned(),
            Self::Alert(_) => "alert".to_owned(),
            Self::Data => "application_data".to_owned(),
            Self::Other => "unknown".to_owned(),
        }
    }
}

/// The step of a message, and what it means.
pub(super) fn step(
    side: Side,
    place: &Place<'_>,
    version: Option<ProtocolVersion>,
) -> (Option<u8>, &'static str) {
    let is_tls13 = version == Some(ProtocolVersion::TLS_1_3);
    match (place, side) {
        (Place::Handshake(message), side) => handshake(message, side, is_tls13),
        (Place::ChangeCipherSpec, _) if is_tls13 => {
            (None, "for middleboxes only: TLS 1.3 changes keys without a message")
        }
        (Place::ChangeCipherSpec, Side::Client) => (Some(10), "Change Cipher Spec"),
        (Place::ChangeCipherSpec, Side::Server) => (Some(12), "Change Cipher Spec"),
        (Place::Alert(Some(AlertDescription::CLOSE_NOTIFY)), _) => (Some(15), "Closed Connection"),
        (Place::Alert(_), _) => (None, "alert"),
        (Place::Data, _) => (Some(14), "Encrypted/Decrypted Data"),
        (Place::Other, _) => (None, "not of a handshake"),
    }
}

fn handshake(message: &HandshakeMessage, side: Side, is_tls13: bool) -> (Option<u8>, &'static str) {
    match (message.kind, side, is_tls13) {
        (HandshakeType::CLIENT_HELLO, ..) => (Some(1), "Client Hello"),
        (HandshakeType::SERVER_HELLO, ..) if is_retry(message) => {
            (None, "asks for another Client Hello, with a share of its group")
        }
        (HandshakeType::SERVER_HELLO, _, true) => {
            (Some(2), "Server Hello, and with its key share steps 7 and 9: both have the keys now")
        }
        (HandshakeType::SERVER_HELLO, ..) => (Some(2), "Server Hello"),
        (HandshakeType::CERTIFICATE, Side::Server, _) => (Some(3), "Send Certificate"),
        (HandshakeType::CERTIFICATE_REQUEST, ..) => (Some(4), "Request Certificate"),
        (HandshakeType::SERVER_HELLO_DONE, ..) => (Some(5), "Server Hello Done"),
        (HandshakeType::CERTIFICATE, Side::Client, _) => (Some(6), "Response Certificate"),
        (HandshakeType::CLIENT_KEY_EXCHANGE, ..) => {
            (Some(7), "Client Key Exchange; now both can make the keys, step 9: Create Secret Key")
        }
        (HandshakeType::CERTIFICATE_VERIFY, Side::Client, _) => (Some(8), "Certificate Verify"),
        (HandshakeType::FINISHED, Side::Client, _) => (Some(11), "Finished"),
        (HandshakeType::FINISHED, Side::Server, true) => {
            (Some(13), "Finished, in place of Server Hello Done")
        }
        (HandshakeType::FINISHED, Side::Server, false) => (Some(13), "Finished"),
        (HandshakeType::SERVER_KEY_EXCHANGE, ..) => {
            (None, "the server's half of step 7, signed: not in the book")
        }
        (HandshakeType::CERTIFICATE_VERIFY, Side::Server, _) => {
            (None, "proves that the server has the certificate's key: not in the book")
        }
        (HandshakeType::ENCRYPTED_EXTENSIONS, ..) => (None, "the rest of the Server Hello, encrypted"),
        (HandshakeType::NEW_SESSION_TICKET, ..) => (None, "to resume this session later"),
        (HandshakeType::KEY_UPDATE, ..) => (None, "new keys"),
        _ => (None, "not in the book"),
    }
}

/// What of the steps is different in a version.
pub(super) fn differences(version: ProtocolVersion) -> &'static [Difference] {
    if version == ProtocolVersion::TLS_1_3 { TLS13 } else { &[] }
}

fn is_retry(message: &HandshakeMessage) -> bool {
    message.kind == HandshakeType::SERVER_HELLO
        && ServerHello::decode(&message.body).is_ok_and(|hello| hello.is_retry())
}

const TLS13: &[Difference] = &[
    Difference {
        steps: "1, 2, 7, 9",
        what: "merged: both hellos carry the key shares, so the keys are there after step 2",
    },
    Difference { steps: "3, 4, 6, 8, 11, 13", what: "come encrypted" },
    Difference { steps: "5", what: "vanished: the server's Finished ends its flight" },
    Difference { steps: "10, 12", what: "vanished: change_cipher_spec, where sent, is for middleboxes only" },
    Difference { steps: "13", what: "comes before step 11: the server finishes first" },
];
