//! Questions asked of a TLS server, one a file; each returns data.
//!
//! [`observe`] asks those of one connection: connect, handshake, certificate, trust, page. `witness` and `link` are
//! what they are asked with.

pub mod alert;
pub mod answer;
pub mod audit;
pub mod certificate;
pub mod check;
pub mod client;
pub mod closing;
pub mod connect;
pub mod foreign;
pub mod handshake;
pub(crate) mod handshake_signature;
mod link;
pub mod observation;
pub mod page;
pub mod registry;
pub mod sessions;
pub mod suite;
pub mod tape;
pub mod target;
pub mod timing;
pub mod trust;
mod witness;

pub use observation::{Observation, Phase, Plan, Unobserved, observe};
