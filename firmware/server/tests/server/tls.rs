//! rustls on both sides of the pipe: the server through the board's traits, the client as an independent judge.

use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use embassy_time::Timer;
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use esp_https_server::{Acceptor, HandshakeError, Resumption, TlsSession, Transport};
use rustls::client::Resumption as ClientResumption;
use rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, ServerConfig, ServerConnection};

use crate::client::Stream;
use crate::pipe::{ClientEnd, End};

/// Both configurations, for one fresh certificate.
pub(crate) fn configs(
    version: &'static rustls::SupportedProtocolVersion,
) -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()).into();
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), Arc::new(client))
}

/// A client's configuration that never resumes.
pub(crate) fn without_resumption(config: &ClientConfig) -> Arc<ClientConfig> {
    let mut config = config.clone();
    config.resumption = ClientResumption::disabled();
    Arc::new(config)
}

pub(crate) struct Rustls(pub(crate) Arc<ServerConfig>);

impl Acceptor for Rustls {
    type Session<'t, T: Transport + 't> = RustlsSession<'t, T>;

    async fn accept<'t, T: Transport + 't>(
        &'t self,
        transport: &'t mut T,
    ) -> Result<RustlsSession<'t, T>, HandshakeError> {
        let connection = ServerConnection::new(self.0.clone()).map_err(|_| HandshakeError::OutOfMemory)?;
        let mut session = RustlsSession { connection, transport };
        while session.connection.is_handshaking() {
            session.exchange().await.map_err(|error| match error {
                ErrorKind::InvalidData => HandshakeError::Tls(-1),
                _ => HandshakeError::Transport,
            })?;
        }
        session.flush().await.map_err(|_| HandshakeError::Transport)?;
        Ok(session)
    }
}

pub(crate) struct RustlsSession<'t, T> {
    connection: ServerConnection,
    transport: &'t mut T,
}

impl<T: Transport> RustlsSession<'_, T> {
    /// Sends what is queued, and takes in what comes next.
    async fn exchange(&mut self) -> Result<(), ErrorKind> {
        self.flush().await?;
        let mut bytes = [0; 1024];
        let count = self.transport.read(&mut bytes).await.map_err(|_| ErrorKind::ConnectionReset)?;
        if count == 0 {
            return Err(ErrorKind::ConnectionAborted);
        }
        let mut rest = &bytes[..count];
        while !rest.is_empty() {
            self.connection.read_tls(&mut rest).map_err(|_| ErrorKind::Other)?;
            if self.connection.process_new_packets().is_err() {
                self.flush().await?;
                return Err(ErrorKind::InvalidData);
            }
        }
        Ok(())
    }
}

impl<T: Transport> ErrorType for RustlsSession<'_, T> {
    type Error = ErrorKind;
}

impl<T: Transport> Read for RustlsSession<'_, T> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        loop {
            match self.connection.reader().read(buf) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.exchange().await?,
                Err(_) => return Err(ErrorKind::ConnectionAborted),
            }
        }
    }
}

impl<T: Transport> Write for RustlsSession<'_, T> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        let count = self.connection.writer().write(buf).map_err(|_| ErrorKind::Other)?;
        self.flush().await?;
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        let mut bytes = Vec::new();
        while self.connection.wants_write() {
            self.connection.write_tls(&mut bytes).map_err(|_| ErrorKind::Other)?;
        }
        self.transport.write_all(&bytes).await.map_err(|_| ErrorKind::ConnectionReset)
    }
}

impl<T: Transport> TlsSession for RustlsSession<'_, T> {
    fn resumption(&self) -> Resumption {
        match self.connection.handshake_kind() {
            Some(HandshakeKind::Resumed) => Resumption::Resumed,
            _ => Resumption::Full,
        }
    }

    async fn close_notify(&mut self) -> Result<(), ErrorKind> {
        self.connection.send_close_notify();
        self.flush().await
    }
}

/// A client's session.
pub(crate) struct TlsClient {
    connection: ClientConnection,
    end: ClientEnd,
    /// Whether the server has said close_notify.
    pub(crate) notified: bool,
}

impl TlsClient {
    /// Shakes hands.
    pub(crate) async fn connect(config: Arc<ClientConfig>, end: ClientEnd) -> Result<Self, End> {
        Self::connect_slowly(config, end, 0).await
    }

    /// Shakes hands, with a pause after each time that something comes.
    pub(crate) async fn connect_slowly(
        config: Arc<ClientConfig>,
        end: ClientEnd,
        pause_ms: u64,
    ) -> Result<Self, End> {
        let connection = ClientConnection::new(config, ServerName::try_from(NAME).unwrap()).unwrap();
        let mut client = Self { connection, end, notified: false };
        while client.connection.is_handshaking() {
            client.flush().await;
            client.take_in().await?;
            Timer::after_millis(pause_ms).await;
        }
        client.flush().await;
        Ok(client)
    }

    /// The bytes of a ClientHello.
    pub(crate) fn hello(config: Arc<ClientConfig>) -> Vec<u8> {
        let mut connection = ClientConnection::new(config, ServerName::try_from(NAME).unwrap()).unwrap();
        let mut bytes = Vec::new();
        connection.write_tls(&mut bytes).unwrap();
        bytes
    }

    /// The connection below, to break the rules on.
    pub(crate) fn into_end(self) -> ClientEnd {
        self.end
    }

    async fn flush(&mut self) {
        let mut bytes = Vec::new();
        while self.connection.wants_write() {
            self.connection.write_tls(&mut bytes).unwrap();
        }
        self.end.send(&bytes).await;
    }

    async fn take_in(&mut self) -> Result<(), End> {
        let bytes = self.end.receive().await?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            self.connection.read_tls(&mut rest).unwrap();
            let state = self.connection.process_new_packets().map_err(|_| End::Reset)?;
            self.notified |= state.peer_has_closed();
        }
        Ok(())
    }
}

impl Stream for TlsClient {
    async fn send(&mut self, bytes: &[u8]) {
        self.connection.writer().write_all(bytes).unwrap();
        self.flush().await;
    }

    async fn receive(&mut self) -> Result<Vec<u8>, End> {
        loop {
            let mut bytes = vec![0; 4096];
            match self.connection.reader().read(&mut bytes) {
                Ok(0) => return Err(End::Fin),
                Ok(count) => {
                    bytes.truncate(count);
                    return Ok(bytes);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.take_in().await?,
                Err(_) => return Err(End::Reset),
            }
        }
    }
}

const NAME: &str = "board.test";
