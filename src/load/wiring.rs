//! What all connection slots of a run share: the server's addresses, the requests, and how long each step may take.

use std::{net::SocketAddr, time::Duration};

use rustls::pki_types::ServerName;

use crate::client::{answer::Method, trusting::Resume};

/// What all slots send, and to whom.
#[derive(Debug)]
pub struct Wiring {
    /// Where to connect to: the first that takes the connection.
    pub addresses: Vec<SocketAddr>,
    /// The name to send as SNI and to check the certificate against.
    pub server_name: ServerName<'static>,
    /// The request, as its bytes.
    pub request: Vec<u8>,
    /// Whether its answer can have a body.
    pub method: Method,
    /// Whether it may be sent again.
    pub repetition: Repetition,
    /// The request for the device's figures, as its bytes.
    pub stat_request: Vec<u8>,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// Which sessions are resumed.
    pub resume: Resume,
}

/// Whether a request may be sent again when it is not known what became of it (RFC 9110, section 9.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repetition {
    /// Its method is idempotent.
    Harmless,
    /// Its method is not.
    Harmful,
}

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// TCP.
    pub connect: Duration,
    /// The handshake, from the ClientHello to its end.
    pub handshake: Duration,
    /// From the request to the end of the answer.
    pub answer: Duration,
}
