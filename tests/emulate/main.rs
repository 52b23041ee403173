//! `esp-https emulate` against scripted emulators: what a real one does too rarely, or too well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod command;
mod family;
mod lifecycle;
mod orphans;
mod prebuilt;
mod secrets;
mod workspace;
