//! `esp-https doctor` on machines that lack something.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cleaning;
mod machine;
mod missing;
mod ports;
mod schema;
mod text;
