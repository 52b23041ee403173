//! Did the key of the certificate sign the handshake, and is it the right certificate? The signature is verified by every
//! client; [`observing`] then takes any certificate and remembers what it saw, [`pin`] trusts a certificate or its key,
//! [`named`] checks against a name of our own.

pub(crate) mod named;
pub(crate) mod observing;
pub(crate) mod pin;

use rustls::{
    CertificateError, DigitallySignedStruct, Error, PeerMisbehaved,
    client::danger::HandshakeSignatureValid,
    crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, SubjectPublicKeyInfoDer},
};
use webpki::RawPublicKeyEntity;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The version whose rules a handshake signature follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureRules {
    /// TLS 1.2: RFC 5246, section 7.4.3.
    Tls12,
    /// TLS 1.3: RFC 8446, section 4.4.3.
    Tls13,
}

/// Verifies a handshake signature with the key of the certificate, whatever else is in it.
pub(crate) fn verify_handshake_signature(
    rules: SignatureRules,
    message: &[u8],
    key: &SubjectPublicKeyInfoDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    match rules {
        SignatureRules::Tls12 => verify_tls12_signature_with_raw_key(message, key, signed, algorithms),
        SignatureRules::Tls13 => verify_tls13_signature_with_raw_key(message, key, signed, algorithms),
    }
}

/// The public key of a certificate, as its `SubjectPublicKeyInfo`.
pub(crate) fn public_key_of<'a>(
    certificate: &'a CertificateDer<'_>,
) -> Result<SubjectPublicKeyInfoDer<'a>, Error> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    Ok(SubjectPublicKeyInfoDer::from(parsed.tbs_certificate.subject_pki.raw))
}

/// Verifies a TLS 1.2 handshake signature with the key of the certificate (RFC 5246, section 7.4.3). Not rustls's own
/// function, because that one refuses certificates that a device may well carry (X.509 v1, unknown critical
/// extensions) before it looks at the signature.
fn verify_tls12_signature_with_raw_key(
    message: &[u8],
    key: &SubjectPublicKeyInfoDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let known = algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
    let (_, candidates) = known.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    let key = RawPublicKeyEntity::try_from(key)
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    // In TLS 1.2 a scheme does not name the curve, so each that it can mean is tried (RFC 8422, section 5.4);
    // one for another kind of key than the certificate says fails.
    let valid = candidates.iter().any(|it| key.verify_signature(*it, message, signed.signature()).is_ok());
    let bad = Error::InvalidCertificate(CertificateError::BadSignature);
    if valid { Ok(HandshakeSignatureValid::assertion()) } else { Err(bad) }
}
