//! Questions asked of a TLS server, one a file; each returns data.
//!
//! [`observe`] asks those of one connection: connect, handshake, certificate, trust, page.

pub mod audit;
pub mod check;
pub mod closing;
pub mod hosts;
pub mod observation;

pub use observation::{Observation, PageWish, ProbePlan, ProbeStep, Unobserved, observe, shown_chain};
