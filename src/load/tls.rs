//! The TLS client of a load: what it offers, whom it trusts, and which sessions it resumes. The handshake signature is
//! verified in any case.

use std::sync::Arc;

use rustls::{
    CertificateError, CipherSuite, ClientConfig, DigitallySignedStruct, Error, NamedGroup, RootCertStore,
    SignatureScheme, SupportedProtocolVersion,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{
        CryptoProvider, SupportedKxGroup, WebPkiSupportedAlgorithms, aws_lc_rs,
        verify_tls13_signature_with_raw_key,
    },
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    version::{TLS12, TLS13},
};
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::client::{
    handshake_signature::verify_tls12_signature_with_raw_key, sessions::Sessions, tls::Identity,
};

/// What a load's handshakes are to be like.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whom to trust.
    pub trust: Trust,
    /// The client's own certificate, for servers that ask for one.
    pub identity: Option<Identity>,
    /// Which sessions are resumed.
    pub resume: Resume,
    /// The only version to offer.
    pub version: Option<Version>,
    /// The only cipher suite to offer.
    pub suite: Option<CipherSuite>,
    /// The only named group to offer.
    pub group: Option<NamedGroup>,
}

/// Whom to trust.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Any certificate.
    Any,
    /// Exactly this certificate, or another with the same key.
    Pin(CertificateDer<'static>),
    /// What these CAs issued, for this name.
    Cas(Arc<RootCertStore>),
}

/// Which sessions are resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// None: every handshake is a full one.
    Never,
    /// Every one after a connection's first, where the server can: a handshake waits for the server's ticket.
    Always,
    /// Those for which a ticket happens to be there, as a browser does.
    Natural,
}

/// A protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// The TLS client of one connection slot.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The configuration; its sessions are this slot's own.
    pub config: Arc<ClientConfig>,
    /// The sessions that can be resumed.
    pub sessions: Arc<Sessions>,
}

/// Makes the slots of a load; what they share is made once.
#[derive(Debug)]
pub struct Factory {
    settings: Settings,
    provider: Arc<CryptoProvider>,
    versions: Vec<&'static SupportedProtocolVersion>,
    verifier: Arc<dyn ServerCertVerifier>,
}

/// Why the settings make no TLS client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The library has no such suite.
    #[error("the cipher suite is not supported: {0:?}")]
    Suite(CipherSuite),
    /// The library has no such group.
    #[error("the group is not supported: {0:?}")]
    Group(NamedGroup),
    /// The suite does not belong to the version.
    #[error("the cipher suite does not belong to the TLS version")]
    SuiteOfOtherVersion,
    /// The CA file can't be used.
    #[error("the CA certificates can't be used: {0}")]
    Roots(rustls::client::VerifierBuilderError),
    /// Anything else that the library says.
    #[error(transparent)]
    Tls(#[from] Error),
}

impl Factory {
    /// Prepares what all slots share.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let provider = Arc::new(provider(&settings)?);
        let versions = match settings.version {
            Some(Version::Tls12) => vec![&TLS12],
            Some(Version::Tls13) => vec![&TLS13],
            None => rustls::ALL_VERSIONS.to_vec(),
        };
        let usable =
            |suite: &rustls::SupportedCipherSuite| versions.iter().any(|version| suite.version() == *version);
        if !provider.cipher_suites.iter().any(usable) {
            return Err(SettingsError::SuiteOfOtherVersion);
        }
        // A suite fixes the version, and rustls refuses one that has no suite.
        let versions: Vec<_> = versions
            .into_iter()
            .filter(|version| provider.cipher_suites.iter().any(|suite| suite.version() == *version))
            .collect();
        let verifier = verifier(&settings.trust, &provider)?;
        Ok(Self { settings, provider, versions, verifier })
    }

    /// A client of its own for one connection slot.
    ///
    /// # Errors
    /// What rustls says of the settings.
    pub fn slot(&self) -> Result<Slot, Error> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&self.versions)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&self.verifier));
        let mut config = match &self.settings.identity {
            Some(identity) => builder.with_client_cert_resolver(Arc::new(
                rustls::sign::SingleCertAndKey::from(identity.certified()),
            )),
            None => builder.with_no_client_auth(),
        };
        let sessions = Arc::new(Sessions::default());
        config.resumption = match self.settings.resume {
            Resume::Never => Resumption::disabled(),
            Resume::Always | Resume::Natural => Resumption::store(Arc::clone(&sessions) as _),
        };
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Slot { config: Arc::new(config), sessions })
    }

    /// Which sessions are resumed.
    #[must_use]
    pub fn resume(&self) -> Resume {
        self.settings.resume
    }
}

/// The hello is kept to one TCP segment, as the probe's: no hybrid group, unless it is asked for.
fn provider(settings: &Settings) -> Result<CryptoProvider, SettingsError> {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519};
    let mut provider = aws_lc_rs::default_provider();
    if let Some(wanted) = settings.suite {
        provider.cipher_suites.retain(|suite| suite.suite() == wanted);
        if provider.cipher_suites.is_empty() {
            return Err(SettingsError::Suite(wanted));
        }
    }
    let all: Vec<&'static dyn SupportedKxGroup> = aws_lc_rs::ALL_KX_GROUPS.to_vec();
    provider.kx_groups = match settings.group {
        None => vec![X25519, SECP256R1, SECP384R1],
        Some(wanted) => all.into_iter().filter(|group| group.name() == wanted).collect(),
    };
    match (provider.kx_groups.is_empty(), settings.group) {
        (true, Some(wanted)) => Err(SettingsError::Group(wanted)),
        _ => Ok(provider),
    }
}

fn verifier(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, SettingsError> {
    let algorithms = provider.signature_verification_algorithms;
    Ok(match trust {
        Trust::Any => Arc::new(Pinned { pin: None, algorithms }),
        Trust::Pin(certificate) => Arc::new(Pinned { pin: Some(Pin::new(certificate)?), algorithms }),
        Trust::Cas(roots) => {
            WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider))
                .build()
                .map_err(SettingsError::Roots)?
        }
    })
}

/// Trusts a pinned certificate, a renewed one with its key, or with no pin any; verifies the signature with the key of
/// the certificate that was shown.
#[derive(Debug)]
struct Pinned {
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
        Ok(Self { certificate: certificate.clone(), key: key_of(certificate)?.into_owned() })
    }
}

impl Pinned {
    /// The key of the certificate, which for the pinned one need not be parsed again at each handshake.
    fn key<'a>(&'a self, shown: &'a CertificateDer<'_>) -> Result<SubjectPublicKeyInfoDer<'a>, Error> {
        match &self.pin {
            Some(pin) if pin.certificate == *shown => Ok(SubjectPublicKeyInfoDer::from(pin.key.as_ref())),
            _ => key_of(shown),
        }
    }
}

fn key_of<'a>(certificate: &'a CertificateDer<'_>) -> Result<SubjectPublicKeyInfoDer<'a>, Error> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    Ok(SubjectPublicKeyInfoDer::from(parsed.tbs_certificate.subject_pki.raw))
}

impl ServerCertVerifier for Pinned {
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
            Some(pin) => pin.certificate == *end_entity || key_of(end_entity)? == pin.key,
        };
        let refused = Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
        if trusted { Ok(ServerCertVerified::assertion()) } else { Err(refused) }
    }

    /// RFC 5246, section 7.4.3.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature_with_raw_key(message, &self.key(cert)?, signed, &self.algorithms)
    }

    /// RFC 8446, section 4.4.3.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature_with_raw_key(message, &self.key(cert)?, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

const HTTP_1_1: &[u8] = b"http/1.1";
