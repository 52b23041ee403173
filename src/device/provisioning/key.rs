//! The private key of one file.

use std::path::Path;

use aws_lc_rs::{
    encoding::{AsDer as _, EcPrivateKeyRfc5915Der, Pkcs8V1Der},
    rsa,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use rustls::pki_types::PrivateKeyDer;
use x509_parser::asn1_rs::{Any, FromDer as _, Integer, OctetString, Sequence};
use zeroize::Zeroizing;

use super::{encoding::Encoded, error::ProvisioningError};
use crate::cert::{
    LoadError, OddFile,
    key_kind::KeyKind,
    load::{self, CryptoObject, FileContent},
};

/// A private key in the form of its algorithm, which is the one that Espressif's tool writes whatever it reads:
/// PKCS#1 (RFC 8017 appendix A.1.2) for RSA, SEC 1 (RFC 5915) for ECDSA.
pub(super) struct Key {
    /// As in a certificate's BIT STRING: RSAPublicKey (RFC 3279 section 2.3.1) or ECPoint (RFC 5480 section 2.2).
    pub(super) public_key: Vec<u8>,
    pub(super) encoded: Encoded,
}

impl Key {
    /// Reads the file; what is odd about it is added to `odd`.
    pub(super) fn read(path: &Path, odd: &mut Vec<OddFile>) -> Result<Self, ProvisioningError> {
        let refused = |kind| ProvisioningError::KeyKind { path: path.to_owned(), kind };
        let decoded = |der: &PrivateKeyDer<'_>| decode(der).ok_or_else(|| refused(KeyKind::of(der)));
        let file = load::read(path)?;
        let (public_key, encoded) = match der_key(&file) {
            Some(der) => {
                let (_, public_key, der) = decoded(&der)?;
                (public_key, Encoded::Der(der))
            }
            None => {
                let key = load::private_key_in(&file, path, odd).map_err(|error| match error {
                    LoadError::Key { kind, .. } => refused(kind),
                    error => error.into(),
                })?;
                let (label, public_key, der) = decoded(key.der())?;
                (public_key, Encoded::pem(label, &[&*der])?)
            }
        };
        Ok(Self { public_key, encoded })
    }
}

/// The file as a key in DER, if it is one and not something else in DER.
fn der_key(file: &[u8]) -> Option<PrivateKeyDer<'_>> {
    let is_key = FileContent::of_der(file) == Some(FileContent::Der(CryptoObject::Key));
    PrivateKeyDer::try_from(file).ok().filter(|_| is_key)
}

/// The PEM label, the public key, and the private key in the form of its algorithm.
type Decoded = (&'static str, Vec<u8>, Zeroizing<Vec<u8>>);

fn decode(der: &PrivateKeyDer<'_>) -> Option<Decoded> {
    decode_rsa(der).or_else(|| decode_ecdsa(der))
}

fn decode_rsa(der: &PrivateKeyDer<'_>) -> Option<Decoded> {
    let pair = match der {
        PrivateKeyDer::Pkcs1(der) => rsa::KeyPair::from_der(der.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(der) => rsa::KeyPair::from_pkcs8(der.secret_pkcs8_der()),
        _ => return None,
    };
    let pair = pair.ok()?;
    let pkcs8: Pkcs8V1Der<'static> = pair.as_der().ok()?;
    Some(("RSA PRIVATE KEY", pair.public_key().as_ref().to_vec(), inner_key(pkcs8.as_ref())?))
}

fn decode_ecdsa(der: &PrivateKeyDer<'_>) -> Option<Decoded> {
    let pair =
        [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING].into_iter().find_map(|curve| {
            match der {
                PrivateKeyDer::Sec1(der) => {
                    EcdsaKeyPair::from_private_key_der(curve, der.secret_sec1_der()).ok()
                }
                PrivateKeyDer::Pkcs8(der) => EcdsaKeyPair::from_pkcs8(curve, der.secret_pkcs8_der()).ok(),
                _ => None,
            }
        })?;
    let sec1: EcPrivateKeyRfc5915Der<'static> = pair.private_key().as_der().ok()?;
    Some(("EC PRIVATE KEY", pair.public_key().as_ref().to_vec(), Zeroizing::new(sec1.as_ref().to_vec())))
}

/// The privateKey field of a PrivateKeyInfo: version, algorithm, key (RFC 5208 section 5).
fn inner_key(pkcs8: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (_, info) = Sequence::from_der(pkcs8).ok()?;
    let (rest, _version) = Integer::from_der(&info.content).ok()?;
    let (rest, _algorithm) = Any::from_der(rest).ok()?;
    let (_, key) = OctetString::from_der(rest).ok()?;
    Some(Zeroizing::new(key.as_ref().to_vec()))
}
