//! Which kind of private key a file holds, where it can't be used: to name the kind is safe, no byte of the key is shown.

use std::fmt;

use rustls::pki_types::PrivateKeyDer;
use x509_parser::asn1_rs::{Any, Class, FromDer as _, Integer, OctetString, Oid, Sequence};

use crate::tls::Curve;

/// A kind of private key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA.
    Rsa {
        /// The size of its modulus in bits.
        bits: usize,
    },
    /// RSA that may sign by RSASSA-PSS only (RFC 4055).
    RsaPss,
    /// A key on an elliptic curve that has a name.
    Curve(&'static Curve),
    /// A key on an elliptic curve of another name, or given by its parameters.
    OtherCurve,
    /// Another algorithm that has a name.
    Algorithm(&'static str),
    /// Another algorithm: its object identifier.
    Unknown(String),
}

impl KeyKind {
    /// DSA, which has a PEM label of its own.
    pub(super) const DSA: Self = Self::Algorithm("DSA");

    /// The kind that the key says it is of; `None` where it can't be read that far.
    #[must_use]
    pub fn of(key: &PrivateKeyDer<'_>) -> Option<Self> {
        match key {
            PrivateKeyDer::Pkcs1(key) => rsa(key.secret_pkcs1_der()),
            PrivateKeyDer::Sec1(key) => sec1(key.secret_sec1_der()),
            PrivateKeyDer::Pkcs8(key) => pkcs8(key.secret_pkcs8_der()),
            _ => None,
        }
    }

    /// Whether the firmware serves with such a key.
    #[must_use]
    pub fn is_for_boards(&self) -> bool {
        match self {
            Self::Rsa { bits } => (LEAST_RSA_BITS..=MOST_RSA_BITS).contains(bits),
            Self::Curve(curve) => [Curve::P256, Curve::P384].contains(curve),
            _ => false,
        }
    }

    /// Whether our clients can show a certificate with such a key.
    #[must_use]
    pub fn is_for_clients(&self) -> bool {
        match self {
            Self::Curve(curve) if **curve == Curve::P521 => true,
            Self::Algorithm("Ed25519") => true,
            other => other.is_for_boards(),
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::RsaPss => f.write_str("RSA-PSS (an RSA key that may only sign by RSASSA-PSS)"),
            Self::Curve(curve) => write!(f, "ECDSA on {}", curve.common_name),
            Self::OtherCurve => f.write_str("ECDSA on a curve without a known name"),
            Self::Algorithm(name) => f.write_str(name),
            Self::Unknown(oid) => write!(f, "of the algorithm {oid}"),
        }
    }
}

/// RSAPrivateKey: version, modulus, .. (RFC 8017 appendix A.1.2).
fn rsa(der: &[u8]) -> Option<KeyKind> {
    let (_, key) = Sequence::from_der(der).ok()?;
    let (rest, _version) = Integer::from_der(&key.content).ok()?;
    let (_, modulus) = Integer::from_der(rest).ok()?;
    let digits: &[u8] = modulus.as_ref();
    let zeros = digits.iter().take_while(|byte| **byte == 0).count();
    let first = digits.get(zeros)?;
    Some(KeyKind::Rsa { bits: (digits.len() - zeros) * 8 - first.leading_zeros() as usize })
}

/// ECPrivateKey: version, key, [0] parameters, .. (RFC 5915 section 3).
fn sec1(der: &[u8]) -> Option<KeyKind> {
    let (_, key) = Sequence::from_der(der).ok()?;
    let (rest, _version) = Integer::from_der(&key.content).ok()?;
    let (rest, _key) = OctetString::from_der(rest).ok()?;
    let (_, tagged) = Any::from_der(rest).ok()?;
    let is_parameters = tagged.class() == Class::ContextSpecific && tagged.tag().0 == 0;
    let (_, parameters) = Any::from_der(tagged.data).ok().filter(|_| is_parameters)?;
    Some(curve(&parameters))
}

/// PrivateKeyInfo: version, algorithm, key (RFC 5208 section 5).
fn pkcs8(der: &[u8]) -> Option<KeyKind> {
    let (_, info) = Sequence::from_der(der).ok()?;
    let (rest, _version) = Integer::from_der(&info.content).ok()?;
    let (rest, algorithm) = Sequence::from_der(rest).ok()?;
    let (parameters, oid) = Oid::from_der(&algorithm.content).ok()?;
    let oid = oid.to_id_string();
    match oid.as_str() {
        RSA => {
            let (_, key) = OctetString::from_der(rest).ok()?;
            rsa(key.as_ref())
        }
        RSA_PSS => Some(KeyKind::RsaPss),
        ELLIPTIC_CURVE => Any::from_der(parameters).ok().map(|(_, parameters)| curve(&parameters)),
        _ => {
            let known = ALGORITHMS.iter().find(|(id, _)| *id == oid);
            Some(known.map_or(KeyKind::Unknown(oid), |(_, name)| KeyKind::Algorithm(name)))
        }
    }
}

/// ECParameters: the name of a curve, or its numbers (RFC 5480 section 2.1.1).
fn curve(parameters: &Any<'_>) -> KeyKind {
    let oid = parameters.as_oid().ok().map(|oid| oid.to_id_string());
    oid.and_then(|oid| Curve::of_oid(&oid)).map_or(KeyKind::OtherCurve, KeyKind::Curve)
}

/// TLS clients refuse shorter keys, and NIST SP 800-131A forbids them.
pub(crate) const LEAST_RSA_BITS: usize = 2048;
/// What aws-lc takes at most.
const MOST_RSA_BITS: usize = 8192;
const RSA: &str = "1.2.840.113549.1.1.1";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const ELLIPTIC_CURVE: &str = "1.2.840.10045.2.1";
/// RFC 8410 section 3, RFC 3279 section 2.3.
const ALGORITHMS: [(&str, &str); 6] = [
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.113549.1.3.1", "Diffie-Hellman"),
];

#[cfg(test)]
mod tests {
    use rustls::pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};

    use super::*;
    use crate::cert::{
        KeyType, PrivateKey,
        pem::{Label, Pem},
    };

    /// A SEQUENCE, an INTEGER and the like, of less than 128 bytes.
    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        [&[tag, u8::try_from(content.len()).unwrap()][..], &content].concat()
    }

    fn pkcs8(bytes: &[u8]) -> Option<KeyKind> {
        KeyKind::of(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(bytes)))
    }

    #[test]
    fn a_key_that_is_cut_off_is_of_no_kind_wherever_it_is_cut() {
        for (key_type, kind) in
            [(KeyType::P256, KeyKind::Curve(&Curve::P256)), (KeyType::Rsa2048, KeyKind::Rsa { bits: 2048 })]
        {
            let pem = PrivateKey::generate(key_type).unwrap().to_pem().unwrap();
            let key = Pem::read(pem.as_bytes()).decode(Label::is_plain_key).next().unwrap().unwrap().der;
            assert_eq!(pkcs8(&key), Some(kind));
            for length in 0..key.len() {
                assert_eq!(pkcs8(&key[..length]), None, "{length} bytes of {key_type}");
            }
        }
        let oid = der(6, &[&[0x2b, 0x81, 0x04, 0x00, 0x0a]]);
        let sec1 = der(0x30, &[&der(2, &[&[1]]), &der(4, &[&[7; 32]]), &der(0xa0, &[&oid])]);
        let kind = |bytes| KeyKind::of(&PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(bytes)));
        assert_eq!(kind(&sec1[..]).unwrap().to_string(), "ECDSA on secp256k1");
        let pkcs1 = der(0x30, &[&der(2, &[&[0]]), &der(2, &[&[0, 0x80, 1, 1]])]);
        let rsa = |bytes| KeyKind::of(&PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(bytes)));
        assert_eq!(rsa(&pkcs1[..]), Some(KeyKind::Rsa { bits: 24 }));
        for length in 0..sec1.len() {
            assert_eq!(kind(&sec1[..length]), None, "{length}");
        }
        for length in 0..pkcs1.len() {
            assert_eq!(rsa(&pkcs1[..length]), None, "{length}");
        }
    }
}
