//! What the questions are asked with: `offer` writes a hello, `exchange` sends it, `flight` reads the answer, `judge` says what
//! several answers amount to, and `asker` keeps pace, limits and health.

pub(crate) mod asker;
pub(crate) mod client_certificate_rule;
pub(crate) mod exchange;
pub(crate) mod facts;
pub(crate) mod flight;
pub(crate) mod handshakes;
pub mod health;
pub(crate) mod judge;
pub(crate) mod key_shares;
pub mod ledger;
pub(crate) mod offer;
pub(crate) mod outcome;
pub(crate) mod pace;
pub(crate) mod presence;
pub mod stop;
