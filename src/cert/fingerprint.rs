//! SHA-256 fingerprints: of a whole certificate, and of its public key (the SPKI pin).

use std::fmt;

use aws_lc_rs::digest;
use base64ct::{Base64, Encoding as _};
use serde::{Serialize, Serializer};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

/// A SHA-256 digest that identifies a certificate or a public key.
///
/// Displayed and serialised as 64 lower-case hexadecimal digits, as in the board's ready line.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; LENGTH]);

impl Fingerprint {
    /// The fingerprint of a certificate: SHA-256 of its DER, as `openssl x509 -fingerprint -sha256` has it.
    #[must_use]
    pub fn of_certificate(der: &[u8]) -> Self {
        Self::of(der)
    }

    /// The pin of a certificate's public key: SHA-256 of its DER `SubjectPublicKeyInfo` (RFC 7469, section 2.4).
    /// It stays the same when a certificate is renewed with the same key.
    ///
    /// # Errors
    /// [`NotACertificate`] when `certificate` is not one DER certificate.
    pub fn of_public_key(certificate: &[u8]) -> Result<Self, NotACertificate> {
        match X509Certificate::from_der(certificate) {
            Ok(([], parsed)) => Ok(Self::of(parsed.tbs_certificate.subject_pki.raw)),
            _ => Err(NotACertificate),
        }
    }

    /// The fingerprint of a public key (`SubjectPublicKeyInfo` in DER).
    #[must_use]
    pub fn of_spki(spki: &[u8]) -> Self {
        Self::of(spki)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// As openssl and Firefox print it: upper case, a colon between bytes.
    #[must_use]
    pub fn with_colons(&self) -> String {
        self.0.map(|byte| format!("{byte:02X}")).join(":")
    }

    /// As `curl --pinnedpubkey` takes it: `sha256//` and the digest in base64. Only meaningful for a public key.
    #[must_use]
    pub fn as_curl_pin(&self) -> String {
        format!("sha256//{}", Base64::encode_string(&self.0))
    }

    fn of(bytes: &[u8]) -> Self {
        let mut sum = [0; LENGTH];
        sum.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(sum)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The bytes are not one DER certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an X.509 certificate")]
pub struct NotACertificate;

/// Bytes in a SHA-256 digest.
const LENGTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_sha_256_in_the_forms_that_others_print() {
        // FIPS 180-2, appendix B.1.
        let abc = Fingerprint::of_certificate(b"abc");
        assert_eq!(abc.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(abc.with_colons().starts_with("BA:78:16:BF:"), "{}", abc.with_colons());
        assert_eq!(abc.as_curl_pin(), "sha256//ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(serde_json::to_value(abc).unwrap(), abc.to_string());
    }

    #[test]
    fn garbage_has_no_public_key() {
        for bytes in [&b""[..], b"abc", &[0x30, 0x82, 0xff, 0xff]] {
            assert_eq!(Fingerprint::of_public_key(bytes), Err(NotACertificate));
        }
    }
}
