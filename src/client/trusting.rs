//! The TLS client that decides during the handshake whom to trust: what it offers, and which sessions it resumes. The
//! handshake signature is verified in any case.

use std::sync::Arc;

use rustls::{
    CipherSuite, ClientConfig, Error, NamedGroup, RootCertStore, SupportedProtocolVersion,
    client::{ResolvesClientCert, Resumption, WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName},
    sign::SingleCertAndKey,
    version::{TLS12, TLS13},
};
use serde::{Deserialize, Serialize};

use super::{
    sessions::Sessions,
    tls::{ClientIdentity, NotOffered, client_config, provider},
    verification::{named::NamedVerifier, pin::PinVerifier},
};

/// What the client's handshakes are to be like.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whom to trust.
    pub trust: Trust,
    /// The client's own certificate, for servers that ask for one.
    pub identity: Option<ClientIdentity>,
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
    /// None: make full handshakes only.
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

/// Makes the clients of many connection slots; what they share is made once.
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
    /// The library has no such suite or group.
    #[error(transparent)]
    NotOffered(#[from] NotOffered),
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
        let provider = Arc::new(provider(settings.suite, settings.group)?);
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
        let sessions = Arc::new(Sessions::default());
        let resumption = match self.settings.resume {
            Resume::Never => Resumption::disabled(),
            Resume::Always | Resume::Natural => Resumption::store(Arc::clone(&sessions) as _),
        };
        let certificates = self.settings.identity.as_ref().map(|identity| {
            Arc::new(SingleCertAndKey::from(identity.certified())) as Arc<dyn ResolvesClientCert>
        });
        let (provider, verifier) = (Arc::clone(&self.provider), Arc::clone(&self.verifier));
        let config = client_config(provider, &self.versions, verifier, certificates, resumption)?;
        Ok(Slot { config: Arc::new(config), sessions })
    }

    /// The same, but each certificate is checked against this name: for a library that takes the name from a URL.
    #[must_use]
    pub fn for_name(self, name: ServerName<'static>) -> Self {
        let verifier = Arc::new(NamedVerifier::new(name, self.verifier));
        Self { verifier, ..self }
    }

    /// Which sessions are resumed.
    #[must_use]
    pub fn resume(&self) -> Resume {
        self.settings.resume
    }
}

fn verifier(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, SettingsError> {
    let algorithms = provider.signature_verification_algorithms;
    Ok(match trust {
        Trust::Any => Arc::new(PinVerifier::new(None, algorithms)?),
        Trust::Pin(certificate) => Arc::new(PinVerifier::new(Some(certificate), algorithms)?),
        Trust::Cas(roots) => {
            WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider))
                .build()
                .map_err(SettingsError::Roots)?
        }
    })
}
