//! Did the key of the certificate sign the handshake? For probe and load alike.

use rustls::{
    CertificateError, DigitallySignedStruct, Error, PeerMisbehaved, client::danger::HandshakeSignatureValid,
    crypto::WebPkiSupportedAlgorithms, pki_types::SubjectPublicKeyInfoDer,
};
use webpki::RawPublicKeyEntity;

/// Verifies a TLS 1.2 handshake signature with the key of the certificate (RFC 5246, section 7.4.3). Not rustls's own
/// function, because that one refuses certificates that a device may well carry (X.509 v1, unknown critical
/// extensions) before it looks at the signature.
pub(crate) fn verify_tls12_signature_with_raw_key(
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
