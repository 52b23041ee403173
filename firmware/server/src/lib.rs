//! The device's HTTPS server. Knows no board: bytes come from a [`Transport`], TLS from an [`Acceptor`], time from
//! `embassy-time`'s driver, heap figures from a function the board hands in. Tested on the host.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod budget;
pub mod fingerprint;
#[cfg(feature = "mbedtls")]
pub mod mbedtls;
#[cfg(feature = "net")]
pub mod net;
#[cfg(feature = "mdns")]
pub mod mdns;
mod seam;

pub use seam::{Acceptor, HandshakeError, Resumption, TlsSession, Transport};
