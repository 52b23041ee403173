//! The client that takes any certificate and reports what it saw: what it remembers of earlier handshakes, and whether it has
//! a certificate of its own.

use std::sync::Arc;

use rustls::{
    ClientConfig, ClientConnection, SupportedProtocolVersion,
    client::{Resumption, Tls12Resumption},
    pki_types::ServerName,
};

use super::{
    handshake::PreparedHandshake,
    sessions::Sessions,
    tls::{ClientIdentity, client_config, provider},
    transcript::Transcript,
    verification::observing::ObservingVerifier,
};

/// How a client shakes hands.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The protocol versions that it offers.
    pub versions: &'static [&'static SupportedProtocolVersion],
    /// Whether it remembers sessions, and offers to resume them on the next connection.
    pub memory: Memory,
    /// Its own certificate, for a server that asks for one.
    pub identity: Option<ClientIdentity>,
    /// Where its connections are recorded, for a trace.
    pub transcript: Option<Arc<Transcript>>,
}

/// Whether a client remembers sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Memory {
    /// Every handshake is a full one.
    None,
    /// By PSK in TLS 1.3, by ticket or session id in TLS 1.2; early data where the ticket allows it.
    Tickets,
    /// By session id only, in TLS 1.2.
    SessionIds,
}

impl Default for Settings {
    fn default() -> Self {
        Self { versions: rustls::ALL_VERSIONS, memory: Memory::None, identity: None, transcript: None }
    }
}

/// A client, for one connection after the other.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    config: Arc<ClientConfig>,
    sessions: Arc<Sessions>,
    verifier: Arc<ObservingVerifier>,
    transcript: Option<Arc<Transcript>>,
}

impl Client {
    pub(crate) fn new(settings: &Settings) -> Result<Self, rustls::Error> {
        let provider = provider(None, None).map_err(|error| rustls::Error::General(error.to_string()))?;
        let identity = settings.identity.as_ref().map(ClientIdentity::certified);
        let verifier = ObservingVerifier::new(provider.signature_verification_algorithms, identity);
        let sessions = Arc::new(Sessions::default());
        let store = || Resumption::store(Arc::clone(&sessions) as _);
        let resumption = match settings.memory {
            Memory::None => Resumption::disabled(),
            Memory::Tickets => store(),
            Memory::SessionIds => store().tls12_resumption(Tls12Resumption::SessionIdOnly),
        };
        let certificates = Some(Arc::clone(&verifier) as _);
        let judge = Arc::clone(&verifier) as _;
        let mut config =
            client_config(Arc::new(provider), settings.versions, judge, certificates, resumption)?;
        config.enable_early_data = settings.memory == Memory::Tickets;
        if let Some(transcript) = &settings.transcript {
            config.key_log = Arc::clone(transcript) as _;
        }
        let transcript = settings.transcript.clone();
        Ok(Self { config: Arc::new(config), sessions, verifier, transcript })
    }

    /// Whether there is a session to resume.
    pub(crate) fn remembers(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Whether the next session that is resumed allows early data.
    pub(crate) fn may_send_early_data(&self) -> bool {
        self.sessions.allow_early_data()
    }

    /// Prepares a handshake. The name is sent as SNI, unless it is an address (RFC 6066, section 3).
    pub(crate) fn ready(&self, name: ServerName<'static>) -> Result<PreparedHandshake, rustls::Error> {
        self.verifier.forget();
        let tls = ClientConnection::new(Arc::clone(&self.config), name)?;
        Ok(PreparedHandshake::new(tls, Arc::clone(&self.verifier), self.transcript.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hello_fits_one_segment_of_1200_bytes() {
        let client = Client::new(&Settings::default()).unwrap();
        let name = ServerName::try_from(format!("{}.local", "a".repeat(63))).unwrap();
        let mut tls = ClientConnection::new(client.config, name).unwrap();
        let mut hello = Vec::new();
        tls.write_tls(&mut hello).unwrap();
        assert!(hello.len() < 1200, "{} bytes", hello.len());
    }
}
