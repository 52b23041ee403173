//! The server over in-memory pipes, in simulated time. HTTP is tried over a session that does not encrypt, TLS with
//! rustls on both sides, through the same traits as the board's.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy.toml frees only the tests, not what they share"
)]

mod arbitrary;
mod bodies;
mod delivery;
mod fairness;
mod files;
mod handshakes;
mod memory;
mod misbehaving;
mod neighbours;
#[cfg(feature = "net")]
mod network;
mod pages;
mod requests;
mod sessions;
mod site;
mod tls;

use esp_https_testing::{client, pipe, plain, sim};
