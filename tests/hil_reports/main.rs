//! The pages of `hil` in a real browser, and its JUnit XML for those who read it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../src/report/hil/sample.rs"]
mod sample;

mod browser;
mod page;
mod runs;
