//! `esp-https discover`, with responders that answer by mDNS in a network of the test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod announced;
mod bench;
mod firmware;
mod hostile;
mod probed;
mod stopping;
