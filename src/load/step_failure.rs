//! Why a step on a connection ended, and the class of failures that it amounts to.

use std::io;

use super::failure::{Class, Failure, Stage};
use crate::client::connect::{ConnectError, Unconnected};

/// Why a step ended.
#[derive(Debug)]
pub(super) enum StepFailure {
    /// The system says so.
    Io(io::Error),
    /// The TLS library says so.
    Tls(rustls::Error),
    /// What came is no HTTP, or breaks it.
    Http,
    /// The time was over.
    Late,
    /// The peer ended the connection.
    Ended,
}

impl StepFailure {
    /// The failure it is while `stage` was under way.
    pub(super) fn failure(&self, stage: Stage) -> Failure {
        let class = match self {
            Self::Io(error) => return Failure::of_io(error, stage),
            Self::Tls(error) => Class::of_tls(error),
            Self::Http => Class::Protocol,
            Self::Late if stage == Stage::Handshake => Class::HandshakeTimeout,
            Self::Late => Class::ReadTimeout,
            Self::Ended => Class::ClosedEarly,
        };
        Failure::new(class, stage)
    }
}

/// The failure that a refused connection is.
pub(super) fn unconnected(error: ConnectError) -> Failure {
    let class = match error.reason {
        Unconnected::Refused => Class::Refused,
        Unconnected::NoRoute(_) => Class::Unreachable,
        Unconnected::TimedOut(_) => Class::ConnectTimeout,
        Unconnected::Other(error) => return Failure::of_io(&error, Stage::Connect),
    };
    Failure::new(class, Stage::Connect)
}
