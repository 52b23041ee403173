//! Questions asked of a TLS server, one a file; each returns data.
//!
//! [`observe`] asks those of one connection: connect, handshake, certificate, trust, page.

pub mod audit;
pub mod check;
pub mod closing;
pub mod hosts;
pub mod observation;
pub mod page;

pub use observation::{Observation, ProbePlan, ProbeStep, Unobserved, observe};
