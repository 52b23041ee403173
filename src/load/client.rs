//! What the worker loop drives: one connection slot of a client, real ([`super::wire`]) or simulated.

use std::time::Duration;

use rustls::{CipherSuite, NamedGroup, ProtocolVersion};

use super::failure::{Class, Failure, Stage};
use crate::device::ready::Stat;

/// One connection slot: at most one connection at a time.
pub trait Client {
    /// Opens a connection: TCP and TLS.
    fn open(&mut self) -> impl Future<Output = Result<Opened, Failure>>;

    /// Whether there is a connection that takes a request. Notices an end that the peer has announced by now.
    fn is_open(&mut self) -> bool;

    /// Sends the request of the plan and awaits the whole answer. Without one the connection is gone.
    fn ask(&mut self) -> impl Future<Output = Result<Answered, Unanswered>>;

    /// Asks the device for its own figures; `None` when it has none to tell.
    fn stat(&mut self) -> impl Future<Output = Option<Stat>>;

    /// Ends the connection in order, as TLS asks.
    fn close(&mut self) -> impl Future<Output = ()>;

    /// Bytes that travelled since this was last asked.
    fn traffic(&mut self) -> Traffic;
}

/// Why a request has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// A connection that had given answers before ended under a request that may be sent again, before a byte of its answer
    /// came: the server was about to end it when the request went out.
    KeptEnded,
    /// Anything else.
    Failed(Failure),
}

impl From<Unanswered> for Failure {
    /// The failure that it is where the request is not sent again.
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::KeptEnded => Self::new(Class::ClosedEarly, Stage::Request),
            Unanswered::Failed(failure) => failure,
        }
    }
}

/// A finished handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// From the first SYN to the open connection.
    pub tcp: Duration,
    /// From the ClientHello to the end of the handshake.
    pub tls: Duration,
    /// What the TLS library says about the handshake.
    pub kind: HandshakeKind,
    /// What was agreed on.
    pub agreed: Agreed,
}

/// Kinds of handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandshakeKind {
    /// With certificate and signature.
    Full,
    /// The same after a HelloRetryRequest (RFC 8446, section 4.1.4).
    FullRetried,
    /// An earlier session was resumed.
    Resumed,
}

/// Version, suite and group, as their registered numbers; 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Agreed {
    /// The protocol version.
    pub version: u16,
    /// The cipher suite.
    pub suite: u16,
    /// The named group.
    pub group: u16,
}

/// A whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// From the request to the first byte.
    pub first_byte: Duration,
    /// From the request to the last byte.
    pub total: Duration,
    /// The status code.
    pub status: u16,
}

/// TCP payload bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Sent by us.
    pub sent: u64,
    /// Received from the peer.
    pub received: u64,
}

impl Agreed {
    /// From what the TLS library says.
    #[must_use]
    pub fn new(
        version: Option<ProtocolVersion>,
        suite: Option<CipherSuite>,
        group: Option<NamedGroup>,
    ) -> Self {
        Self {
            version: version.map_or(0, u16::from),
            suite: suite.map_or(0, u16::from),
            group: group.map_or(0, u16::from),
        }
    }
}
