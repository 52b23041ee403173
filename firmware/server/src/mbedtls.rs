//! TLS by Mbed TLS: the [`Acceptor`] of both boards.

use embassy_time::Instant;
use embedded_io_async::{ErrorType, Read, Write};
use esp_https_provision::{Image, LegacyClients, Payload};
use esp_https_tls_limits::{serve_legacy_clients, tickets};
use mbedtls_rs::{
    AuthMode, Certificate, Credentials, PrivateKey, ServerSessionConfig, Session, SessionConfig,
    SessionError, Tls, X509,
};
use thiserror::Error;

use crate::{Acceptor, ClientCertificates, HandshakeError, Resumption, TlsSession, Transport};

/// Mbed TLS with the device's certificate and key, parsed once and shared by all sessions. Speaks TLS 1.2 and 1.3.
pub struct MbedTls {
    tls: Tls<'static>,
    config: SessionConfig<'static>,
    clients: ClientCertificates,
}

impl MbedTls {
    /// Parses the credentials, and offers what the settings say. With a client CA in the image, every client must present a certificate that chains to it, and none gets a
    /// ticket (`tickets::give` says why).
    ///
    /// # Errors
    /// Which of the three could not be parsed, or that there are no keys for tickets, with Mbed TLS's own code.
    pub fn new(tls: Tls<'static>, image: &Image<'_>) -> Result<Self, CredentialsError> {
        let creds = Credentials {
            certificate: certificate(&image.certificate).map_err(CredentialsError::Certificate)?,
            private_key: PrivateKey::new(x509(&image.key), None)
                .map_err(|error| CredentialsError::PrivateKey(code(error)))?,
        };
        if image.settings.legacy_clients == LegacyClients::Served {
            serve_legacy_clients();
        }
        let mut config = ServerSessionConfig::new(creds);
        let clients = match &image.client_ca {
            Some(ca) => {
                config.ca_chain = Some(certificate(ca).map_err(CredentialsError::ClientCa)?);
                config.auth_mode = AuthMode::Required;
                ClientCertificates::Required
            }
            None => {
                tickets::give(|| Instant::now().as_secs()).map_err(CredentialsError::TicketKeys)?;
                ClientCertificates::NotAsked
            }
        };
        Ok(Self { tls, config: SessionConfig::Server(config), clients })
    }
}

fn certificate(payload: &Payload<'_>) -> Result<Certificate<'static>, i32> {
    Certificate::new(x509(payload)).map_err(|error| error.code())
}

fn x509<'a>(payload: &Payload<'a>) -> X509<'a> {
    match *payload {
        Payload::Pem(pem) => X509::PEM(pem),
        Payload::Der(der) => X509::DER(der),
    }
}

/// Which credential of the image Mbed TLS can't parse, or can't make; holds its error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The device certificate.
    #[error("the certificate can't be parsed (Mbed TLS {0})")]
    Certificate(i32),
    /// The private key.
    #[error("the private key can't be parsed (Mbed TLS {0})")]
    PrivateKey(i32),
    /// The CA that clients have to come from.
    #[error("the client CA can't be parsed (Mbed TLS {0})")]
    ClientCa(i32),
    /// The keys that encrypt session tickets.
    #[error("the keys of session tickets can't be made (Mbed TLS {0})")]
    TicketKeys(i32),
}

impl Acceptor for MbedTls {
    type Session<'t, T: Transport + 't> = MbedTlsSession<'t, T>;

    fn client_certificates(&self) -> ClientCertificates {
        self.clients
    }

    async fn accept<'t, T: Transport + 't>(
        &'t self,
        transport: &'t mut T,
    ) -> Result<MbedTlsSession<'t, T>, HandshakeError> {
        let mut session =
            Session::new(self.tls.reference(), transport, &self.config).map_err(|error| not_begun(&error))?;
        session.connect().await.map_err(handshake_error)?;
        Ok(MbedTlsSession { session, clients: self.clients })
    }
}

/// An established session of Mbed TLS.
pub struct MbedTlsSession<'t, T: Transport> {
    session: Session<'t, &'t mut T>,
    clients: ClientCertificates,
}

impl<T: Transport> ErrorType for MbedTlsSession<'_, T> {
    type Error = SessionError;
}

impl<T: Transport> Read for MbedTlsSession<'_, T> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, SessionError> {
        self.session.read(buf).await
    }
}

impl<T: Transport> Write for MbedTlsSession<'_, T> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, SessionError> {
        self.session.write(buf).await
    }

    async fn flush(&mut self) -> Result<(), SessionError> {
        self.session.flush().await
    }
}

impl<T: Transport> TlsSession for MbedTlsSession<'_, T> {
    fn resumption(&self) -> Resumption {
        // A full handshake has noted that no client certificate was asked for, and one that resumes has not (`tickets.rs`).
        match (self.clients, self.session.tls_verification_details()) {
            (ClientCertificates::NotAsked, 0) => Resumption::Resumed,
            _ => Resumption::Full,
        }
    }

    async fn close_notify(&mut self) -> Result<(), SessionError> {
        self.session.close().await
    }
}

fn handshake_error(error: SessionError) -> HandshakeError {
    match error {
        SessionError::Io(_) => HandshakeError::Transport,
        SessionError::MbedTls(e) if is_out_of_memory(e.code()) => HandshakeError::OutOfMemory,
        SessionError::MbedTls(e) => HandshakeError::Tls(e.code()),
    }
}

/// What kept a session from being made, which sends and receives nothing.
fn not_begun(error: &SessionError) -> HandshakeError {
    match handshake_error(*error) {
        HandshakeError::OutOfMemory => HandshakeError::NotBegun,
        error => error,
    }
}

/// Mbed TLS adds a low-level code (7 bits) to a high-level one (the bits above), and each module has its own code for
/// a failed allocation (`mbedtls/error.h`).
fn is_out_of_memory(code: i32) -> bool {
    let code = code.unsigned_abs();
    ALLOC_FAILED_HIGH.contains(&(code & !0x7F)) || ALLOC_FAILED_LOW.contains(&(code & 0x7F))
}

/// The modules PEM, X.509, DHM, PK, ECP, MD, cipher and SSL.
const ALLOC_FAILED_HIGH: [u32; 8] = [0x1180, 0x2880, 0x3400, 0x3F80, 0x4D80, 0x5180, 0x6180, 0x7F00];

/// The modules MPI and ASN.1.
const ALLOC_FAILED_LOW: [u32; 2] = [0x10, 0x6A];

fn code(error: SessionError) -> i32 {
    match error {
        SessionError::MbedTls(e) => e.code(),
        SessionError::Io(_) => 0,
    }
}
