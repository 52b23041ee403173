//! What only a participant in the handshake sees: which signature scheme the server used, and whether it asked for a
//! client certificate. Accepts any certificate; whether to trust it is decided afterwards (`trust`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        ResolvesClientCert,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::WebPkiSupportedAlgorithms,
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    sign::CertifiedKey,
};
use x509_parser::{prelude::*, public_key::PublicKey};

use super::{SignatureRules, verify_handshake_signature};

/// Takes part in one handshake and remembers what it saw.
#[derive(Debug)]
pub(crate) struct ObservingVerifier {
    algorithms: WebPkiSupportedAlgorithms,
    identity: Option<Arc<CertifiedKey>>,
    seen: Mutex<Seen>,
}

/// What a [`ObservingVerifier`] saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// The scheme of the server's handshake signature.
    pub(crate) scheme: Option<SignatureScheme>,
    /// The names of the CAs whose client certificates the server takes; `None` when it asked for none.
    pub(crate) client_cas: Option<Vec<String>>,
    /// The size of the server's RSA key in bits, when it is too small for its signature to be verified.
    pub(crate) small_rsa_key: Option<usize>,
}

impl ObservingVerifier {
    /// `identity` is shown to a server that asks for a client certificate.
    pub(crate) fn new(
        algorithms: WebPkiSupportedAlgorithms,
        identity: Option<Arc<CertifiedKey>>,
    ) -> Arc<Self> {
        Arc::new(Self { algorithms, identity, seen: Mutex::default() })
    }

    /// Forgets an earlier handshake, before the next.
    pub(crate) fn forget(&self) {
        *self.lock() = Seen::default();
    }

    pub(crate) fn seen(&self) -> Seen {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // Each change is one assignment, so what a panic left behind is still true.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verify(
        &self,
        rules: SignatureRules,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let (_, cert) = X509Certificate::from_der(cert)
            .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let key = cert.public_key();
        let mut seen = self.lock();
        seen.scheme = Some(signed.scheme);
        if let Ok(PublicKey::RSA(rsa)) = key.parsed() {
            let bits = rsa.key_size();
            seen.small_rsa_key = (bits < SMALLEST_RSA_KEY).then_some(bits);
        }
        let key = SubjectPublicKeyInfoDer::from(key.raw);
        verify_handshake_signature(rules, message, &key, signed, &self.algorithms)
    }
}

impl ServerCertVerifier for ObservingVerifier {
    /// Accepts any certificate: the probe reports what the server shows, and judges it afterwards.
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(SignatureRules::Tls12, message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(SignatureRules::Tls13, message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl ResolvesClientCert for ObservingVerifier {
    fn resolve(&self, ca_names: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.lock().client_cas = Some(ca_names.iter().map(|der| distinguished_name(der)).collect());
        self.identity.clone()
    }

    /// rustls asks `resolve` only when this says yes.
    fn has_certs(&self) -> bool {
        true
    }
}

/// A distinguished name (DER) as text.
pub(crate) fn distinguished_name(der: &[u8]) -> String {
    match X509Name::from_der(der) {
        Ok((_, name)) => name.to_string(),
        Err(_) => "(not a distinguished name)".to_owned(),
    }
}

/// The smallest RSA key, in bits, whose signatures rustls's cryptography verifies.
const SMALLEST_RSA_KEY: usize = 2048;
