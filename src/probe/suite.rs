//! A cipher suite taken apart into what the book's chapter calls its parts.

use serde::Serialize;

/// A cipher suite and its parts. In TLS 1.3 a suite names only the cipher and the hash (RFC 8446, appendix B.4); key
/// exchange and authentication then come from the named group and the server's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CipherSuite {
    /// IANA's name, e.g. `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`.
    pub name: String,
    /// The two bytes on the wire, e.g. `0xc02f`.
    pub id: String,
    /// How the keys are agreed on, e.g. `ECDHE`.
    pub key_exchange: String,
    /// How the server proves who it is: `RSA`, `ECDSA` or `EdDSA`.
    pub authentication: String,
    /// What encrypts, e.g. `AES-128-GCM`.
    pub cipher: String,
    /// The hash of the key derivation, e.g. `SHA-256`.
    pub hash: String,
}

impl CipherSuite {
    /// Takes a suite apart by its IANA name. `scheme`, the name of the server's signature scheme, tells the
    /// authentication where the suite does not.
    #[must_use]
    pub fn new(name: &str, id: u16, scheme: &str) -> Self {
        let body = name.strip_prefix("TLS_").unwrap_or(name);
        let (agreement, rest) = body.split_once("_WITH_").unwrap_or(("ECDHE", body));
        let (key_exchange, authentication) = match agreement.split_once('_') {
            Some((key_exchange, authentication)) => (key_exchange, authentication),
            None => (agreement, authentication_of(scheme)),
        };
        let (cipher, hash) = rest.rsplit_once('_').unwrap_or((rest, ""));
        Self {
            name: name.to_owned(),
            id: format!("0x{id:04x}"),
            key_exchange: key_exchange.to_owned(),
            authentication: authentication.to_owned(),
            cipher: cipher.replace('_', "-"),
            hash: hash.replacen("SHA", "SHA-", 1),
        }
    }
}

fn authentication_of(scheme: &str) -> &'static str {
    match scheme.split('_').next() {
        Some("rsa") => "RSA",
        Some("ecdsa") => "ECDSA",
        Some("ed25519" | "ed448") => "EdDSA",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(name: &str, scheme: &str) -> String {
        let suite = CipherSuite::new(name, 0xc02f, scheme);
        format!("{} / {} / {} / {}", suite.key_exchange, suite.authentication, suite.cipher, suite.hash)
    }

    #[test]
    fn a_tls_1_2_suite_names_all_its_parts() {
        let suite = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
        assert_eq!(parts(suite, "rsa_pkcs1_sha256"), "ECDHE / RSA / AES-128-GCM / SHA-256");
        let suite = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
        assert_eq!(parts(suite, "ecdsa_secp256r1_sha256"), "ECDHE / ECDSA / CHACHA20-POLY1305 / SHA-256");
    }

    #[test]
    fn in_tls_1_3_the_signature_tells_the_authentication() {
        assert_eq!(
            parts("TLS_AES_256_GCM_SHA384", "rsa_pss_rsae_sha256"),
            "ECDHE / RSA / AES-256-GCM / SHA-384"
        );
        assert_eq!(parts("TLS_AES_128_GCM_SHA256", "ed25519"), "ECDHE / EdDSA / AES-128-GCM / SHA-256");
    }
}
