//! The byte stream below TLS, which a board and the tests each bring.

use core::future::Future;

use embedded_io_async::{Read, Write};

/// The port the server answers on (RFC 9110 section 4.2.2).
pub const PORT: u16 = 443;

/// A byte stream below TLS: a TCP connection on a board, an in-memory pipe in a test.
pub trait Transport: Read + Write {
    /// Waits until the first record can be read ([`crate::hello`]) or the peer has closed; reads nothing. Costs no TLS
    /// memory, so connections that have not said enough wait here.
    ///
    /// # Errors
    /// The connection was reset.
    fn readable(&mut self) -> impl Future<Output = Result<Readiness, Self::Error>>;

    /// Sends what is queued, then FIN, and waits until the peer has acknowledged it; what comes meanwhile is dropped. The caller bounds
    /// the wait.
    ///
    /// # Errors
    /// The connection was reset.
    fn finish(&mut self) -> impl Future<Output = Result<(), Self::Error>>;

    /// Drops the connection with a RST and frees what was queued.
    fn abort(&mut self);
}

/// How the wait for the client's first words has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// The client has said enough, or has closed.
    Ready,
    /// Another client needs the place, and this one has been silent for longest.
    GiveWay,
}
