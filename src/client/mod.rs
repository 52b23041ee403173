//! One connection to a TLS server, for every command that makes one: whom to reach, how the handshake is made and judged,
//! what is spoken over it, and what went wrong.

pub mod answer;
pub mod connect;
pub(crate) mod connection;
pub mod exchange;
pub mod handshake;
pub mod http;
pub mod interface;
pub mod not_tls;
pub mod observing;
pub mod oddity;
pub mod page;
pub mod request;
pub mod sessions;
pub mod suite;
pub mod target;
pub mod timing;
pub mod tls;
pub mod transcript;
pub mod trust;
pub mod trusting;
pub(crate) mod verification;
