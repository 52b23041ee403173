//! The device's HTTPS server. Knows no board: bytes come from a [`Transport`], TLS from an [`Acceptor`], time from
//! `embassy-time`'s driver, heap figures from a function the board hands in. Tested on the host.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

#[cfg(feature = "net")]
pub mod backlog;
pub mod budget;
mod busy_time;
mod exchange;
mod fairness;
pub mod fingerprint;
pub mod hello;
mod http;
pub mod lines;
#[cfg(feature = "mbedtls")]
pub mod mbedtls;
pub mod mdns;
#[cfg(feature = "net")]
pub mod net;
#[cfg(feature = "net")]
pub mod refusal_filter;
mod routes;
mod server;
mod shared;
mod slots;
mod stats;
mod timeouts;
mod tls;
mod transport;

pub use server::Server;
pub use stats::{HeapFigures, Stats};
pub use tls::{Acceptor, ClientCertificates, HandshakeError, Resumption, TlsSession};
pub use transport::{PORT, Readiness, Transport};
