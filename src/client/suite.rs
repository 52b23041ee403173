//! A cipher suite as a handshake used it, taken apart into what the book's chapter calls its parts.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::tls::{
    SignatureScheme, Suite, SuiteParts,
    suite::{Authentication, Weakness},
};

/// A cipher suite and its parts. In TLS 1.3 a suite names only the cipher and the hash (RFC 8446, appendix B.4); key
/// exchange and authentication then come from the named group and the server's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CipherSuite {
    /// The suite.
    pub suite: Suite,
    scheme: Option<SignatureScheme>,
    signed: Signed,
}

/// Whether a signature was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signed {
    /// A handshake was completed with the suite.
    InHandshake,
    /// The suite was chosen, and no handshake completed.
    Unseen,
}

impl CipherSuite {
    /// A suite without the handshake around it: in TLS 1.3, key exchange and authentication are then open.
    #[must_use]
    pub fn chosen(suite: Suite) -> Self {
        Self { suite, scheme: None, signed: Signed::Unseen }
    }

    /// The suite of a handshake. `scheme`, the server's signature scheme, tells the authentication where the suite does
    /// not.
    #[must_use]
    pub fn of_handshake(suite: Suite, scheme: Option<SignatureScheme>) -> Self {
        Self { suite, scheme, signed: Signed::InHandshake }
    }

    /// How the keys are agreed on, e.g. `ECDHE`.
    #[must_use]
    pub fn key_exchange(&self) -> String {
        self.part(|parts| {
            let export = if parts.is_export() { " (export)" } else { "" };
            format!("{}{export}", parts.key_exchange)
        })
    }

    /// How the server proves who it is: `RSA`, `ECDSA` or `EdDSA`.
    #[must_use]
    pub fn authentication(&self) -> String {
        self.part(|parts| match (parts.authentication, self.signed, self.scheme) {
            (Authentication::Certificate, Signed::InHandshake, Some(scheme)) => scheme
                .algorithm()
                .map_or_else(unknown, |algorithm| Authentication::from(algorithm).to_string()),
            (Authentication::Certificate, Signed::InHandshake, None) => unknown(),
            (authentication, ..) => authentication.to_string(),
        })
    }

    /// What encrypts, e.g. `AES-128-GCM`.
    #[must_use]
    pub fn cipher(&self) -> String {
        self.part(|parts| parts.cipher.to_string())
    }

    /// The hash of the key derivation, e.g. `SHA-256`.
    #[must_use]
    pub fn hash(&self) -> String {
        self.part(|parts| parts.hash.to_string())
    }

    /// What of it is broken today, e.g. `RC4`; empty when nothing is.
    #[must_use]
    pub fn broken(&self) -> Vec<Weakness> {
        self.suite.parts().map_or_else(Vec::new, SuiteParts::weaknesses)
    }

    /// The two bytes on the wire, e.g. `0xc02f`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("0x{:04x}", self.suite.0)
    }

    fn part(&self, of: impl FnOnce(&SuiteParts) -> String) -> String {
        self.suite.parts().map_or_else(unknown, of)
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

impl fmt::Display for CipherSuite {
    /// IANA's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.suite.fmt(f)
    }
}

impl Serialize for CipherSuite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let broken: Vec<_> = self.broken().iter().map(ToString::to_string).collect();
        let mut parts = serializer.serialize_struct("CipherSuite", 7)?;
        parts.serialize_field("name", &self.suite)?;
        parts.serialize_field("id", &self.id())?;
        parts.serialize_field("key_exchange", &self.key_exchange())?;
        parts.serialize_field("authentication", &self.authentication())?;
        parts.serialize_field("cipher", &self.cipher())?;
        parts.serialize_field("hash", &self.hash())?;
        parts.serialize_field("broken", &broken)?;
        parts.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(suite: CipherSuite) -> String {
        format!(
            "{} / {} / {} / {}",
            suite.key_exchange(),
            suite.authentication(),
            suite.cipher(),
            suite.hash()
        )
    }

    fn of_handshake(number: u16, scheme: SignatureScheme) -> String {
        parts(CipherSuite::of_handshake(Suite(number), Some(scheme)))
    }

    #[test]
    fn a_tls_1_2_suite_names_all_its_parts() {
        assert_eq!(
            of_handshake(0xc02f, SignatureScheme::RSA_PKCS1_SHA256),
            "ECDHE / RSA / AES-128-GCM / SHA-256"
        );
        assert_eq!(
            of_handshake(0xcca9, SignatureScheme::ECDSA_SECP256R1_SHA256),
            "ECDHE / ECDSA / CHACHA20-POLY1305 / SHA-256"
        );
        assert_eq!(parts(CipherSuite::chosen(Suite(0xc09c))), "RSA / RSA / AES-128-CCM / SHA-256");
        assert_eq!(parts(CipherSuite::chosen(Suite(0x0017))), "DH (export) / none / RC4-40 / MD5");
    }

    #[test]
    fn in_tls_1_3_the_signature_tells_the_authentication() {
        assert_eq!(
            of_handshake(0x1302, SignatureScheme::RSA_PSS_RSAE_SHA256),
            "ECDHE / RSA / AES-256-GCM / SHA-384"
        );
        assert_eq!(of_handshake(0x1301, SignatureScheme::ED25519), "ECDHE / EdDSA / AES-128-GCM / SHA-256");
        let chosen = CipherSuite::chosen(Suite(0x1301));
        assert_eq!(parts(chosen), "ECDHE / by certificate / AES-128-GCM / SHA-256");
    }

    #[test]
    fn json_has_all_parts_as_text() {
        insta::assert_snapshot!(
            serde_json::to_string(&CipherSuite::chosen(Suite(0x0005))).unwrap(),
            @r#"{"name":"TLS_RSA_WITH_RC4_128_SHA","id":"0x0005","key_exchange":"RSA","authentication":"RSA","cipher":"RC4-128","hash":"SHA-1","broken":["static RSA: no forward secrecy","RC4"]}"#
        );
        insta::assert_snapshot!(
            serde_json::to_string(&CipherSuite::chosen(Suite(0x2a2a))).unwrap(),
            @r#"{"name":"0x2a2a","id":"0x2a2a","key_exchange":"unknown","authentication":"unknown","cipher":"unknown","hash":"unknown","broken":[]}"#
        );
    }
}
