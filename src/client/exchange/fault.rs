//! Why a request found no answer: what reqwest and the libraries below it say, sorted by what a user can do about it.

use std::{error::Error as StdError, io, net::SocketAddr, time::Duration};

use rustls::CertificateError;

use crate::{
    client::{
        connect::{ConnectError, LookupError, Unconnected},
        handshake::Broken,
        page::Page,
    },
    os_error::in_words,
    tls::AlertDescription,
};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unanswered {
    /// A library refused our own settings.
    #[error("the request can't be prepared: {0}")]
    Setup(String),
    /// There is no address to connect to.
    #[error(transparent)]
    Lookup(LookupError),
    /// No address took the connection.
    #[error("{error}")]
    Connect {
        /// What the first address said, the last time.
        error: ConnectError,
        /// How many attempts there were.
        attempts: u32,
    },
    /// The handshake broke off.
    #[error("{reason}")]
    Handshake {
        /// Why, the last time.
        reason: Broken,
        /// With whom.
        address: SocketAddr,
        /// How many attempts there were.
        attempts: u32,
    },
    /// Connection and handshake were not done in time.
    #[error("connection and handshake were not done within {limit:?}")]
    NotReached {
        /// Who was asked.
        address: SocketAddr,
        /// How long it was waited.
        limit: Duration,
    },
    /// The server's certificate is not the expected one. It got no request.
    #[error("the certificate is not the expected one: {error:?}")]
    Untrusted {
        /// Why not.
        error: CertificateError,
        /// Whose it is.
        address: SocketAddr,
    },
    /// The request was sent, and no whole answer came.
    #[error("{reason}")]
    NoAnswer {
        /// What came instead.
        reason: NoAnswer,
        /// From whom.
        address: SocketAddr,
    },
    /// An answer came that can't be read.
    #[error("the answer can't be read: {said}")]
    Unreadable {
        /// What reqwest says.
        said: String,
        /// What our own reader made of another such answer; `None` when the request may not be sent twice, or found no answer the
        /// second time.
        page: Option<Box<Page>>,
        /// From whom.
        address: SocketAddr,
    },
}

/// What came instead of a whole answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoAnswer {
    /// Nothing, or not all of it, in time.
    #[error("no whole answer came within {0:?}")]
    TimedOut(Duration),
    /// The end of the connection.
    #[error("the device closed the connection before its answer was whole")]
    Closed,
    /// A TCP reset.
    #[error("the device reset the connection before its answer was whole")]
    Reset,
    /// A TLS alert, as servers of TLS 1.3 refuse a client without a certificate.
    #[error("the device sent the alert {} ({})", .0.name(), .0.0)]
    Alert(AlertDescription),
    /// Something that breaks TLS.
    #[error("the device broke TLS after the handshake: {0}")]
    BrokenTls(rustls::Error),
    /// An error of this machine.
    #[error("the connection failed: {}", in_words(.0))]
    Io(io::Error),
}

impl Unanswered {
    /// Whether a small device says this when it has no room, and before it has got the request.
    pub(super) fn is_busy(&self) -> bool {
        match self {
            Self::Connect { error, .. } => matches!(error.reason, Unconnected::Refused),
            Self::Handshake { reason, .. } => matches!(reason, Broken::Reset | Broken::Closed),
            _ => false,
        }
    }

    /// What an error before the request was sent means.
    pub(super) fn before(
        error: &reqwest::Error,
        address: SocketAddr,
        limit: Duration,
        attempts: u32,
    ) -> Self {
        let handshake = |reason| Self::Handshake { reason, address, attempts };
        let connect = |reason| Self::Connect { error: ConnectError { address, reason }, attempts };
        match cause(error) {
            _ if error.is_timeout() => Self::NotReached { address, limit },
            Some(Cause::Tls(rustls::Error::InvalidCertificate(error))) if is_about_trust(&error) => {
                Self::Untrusted { error, address }
            }
            Some(Cause::Tls(error)) => handshake(error.into()),
            Some(Cause::Io(error)) => match error.kind() {
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => handshake(Broken::Reset),
                io::ErrorKind::UnexpectedEof => handshake(Broken::Closed),
                _ => connect(Unconnected::from_io(error)),
            },
            Some(Cause::Incomplete) => handshake(Broken::Closed),
            Some(Cause::Unreadable) | None => Self::Setup(innermost(error)),
        }
    }

    /// What an error after the request was sent means.
    pub(super) fn after(error: &reqwest::Error, address: SocketAddr, limit: Duration) -> Self {
        let none = |reason| Self::NoAnswer { reason, address };
        match cause(error) {
            _ if error.is_timeout() => none(NoAnswer::TimedOut(limit)),
            Some(Cause::Tls(rustls::Error::AlertReceived(alert))) => none(NoAnswer::Alert(alert.into())),
            Some(Cause::Tls(error)) => none(NoAnswer::BrokenTls(error)),
            Some(Cause::Incomplete) => none(NoAnswer::Closed),
            Some(Cause::Io(error)) => match error.kind() {
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::ConnectionAborted => none(NoAnswer::Reset),
                io::ErrorKind::UnexpectedEof => none(NoAnswer::Closed),
                // So hyper calls a chunk without a valid size.
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                    Self::Unreadable { said: error.to_string(), page: None, address }
                }
                _ => none(NoAnswer::Io(error)),
            },
            Some(Cause::Unreadable) | None => {
                Self::Unreadable { said: innermost(error), page: None, address }
            }
        }
    }
}

/// Whether the connection ended without a `close_notify`: for a body that ends with it, that is the end.
pub(super) fn is_bare_end(error: &reqwest::Error) -> bool {
    matches!(cause(error), Some(Cause::Io(error)) if error.kind() == io::ErrorKind::UnexpectedEof)
}

/// A verifier's verdict, and not a broken signature or certificate.
fn is_about_trust(error: &CertificateError) -> bool {
    !matches!(error, CertificateError::BadEncoding | CertificateError::BadSignature)
}

/// What is at the bottom of an error of reqwest.
enum Cause {
    Tls(rustls::Error),
    Io(io::Error),
    Incomplete,
    Unreadable,
}

fn cause(error: &(dyn StdError + 'static)) -> Option<Cause> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(Cause::Tls(tls.clone()));
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        let inner = io.get_ref().and_then(|inner| cause(inner));
        return Some(inner.unwrap_or_else(|| Cause::Io(again(io))));
    }
    if let Some(http) = error.downcast_ref::<hyper::Error>() {
        if http.is_parse() {
            return Some(Cause::Unreadable);
        }
        if http.is_incomplete_message() {
            return Some(Cause::Incomplete);
        }
    }
    error.source().and_then(cause)
}

/// An error of its own with the same meaning.
fn again(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}
