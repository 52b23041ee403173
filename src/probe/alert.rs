//! TLS alerts by name, and what each one says about the two sides (RFC 8446, section 6; RFC 5246, section 7.2).

use rustls::AlertDescription;

/// An alert that the peer sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// The description byte.
    pub code: u8,
}

/// What an alert says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlertClass {
    /// The peer follows the protocol and can't or won't serve this client.
    Refusal,
    /// The peer refuses for want of a client certificate.
    WantsClientCertificate,
    /// The peer says that something in it failed: on a small device, most often memory.
    OutOfOrder,
    /// The peer says that we broke the protocol.
    Complaint,
}

impl Alert {
    /// The name in the standards, e.g. `handshake_failure`; `unknown` where there is none.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().map_or("unknown", |(_, name, _, _)| name)
    }

    /// The alert of that name in the standards.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ALERTS.iter().find(|(_, known, ..)| *known == name).map(|(code, ..)| Self { code: *code })
    }

    /// What it means in plain words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.entry().map_or("an alert that no standard describes", |(_, _, _, meaning)| meaning)
    }

    /// What it says about the two sides.
    #[must_use]
    pub fn class(self) -> AlertClass {
        self.entry().map_or(AlertClass::Complaint, |(_, _, class, _)| *class)
    }

    fn entry(self) -> Option<&'static Entry> {
        ALERTS.iter().find(|(code, ..)| *code == self.code)
    }
}

impl From<AlertDescription> for Alert {
    fn from(description: AlertDescription) -> Self {
        Self { code: description.into() }
    }
}

type Entry = (u8, &'static str, AlertClass, &'static str);

const ALERTS: &[Entry] = &[
    (0, "close_notify", AlertClass::OutOfOrder, "it ended the connection"),
    (10, "unexpected_message", AlertClass::Complaint, "a message came that it did not expect"),
    (20, "bad_record_mac", AlertClass::Complaint, "a record did not decrypt"),
    (22, "record_overflow", AlertClass::Complaint, "a record was too large for it"),
    (40, "handshake_failure", AlertClass::Refusal, "nothing that was offered suits it"),
    (42, "bad_certificate", AlertClass::WantsClientCertificate, "it does not accept our certificate"),
    (
        43,
        "unsupported_certificate",
        AlertClass::WantsClientCertificate,
        "it does not accept our certificate's kind",
    ),
    (
        44,
        "certificate_revoked",
        AlertClass::WantsClientCertificate,
        "it says that our certificate is revoked",
    ),
    (
        45,
        "certificate_expired",
        AlertClass::WantsClientCertificate,
        "by its clock our certificate has expired",
    ),
    (46, "certificate_unknown", AlertClass::WantsClientCertificate, "it does not accept our certificate"),
    (
        47,
        "illegal_parameter",
        AlertClass::Complaint,
        "a field of a message was wrong or contradicted another",
    ),
    (48, "unknown_ca", AlertClass::WantsClientCertificate, "it does not know who issued our certificate"),
    (49, "access_denied", AlertClass::Refusal, "it does not let us in"),
    (50, "decode_error", AlertClass::Complaint, "it could not read a message"),
    (51, "decrypt_error", AlertClass::Complaint, "a signature or a Finished message did not verify"),
    (70, "protocol_version", AlertClass::Refusal, "it speaks none of the versions that were offered"),
    (71, "insufficient_security", AlertClass::Refusal, "it wants stronger algorithms than were offered"),
    (80, "internal_error", AlertClass::OutOfOrder, "something in it failed, often for want of memory"),
    (86, "inappropriate_fallback", AlertClass::Complaint, "it could speak a newer version"),
    (90, "user_canceled", AlertClass::OutOfOrder, "it gave the handshake up"),
    (100, "no_renegotiation", AlertClass::Refusal, "it does not renegotiate"),
    (109, "missing_extension", AlertClass::Complaint, "an extension that it needs was missing"),
    (110, "unsupported_extension", AlertClass::Complaint, "an extension came that it did not ask for"),
    (112, "unrecognized_name", AlertClass::Refusal, "it serves no host of that name"),
    (115, "unknown_psk_identity", AlertClass::Refusal, "it wants a pre-shared key"),
    (116, "certificate_required", AlertClass::WantsClientCertificate, "it wants a client certificate"),
    (120, "no_application_protocol", AlertClass::Refusal, "it speaks none of the protocols offered by ALPN"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_names_of_the_standards() {
        let alert = Alert::from(AlertDescription::HandshakeFailure);
        assert_eq!((alert.code, alert.name(), alert.class()), (40, "handshake_failure", AlertClass::Refusal));
        assert_eq!(Alert { code: 200 }.name(), "unknown");
    }

    #[test]
    fn each_code_is_listed_once_in_order() {
        assert!(ALERTS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
