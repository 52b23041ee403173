//! Is it the certificate that was pinned, or one with the same key?

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::WebPkiSupportedAlgorithms,
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
};

use super::{SignatureRules, public_key_of, verify_handshake_signature};

/// Trusts a pinned certificate, a renewed one with its key, or with no pin any; verifies the signature with the key of
/// the certificate that was shown.
#[derive(Debug)]
pub(crate) struct PinVerifier {
    pin: Option<Pin>,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
struct Pin {
    certificate: CertificateDer<'static>,
    key: SubjectPublicKeyInfoDer<'static>,
}

impl Pin {
    fn new(certificate: &CertificateDer<'static>) -> Result<Self, Error> {
        Ok(Self { certificate: certificate.clone(), key: public_key_of(certificate)?.into_owned() })
    }
}

impl PinVerifier {
    /// Trusts `pin` and its key; without one, any certificate.
    ///
    /// # Errors
    /// The pinned certificate can't be read.
    pub(crate) fn new(
        pin: Option<&CertificateDer<'static>>,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<Self, Error> {
        Ok(Self { pin: pin.map(Pin::new).transpose()?, algorithms })
    }

    /// The key of the certificate, which for the pinned one need not be parsed again at each handshake.
    fn key<'a>(&'a self, shown: &'a CertificateDer<'_>) -> Result<SubjectPublicKeyInfoDer<'a>, Error> {
        match &self.pin {
            Some(pin) if pin.certificate == *shown => Ok(SubjectPublicKeyInfoDer::from(pin.key.as_ref())),
            _ => public_key_of(shown),
        }
    }
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let trusted = match &self.pin {
            None => true,
            Some(pin) => pin.certificate == *end_entity || public_key_of(end_entity)? == pin.key,
        };
        let refused = Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
        if trusted { Ok(ServerCertVerified::assertion()) } else { Err(refused) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_handshake_signature(SignatureRules::Tls12, message, &self.key(cert)?, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_handshake_signature(SignatureRules::Tls13, message, &self.key(cert)?, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
