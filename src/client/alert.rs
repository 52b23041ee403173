//! TLS alerts by name, and what each one says about the two sides (RFC 8446, section 6; RFC 5246, section 7.2).

use crate::tls::AlertDescription;

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
        AlertDescription(self.code).known_name().unwrap_or("unknown")
    }

    /// The alert of that name in the standards.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let known = AlertDescription::KNOWN.iter().find(|known| known.known_name() == Some(name));
        known.map(|known| Self { code: known.0 })
    }

    /// What it means in plain words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.entry().map_or("an alert that no standard describes", |(_, _, meaning)| meaning)
    }

    /// What it says about the two sides.
    #[must_use]
    pub fn class(self) -> AlertClass {
        self.entry().map_or(AlertClass::Complaint, |(_, class, _)| *class)
    }

    fn entry(self) -> Option<&'static Entry> {
        ALERTS.iter().find(|(code, ..)| *code == self.code)
    }
}

impl From<rustls::AlertDescription> for Alert {
    fn from(description: rustls::AlertDescription) -> Self {
        Self { code: description.into() }
    }
}

type Entry = (u8, AlertClass, &'static str);

const ALERTS: &[Entry] = &[
    (0, AlertClass::OutOfOrder, "it ended the connection"),
    (10, AlertClass::Complaint, "a message came that it did not expect"),
    (20, AlertClass::Complaint, "a record did not decrypt"),
    (22, AlertClass::Complaint, "a record was too large for it"),
    (40, AlertClass::Refusal, "nothing that was offered suits it"),
    (42, AlertClass::WantsClientCertificate, "it does not accept our certificate"),
    (43, AlertClass::WantsClientCertificate, "it does not accept our certificate's kind"),
    (44, AlertClass::WantsClientCertificate, "it says that our certificate is revoked"),
    (45, AlertClass::WantsClientCertificate, "by its clock our certificate has expired"),
    (46, AlertClass::WantsClientCertificate, "it does not accept our certificate"),
    (47, AlertClass::Complaint, "a field of a message was wrong or contradicted another"),
    (48, AlertClass::WantsClientCertificate, "it does not know who issued our certificate"),
    (49, AlertClass::Refusal, "it does not let us in"),
    (50, AlertClass::Complaint, "it could not read a message"),
    (51, AlertClass::Complaint, "a signature or a Finished message did not verify"),
    (70, AlertClass::Refusal, "it speaks none of the versions that were offered"),
    (71, AlertClass::Refusal, "it wants stronger algorithms than were offered"),
    (80, AlertClass::OutOfOrder, "something in it failed, often for want of memory"),
    (86, AlertClass::Complaint, "it could speak a newer version"),
    (90, AlertClass::OutOfOrder, "it gave the handshake up"),
    (100, AlertClass::Refusal, "it does not renegotiate"),
    (109, AlertClass::Complaint, "an extension that it needs was missing"),
    (110, AlertClass::Complaint, "an extension came that it did not ask for"),
    (112, AlertClass::Refusal, "it serves no host of that name"),
    (115, AlertClass::Refusal, "it wants a pre-shared key"),
    (116, AlertClass::WantsClientCertificate, "it wants a client certificate"),
    (120, AlertClass::Refusal, "it speaks none of the protocols offered by ALPN"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_names_of_the_standards() {
        let alert = Alert::from(rustls::AlertDescription::HandshakeFailure);
        assert_eq!((alert.code, alert.name(), alert.class()), (40, "handshake_failure", AlertClass::Refusal));
        assert_eq!(Alert { code: 200 }.name(), "unknown");
    }

    #[test]
    fn each_code_is_listed_once_in_order() {
        assert!(ALERTS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
