//! What the server needs of a TLS library; `mbedtls.rs` implements it.

use core::future::Future;

use embedded_io_async::{Read, Write};

use crate::Transport;

/// Makes TLS sessions, as the server side.
pub trait Acceptor {
    /// An established session over `T`.
    type Session<'t, T: Transport + 't>: TlsSession
    where
        Self: 't;

    /// Whether clients have to present a certificate, which takes memory.
    fn client_certificates(&self) -> ClientCertificates {
        ClientCertificates::NotAsked
    }

    /// One server-side handshake. Dropping the future frees everything that it had taken.
    ///
    /// # Errors
    /// What stopped the handshake; the transport is still open, and any alert has been sent.
    fn accept<'t, T: Transport + 't>(
        &'t self,
        transport: &'t mut T,
    ) -> impl Future<Output = Result<Self::Session<'t, T>, HandshakeError>>;
}

/// An established TLS session: reads and writes plaintext.
pub trait TlsSession: Read + Write {
    /// Whether the handshake resumed an earlier session.
    fn resumption(&self) -> Resumption;

    /// Sends the close_notify alert (RFC 8446 section 6.1) and flushes. The caller bounds the wait.
    ///
    /// # Errors
    /// Those of the transport.
    fn close_notify(&mut self) -> impl Future<Output = Result<(), Self::Error>>;
}

/// Whether clients have to present a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not asked for one.
    NotAsked,
    /// They have to (mutual TLS).
    Required,
}

/// Whether a handshake was a full one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumption {
    /// Certificate and signature were sent.
    Full,
    /// An earlier session was resumed.
    Resumed,
}

/// Why a handshake failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The transport failed, or the peer closed it.
    Transport,
    /// The peer broke the protocol, offered nothing in common, or presented no acceptable certificate. Holds the TLS
    /// library's own error code.
    Tls(i32),
    /// There was no memory for the session: the budget is wrong, see [`crate::budget`]. The client was told.
    OutOfMemory,
    /// There was no memory to begin with. The client has been told nothing.
    NotBegun,
}

/// The fatal alert internal_error in a record of its own (RFC 8446 sections 5.1 and 6.2), before there are keys.
pub(crate) const INTERNAL_ERROR_ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];
