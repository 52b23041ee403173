//! Alerts, and what each one says about the two sides (RFC 8446, section 6; RFC 5246, section 7.2).

use self::AlertClass as C;
use super::{AlertDescription, AlertDescription as D, AlertLevel, DecodeError, Reader};

/// An alert as it travels in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertMessage {
    /// Warning or fatal; TLS 1.3 ignores it.
    pub level: AlertLevel,
    /// What it says.
    pub description: AlertDescription,
}

impl AlertMessage {
    /// A warning.
    #[must_use]
    pub fn warning(description: AlertDescription) -> Self {
        Self { level: AlertLevel::WARNING, description }
    }

    /// Reads one alert with nothing behind it.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are not two.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes, "Alert");
        let alert = Self { level: AlertLevel(reader.u8()?), description: AlertDescription(reader.u8()?) };
        reader.end()?;
        Ok(alert)
    }

    /// The two bytes.
    #[must_use]
    pub fn encode(self) -> [u8; 2] {
        [self.level.0, self.description.0]
    }
}

/// What an alert says about the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlertClass {
    /// The peer follows the protocol and can't or won't serve this client.
    Refusal,
    /// The peer refuses for want of a client certificate.
    WantsClientCertificate,
    /// The peer says that something in it failed: on a small device, most often memory.
    Failure,
    /// The peer says that we broke the protocol.
    ProtocolError,
}

impl AlertDescription {
    /// The name in the standards, e.g. `handshake_failure`; `unknown` where there is none.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.known_name().unwrap_or("unknown")
    }

    /// The alert of that name in the standards.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::KNOWN.iter().copied().find(|known| known.known_name() == Some(name))
    }

    /// What it means in plain words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.entry().map_or("an alert that no standard describes", |(_, _, meaning)| meaning)
    }

    /// What it says about the two sides.
    #[must_use]
    pub fn class(self) -> AlertClass {
        self.entry().map_or(AlertClass::ProtocolError, |(_, class, _)| *class)
    }

    fn entry(self) -> Option<&'static Entry> {
        ALERTS.iter().find(|(description, ..)| *description == self)
    }
}

impl From<rustls::AlertDescription> for AlertDescription {
    fn from(description: rustls::AlertDescription) -> Self {
        Self(description.into())
    }
}

type Entry = (AlertDescription, AlertClass, &'static str);

const ALERTS: &[Entry] = &[
    (D::CLOSE_NOTIFY, C::Failure, "it ended the connection"),
    (D::UNEXPECTED_MESSAGE, C::ProtocolError, "a message came that it did not expect"),
    (D::BAD_RECORD_MAC, C::ProtocolError, "a record did not decrypt"),
    (D::RECORD_OVERFLOW, C::ProtocolError, "a record was too large for it"),
    (D::HANDSHAKE_FAILURE, C::Refusal, "nothing that was offered suits it"),
    (D::BAD_CERTIFICATE, C::WantsClientCertificate, "it does not accept our certificate"),
    (D::UNSUPPORTED_CERTIFICATE, C::WantsClientCertificate, "it does not accept our certificate's kind"),
    (D::CERTIFICATE_REVOKED, C::WantsClientCertificate, "it says that our certificate is revoked"),
    (D::CERTIFICATE_EXPIRED, C::WantsClientCertificate, "by its clock our certificate has expired"),
    (D::CERTIFICATE_UNKNOWN, C::WantsClientCertificate, "it does not accept our certificate"),
    (D::ILLEGAL_PARAMETER, C::ProtocolError, "a field of a message was wrong or contradicted another"),
    (D::UNKNOWN_CA, C::WantsClientCertificate, "it does not know who issued our certificate"),
    (D::ACCESS_DENIED, C::Refusal, "it does not let us in"),
    (D::DECODE_ERROR, C::ProtocolError, "it could not read a message"),
    (D::DECRYPT_ERROR, C::ProtocolError, "a signature or a Finished message did not verify"),
    (D::PROTOCOL_VERSION, C::Refusal, "it speaks none of the versions that were offered"),
    (D::INSUFFICIENT_SECURITY, C::Refusal, "it wants stronger algorithms than were offered"),
    (D::INTERNAL_ERROR, C::Failure, "something in it failed, often for want of memory"),
    (D::INAPPROPRIATE_FALLBACK, C::ProtocolError, "it could speak a newer version"),
    (D::USER_CANCELED, C::Failure, "it gave the handshake up"),
    (D::NO_RENEGOTIATION, C::Refusal, "it does not renegotiate"),
    (D::MISSING_EXTENSION, C::ProtocolError, "an extension that it needs was missing"),
    (D::UNSUPPORTED_EXTENSION, C::ProtocolError, "an extension came that it did not ask for"),
    (D::UNRECOGNIZED_NAME, C::Refusal, "it serves no host of that name"),
    (D::UNKNOWN_PSK_IDENTITY, C::Refusal, "it wants a pre-shared key"),
    (D::CERTIFICATE_REQUIRED, C::WantsClientCertificate, "it wants a client certificate"),
    (D::NO_APPLICATION_PROTOCOL, C::Refusal, "it speaks none of the protocols offered by ALPN"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_the_names_of_the_standards() {
        let alert = AlertDescription::from(rustls::AlertDescription::HandshakeFailure);
        assert_eq!((alert.0, alert.name(), alert.class()), (40, "handshake_failure", AlertClass::Refusal));
        assert_eq!(AlertDescription(200).name(), "unknown");
        assert_eq!(AlertDescription::named("handshake_failure"), Some(alert));
    }

    #[test]
    fn each_alert_is_listed_once_in_order() {
        assert!(ALERTS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
