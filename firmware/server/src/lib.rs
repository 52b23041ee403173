//! The device's HTTPS server. Knows no board: bytes come from a [`Transport`], TLS from an [`Acceptor`], time from
//! `embassy-time`'s driver, heap figures from a function the board hands in. Tested on the host.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod activity;
#[cfg(feature = "net")]
pub mod backlog;
pub mod budget;
mod exchange;
pub mod fingerprint;
mod gate;
mod http;
pub mod lines;
#[cfg(feature = "mbedtls")]
pub mod mbedtls;
#[cfg(feature = "mdns")]
pub mod mdns;
mod meter;
#[cfg(feature = "net")]
pub mod net;
mod routes;
mod seam;
mod server;
mod stats;
mod timeouts;

pub use seam::{Acceptor, HandshakeError, Resumption, TlsSession, Transport};
pub use server::Server;
pub use stats::{HeapFigures, Stats};
