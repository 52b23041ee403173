//! The client that shakes hands: what it offers, what it remembers, and whether it has a certificate of its own.

use std::sync::Arc;

use rustls::{
    ClientConfig, ClientConnection, SupportedProtocolVersion,
    client::{Resumption, Tls12Resumption},
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    sign::CertifiedKey,
};

use super::{handshake::Ready, observing_verifier::Witness, sessions::Sessions, transcript::Tape};

/// How a client shakes hands.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The protocol versions that it offers.
    pub versions: &'static [&'static SupportedProtocolVersion],
    /// Whether it remembers sessions, and offers to resume them on the next connection.
    pub memory: Memory,
    /// Its own certificate, for a server that asks for one.
    pub identity: Option<Identity>,
    /// Where its connections are recorded, for a trace.
    pub tape: Option<Arc<Tape>>,
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

/// A client's own certificate and the key that belongs to it.
#[derive(Clone)]
pub struct Identity(Arc<CertifiedKey>);

impl Identity {
    /// A certificate chain, the client's own first, with its key.
    ///
    /// # Errors
    /// When the key can't be used, or is not the certificate's.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: &PrivateKeyDer<'_>) -> Result<Self, rustls::Error> {
        let key = aws_lc_rs::sign::any_supported_type(key)?;
        let certified = CertifiedKey::new(chain, key);
        certified.keys_match()?;
        Ok(Self(Arc::new(certified)))
    }

    /// As rustls takes it.
    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0)
    }
}

impl std::fmt::Debug for Identity {
    /// Says nothing about the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { versions: rustls::ALL_VERSIONS, memory: Memory::None, identity: None, tape: None }
    }
}

/// A client, for one connection after the other.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    config: Arc<ClientConfig>,
    sessions: Arc<Sessions>,
    witness: Arc<Witness>,
    tape: Option<Arc<Tape>>,
}

impl Client {
    pub(crate) fn new(settings: &Settings) -> Result<Self, rustls::Error> {
        let provider = provider();
        let identity = settings.identity.as_ref().map(Identity::certified);
        let witness = Witness::new(provider.signature_verification_algorithms, identity);
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(settings.versions)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&witness) as _)
            .with_client_cert_resolver(Arc::clone(&witness) as _);
        let sessions = Arc::new(Sessions::default());
        config.resumption = match settings.memory {
            Memory::None => Resumption::disabled(),
            Memory::Tickets => Resumption::store(Arc::clone(&sessions) as _),
            Memory::SessionIds => {
                Resumption::store(Arc::clone(&sessions) as _).tls12_resumption(Tls12Resumption::SessionIdOnly)
            }
        };
        config.enable_early_data = settings.memory == Memory::Tickets;
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        if let Some(tape) = &settings.tape {
            config.key_log = Arc::clone(tape) as _;
        }
        let tape = settings.tape.clone();
        Ok(Self { config: Arc::new(config), sessions, witness, tape })
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
    pub(crate) fn ready(&self, name: ServerName<'static>) -> Result<Ready, rustls::Error> {
        self.witness.forget();
        let tls = ClientConnection::new(Arc::clone(&self.config), name)?;
        Ok(Ready::new(tls, Arc::clone(&self.witness), self.tape.clone()))
    }
}

/// The hello is kept to one TCP segment: no hybrid group, whose share alone has 1216 bytes.
fn provider() -> CryptoProvider {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519};
    CryptoProvider { kx_groups: vec![X25519, SECP256R1, SECP384R1], ..aws_lc_rs::default_provider() }
}

const HTTP_1_1: &[u8] = b"http/1.1";

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
