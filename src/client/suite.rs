//! A cipher suite taken apart into what the book's chapter calls its parts.

use serde::Serialize;

use crate::tls::Suite;

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
    /// What of it is broken today, e.g. `RC4`; empty when nothing is.
    pub broken: Vec<&'static str>,
}

impl CipherSuite {
    /// A suite without the handshake around it: in TLS 1.3, key exchange and authentication are then open.
    #[must_use]
    pub fn of(suite: Suite) -> Self {
        let whole = Self::new(&suite.name(), suite.0, "");
        if suite.is_tls13() {
            return Self { authentication: "by certificate".to_owned(), ..whole };
        }
        whole
    }

    /// Takes a suite apart by its IANA name. `scheme`, the name of the server's signature scheme, tells the
    /// authentication where the suite does not.
    #[must_use]
    pub fn new(name: &str, id: u16, scheme: &str) -> Self {
        let body = name.strip_prefix("TLS_").unwrap_or(name);
        let (agreement, rest) = body.split_once("_WITH_").unwrap_or(("ECDHE", body));
        let (key_exchange, authentication) = parties(agreement, scheme);
        let (cipher, hash) = cipher_and_hash(rest);
        Self {
            name: name.to_owned(),
            id: format!("0x{id:04x}"),
            key_exchange,
            authentication,
            cipher: cipher.replace('_', "-"),
            hash: hash.to_owned(),
            broken: broken(agreement, rest),
        }
    }
}

/// Key exchange and authentication: with static RSA one key does both.
fn parties(agreement: &str, scheme: &str) -> (String, String) {
    let (agreement, export) = match agreement.strip_suffix("_EXPORT") {
        Some(agreement) => (agreement, " (export)"),
        None => (agreement, ""),
    };
    let (key_exchange, authentication) = match agreement.split_once('_') {
        Some((key_exchange, "anon")) => (key_exchange, "none"),
        Some((key_exchange, authentication)) => (key_exchange, authentication),
        None if agreement == "RSA" => ("RSA", "RSA"),
        None => (agreement, authentication_of(scheme)),
    };
    (format!("{key_exchange}{export}"), authentication.to_owned())
}

/// The last word is the hash, but for the CCM suites of RFC 6655, which leave it out: it is SHA-256.
fn cipher_and_hash(rest: &str) -> (&str, &'static str) {
    let named = [
        ("_SHA256", "SHA-256"),
        ("_SHA384", "SHA-384"),
        ("_SHA512", "SHA-512"),
        ("_SHA", "SHA-1"),
        ("_MD5", "MD5"),
    ];
    let found = named.iter().find_map(|(suffix, hash)| Some((rest.strip_suffix(suffix)?, *hash)));
    found.unwrap_or((rest, "SHA-256"))
}

/// What the book's chapter lists and nobody should use any more.
fn broken(agreement: &str, rest: &str) -> Vec<&'static str> {
    let marks = [
        (agreement.contains("EXPORT"), "EXPORT: keys of 40 bits"),
        (agreement.contains("anon"), "no authentication"),
        (agreement.starts_with("RSA"), "static RSA: no forward secrecy"),
        (rest.starts_with("NULL"), "NULL: no encryption"),
        (rest.starts_with("RC4"), "RC4"),
        (rest.starts_with("RC2"), "RC2"),
        (rest.starts_with("DES"), "DES"),
        (rest.starts_with("3DES"), "3DES: blocks of 64 bits"),
        (rest.starts_with("IDEA"), "IDEA: blocks of 64 bits"),
        (rest.ends_with("_MD5"), "MD5"),
    ];
    marks.iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| *mark).collect()
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
    fn what_is_broken_is_marked() {
        assert_eq!(parts("TLS_RSA_WITH_AES_128_CCM", ""), "RSA / RSA / AES-128-CCM / SHA-256");
        assert_eq!(parts("TLS_DH_anon_EXPORT_WITH_RC4_40_MD5", ""), "DH (export) / none / RC4-40 / MD5");
        let broken = |name| CipherSuite::new(name, 0, "").broken;
        assert_eq!(broken("TLS_RSA_EXPORT_WITH_RC4_40_MD5").len(), 4);
        assert_eq!(broken("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"), ["3DES: blocks of 64 bits"]);
        assert!(broken("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256").is_empty());
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
