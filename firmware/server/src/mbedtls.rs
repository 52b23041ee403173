//! TLS by Mbed TLS: the [`Acceptor`] of both boards.

use embedded_io_async::{ErrorType, Read, Write};
use mbedtls_rs::{
    AuthMode, Certificate, Credentials, PrivateKey, ServerSessionConfig, Session, SessionConfig,
    SessionError, Tls, X509,
};

use crate::{Acceptor, HandshakeError, Resumption, TlsSession, Transport};

/// Mbed TLS with the device's certificate and key, parsed once and shared by all sessions. Speaks TLS 1.2 and 1.3.
pub struct MbedTls {
    tls: Tls<'static>,
    config: SessionConfig<'static>,
}

impl MbedTls {
    /// Parses the credentials. With a client CA, every client must present a certificate that chains to it.
    ///
    /// # Errors
    /// Which of the three could not be parsed, with Mbed TLS's own code.
    pub fn new(
        tls: Tls<'static>,
        certificate: X509<'_>,
        private_key: X509<'_>,
        client_ca: Option<X509<'_>>,
    ) -> Result<Self, CredentialsError> {
        let creds = Credentials {
            certificate: Certificate::new(certificate)
                .map_err(|e| CredentialsError::Certificate(e.code()))?,
            private_key: PrivateKey::new(private_key, None)
                .map_err(|e| CredentialsError::PrivateKey(code(e)))?,
        };
        let mut config = ServerSessionConfig::new(creds);
        if let Some(ca) = client_ca {
            config.ca_chain = Some(Certificate::new(ca).map_err(|e| CredentialsError::ClientCa(e.code()))?);
            config.auth_mode = AuthMode::Required;
        }
        Ok(Self { tls, config: SessionConfig::Server(config) })
    }
}

/// Which credential Mbed TLS refused to parse, with its error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The device certificate.
    Certificate(i32),
    /// The private key.
    PrivateKey(i32),
    /// The CA that clients must chain to.
    ClientCa(i32),
}

impl core::fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (what, code) = match self {
            Self::Certificate(code) => ("device certificate", code),
            Self::PrivateKey(code) => ("private key", code),
            Self::ClientCa(code) => ("client CA", code),
        };
        write!(
            f,
            "the {what} in the provisioning image does not parse (Mbed TLS -0x{:04X})",
            code.unsigned_abs()
        )
    }
}

impl core::error::Error for CredentialsError {}

impl Acceptor for MbedTls {
    type Session<'t, T: Transport + 't> = MbedTlsSession<'t, T>;

    async fn accept<'t, T: Transport + 't>(
        &'t self,
        transport: &'t mut T,
    ) -> Result<MbedTlsSession<'t, T>, HandshakeError> {
        let mut session =
            Session::new(self.tls.reference(), transport, &self.config).map_err(handshake_error)?;
        session.connect().await.map_err(handshake_error)?;
        Ok(MbedTlsSession { session })
    }
}

/// An established session of Mbed TLS.
pub struct MbedTlsSession<'t, T: Transport> {
    session: Session<'t, &'t mut T>,
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
        // mbedtls-rs 0.3 offers a server neither tickets nor a session cache.
        Resumption::Full
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
