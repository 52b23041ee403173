//! `esp-https load` against servers in this process that behave, and misbehave at every stage, and against one that
//! nobody here wrote (openssl s_server). Every JSON document that a test sees is validated against
//! `docs/schema/load.json`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod bench;
mod counts;
mod errors;
mod gates;
mod histograms;
mod merging;
mod output;
mod own_limits;
mod same_faults;
mod server;
mod signals;
mod tls;
mod usage;
