//! Whose certificate is it? A certificate's fields as data.

use std::{fmt, net::IpAddr};

use serde::{Serialize, Serializer};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use x509_parser::{
    der_parser::{Oid, asn1_rs::FromDer as _},
    extensions::GeneralName,
    objects::{oid_registry, oid2sn},
    oid_registry::OID_SIG_ED25519,
    prelude::X509Certificate,
    public_key::PublicKey,
    x509::SubjectPublicKeyInfo,
};

use crate::{cert::Fingerprint, tls::Curve};

/// What a certificate says (RFC 5280).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The subject, e.g. `CN=ESP32 HTTPS server example`.
    pub subject: String,
    /// The issuer.
    pub issuer: String,
    /// Whether the certificate is signed with its own key.
    pub self_signed: SelfSigned,
    /// The subject alternative names, e.g. `dns:esp32.local` or `ip:192.168.1.7`; clients compare nothing else.
    pub names: Vec<String>,
    /// The public key.
    pub key: PublicKeyInfo,
    /// The start of its validity, RFC 3339 in UTC.
    pub not_before: String,
    /// The end of its validity, RFC 3339 in UTC.
    pub not_after: String,
    /// Whether it is valid now, by this machine's clock.
    pub validity: Validity,
    /// Whole days until it expires; negative once it has.
    pub days_left: i64,
    /// With what it is signed, e.g. `sha256WithRSAEncryption`.
    pub signature_algorithm: String,
    /// Whether signatures of that algorithm can be forged.
    #[serde(skip)]
    pub signature_strength: SignatureStrength,
    /// The serial number in hex.
    pub serial: String,
    /// The X.509 version, 1 to 3.
    pub version: u32,
    /// Whether basic constraints say that it is a CA's.
    pub role: Role,
    /// Its size in bytes (DER).
    pub bytes: usize,
    /// SHA-256 of the certificate (DER) in hex.
    pub sha256: Fingerprint,
    /// SHA-256 of its SubjectPublicKeyInfo (DER) in hex: stays when a certificate is renewed with the same key.
    pub spki_sha256: Fingerprint,
}

/// Whether a certificate is signed with its own key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfSigned {
    /// Issuer and subject are the same, and the signature verifies with the certificate's own key.
    Yes,
    /// Another one issued it.
    No,
    /// Issuer and subject are the same, but the signature does not verify with the certificate's own key, or is of a
    /// kind that can't be verified here.
    NotVerified,
}

/// Whether the signatures of an algorithm can be forged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureStrength {
    /// They can: the hash is MD5 or SHA-1.
    Broken,
    /// Nobody is known to be able to.
    Sound,
}

/// The algorithm of a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa,
    /// A key on an elliptic curve, for ECDSA.
    Ec,
    /// Ed25519.
    Ed25519,
    /// Another one, by its OID.
    Other(String),
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "RSA",
            Self::Ec => "EC",
            Self::Ed25519 => "Ed25519",
            Self::Other(oid) => oid,
        })
    }
}

impl Serialize for KeyAlgorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A public key's kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicKeyInfo {
    /// `RSA`, `EC`, `Ed25519`, or the algorithm's OID.
    pub algorithm: KeyAlgorithm,
    /// Its size in bits; null where the algorithm is unknown.
    pub bits: Option<usize>,
    /// The curve of an EC key, e.g. `secp256r1`, or its OID.
    pub curve: Option<String>,
}

impl fmt::Display for PublicKeyInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.curve, self.bits) {
            (Some(curve), _) => write!(f, "{} on {curve}", self.algorithm),
            (None, Some(bits)) => write!(f, "{} of {bits} bits", self.algorithm),
            (None, None) => self.algorithm.fmt(f),
        }
    }
}

/// The public key of a certificate (DER).
///
/// # Errors
/// When the bytes are not one X.509 certificate.
pub fn public_key(der: &[u8]) -> Result<PublicKeyInfo, CertificateError> {
    Ok(key_info(parse(der)?.public_key()))
}

/// Whether a certificate is valid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// Now lies between its dates.
    Valid,
    /// Its end has passed.
    Expired,
    /// Its start is yet to come: of the two clocks, one is wrong.
    NotYetValid,
}

/// What a certificate may be used for, by its basic constraints (RFC 5280, section 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// CA:TRUE: it may issue others.
    Ca,
    /// An end entity's.
    EndEntity,
}

/// Bytes that are no certificate.
#[derive(Debug, thiserror::Error)]
#[error("not a certificate: {0}")]
pub struct CertificateError(String);

impl Certificate {
    /// Reads a certificate (DER) as of `now`.
    ///
    /// # Errors
    /// When the bytes are not one X.509 certificate.
    pub fn read(der: &[u8], now: OffsetDateTime) -> Result<Self, CertificateError> {
        let cert = parse(der)?;
        let dates = cert.validity();
        let not_after = dates.not_after.to_datetime();
        Ok(Self {
            subject: cert.subject().to_string(),
            issuer: cert.issuer().to_string(),
            self_signed: self_signed(&cert),
            names: names(&cert),
            key: key_info(cert.public_key()),
            not_before: rfc3339(dates.not_before.to_datetime()),
            not_after: rfc3339(not_after),
            validity: validity(dates.not_before.to_datetime(), not_after, now),
            days_left: (not_after - now).whole_seconds().div_euclid(SECONDS_A_DAY),
            signature_algorithm: algorithm_name(&cert.signature_algorithm.algorithm),
            signature_strength: strength(&cert.signature_algorithm.algorithm),
            serial: hex(cert.raw_serial()),
            version: cert.version().0.saturating_add(1),
            role: if cert.is_ca() { Role::Ca } else { Role::EndEntity },
            bytes: der.len(),
            sha256: Fingerprint::of_certificate(der),
            spki_sha256: Fingerprint::of_public_key(der)
                .map_err(|error| CertificateError(error.to_string()))?,
        })
    }
}

/// Parses one certificate (DER) with nothing behind it.
fn parse(der: &[u8]) -> Result<X509Certificate<'_>, CertificateError> {
    match X509Certificate::from_der(der) {
        Ok(([], cert)) => Ok(cert),
        Ok((rest, _)) => Err(CertificateError(format!("{} bytes follow it", rest.len()))),
        Err(error) => Err(CertificateError(error.to_string())),
    }
}

fn self_signed(cert: &X509Certificate<'_>) -> SelfSigned {
    if cert.subject().as_raw() != cert.issuer().as_raw() {
        SelfSigned::No
    } else if cert.verify_signature(None).is_ok() {
        SelfSigned::Yes
    } else {
        SelfSigned::NotVerified
    }
}

fn names(cert: &X509Certificate<'_>) -> Vec<String> {
    match cert.subject_alternative_name() {
        Ok(Some(names)) => names.value.general_names.iter().map(general_name).collect(),
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// A name with its kind in front.
pub(super) fn general_name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => format!("dns:{name}"),
        GeneralName::IPAddress(bytes) => match address_of(bytes) {
            Some(address) => format!("ip:{address}"),
            None => format!("ip:(unreadable: {})", hex(bytes)),
        },
        GeneralName::RFC822Name(address) => format!("email:{address}"),
        GeneralName::URI(uri) => format!("uri:{uri}"),
        GeneralName::DirectoryName(name) => format!("dir:{name}"),
        _ => "other".to_owned(),
    }
}

/// The address of an iPAddress name: 4 or 16 bytes (RFC 5280, section 4.2.1.6).
pub(super) fn address_of(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
    v4.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
}

/// What kind of key it is.
pub(super) fn key_info(spki: &SubjectPublicKeyInfo<'_>) -> PublicKeyInfo {
    let oid = &spki.algorithm.algorithm;
    let of = |algorithm, bits| PublicKeyInfo { algorithm, bits, curve: None };
    match spki.parsed() {
        Ok(PublicKey::RSA(rsa)) => of(KeyAlgorithm::Rsa, Some(rsa.key_size())),
        Ok(PublicKey::EC(_)) => {
            let curve = spki.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
            let curve = curve.map(|oid| curve_of(&oid));
            let bits = curve.as_ref().and_then(|(_, bits)| *bits);
            PublicKeyInfo { curve: curve.map(|(name, _)| name), ..of(KeyAlgorithm::Ec, bits) }
        }
        _ if *oid == OID_SIG_ED25519 => of(KeyAlgorithm::Ed25519, Some(ED25519_BITS)),
        _ => of(KeyAlgorithm::Other(oid.to_id_string()), None),
    }
}

/// The curve's name in the TLS registry and its size in bits (RFC 5480, section 2.1.1.1).
fn curve_of(oid: &Oid<'_>) -> (String, Option<usize>) {
    let id = oid.to_id_string();
    let known = Curve::of_oid(&id);
    known.map_or_else(|| (id.clone(), None), |curve| (curve.name.to_owned(), Some(curve.bits)))
}

fn algorithm_name(oid: &Oid<'_>) -> String {
    oid2sn(oid, oid_registry()).map_or_else(|_| oid.to_id_string(), str::to_owned)
}

fn strength(oid: &Oid<'_>) -> SignatureStrength {
    let id = oid.to_id_string();
    if FORGEABLE.contains(&id.as_str()) { SignatureStrength::Broken } else { SignatureStrength::Sound }
}

fn validity(not_before: OffsetDateTime, not_after: OffsetDateTime, now: OffsetDateTime) -> Validity {
    if now < not_before {
        Validity::NotYetValid
    } else if now > not_after {
        Validity::Expired
    } else {
        Validity::Valid
    }
}

fn rfc3339(time: OffsetDateTime) -> String {
    // Fails for years beyond 9999 only, which X.509 can't express.
    time.format(&Rfc3339).unwrap_or_else(|_| time.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;
const ED25519_BITS: usize = 256;
/// Signatures over MD5 and SHA-1: with RSA (RFC 8017, appendix C; OIW's sha1WithRSA), DSA and ECDSA (RFC 3279, section 2.2).
const FORGEABLE: &[&str] = &[
    "1.2.840.113549.1.1.4",
    "1.2.840.113549.1.1.5",
    "1.3.14.3.2.29",
    "1.2.840.10040.4.3",
    "1.2.840.10045.4.1",
];

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn certificate() -> Vec<u8> {
        let key = rcgen::KeyPair::generate().unwrap();
        let names = vec!["esp32.local".to_owned(), "192.168.1.7".to_owned(), "fe80::1".to_owned()];
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 12, 31);
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn validity_and_days_left_follow_the_clock() {
        let der = certificate();
        let at = |now| Certificate::read(&der, now).map(|it| (it.validity, it.days_left)).unwrap();
        assert_eq!(at(datetime!(2026-12-30 12:00 UTC)), (Validity::Valid, 0));
        assert_eq!(at(datetime!(2026-12-31 00:00:01 UTC)), (Validity::Expired, -1));
        assert_eq!(at(datetime!(2025-12-31 00:00 UTC)), (Validity::NotYetValid, 365));
    }

    #[test]
    fn a_names_kind_is_told_with_it() {
        let certificate = Certificate::read(&certificate(), datetime!(2026-06-01 00:00 UTC)).unwrap();
        assert_eq!(certificate.names, ["dns:esp32.local", "ip:192.168.1.7", "ip:fe80::1"]);
        assert_eq!(certificate.self_signed, SelfSigned::Yes);
    }

    #[test]
    fn no_truncation_is_a_certificate_and_no_flipped_byte_stays_unnoticed() {
        let (der, now) = (certificate(), datetime!(2026-06-01 00:00 UTC));
        let whole = Certificate::read(&der, now).unwrap();
        for length in 0..der.len() {
            assert!(Certificate::read(&der[..length], now).is_err(), "{length} bytes");
        }
        assert!(Certificate::read(&[der.as_slice(), &[0]].concat(), now).is_err(), "a byte too many");
        for index in 0..der.len() {
            let mut flipped = der.clone();
            flipped[index] ^= 0xff;
            if let Ok(read) = Certificate::read(&flipped, now) {
                assert_ne!(read.sha256, whole.sha256);
                assert_ne!(read.self_signed, SelfSigned::Yes, "byte {index}");
            }
        }
    }
}
