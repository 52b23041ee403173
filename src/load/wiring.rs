//! What all connection slots of a run share: the server's addresses, the requests, and how long each step may take.

use std::{net::SocketAddr, time::Duration};

use rustls::pki_types::ServerName;

use crate::client::{answer::Method, request::Repetition, trusting::Resume};

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
