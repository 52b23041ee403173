//! `esp-https certgen`, judged by other implementations: openssl, rustls, curl, and the JSON Schema.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod ca;
mod clock;
mod der;
mod files;
mod fleet;
mod help;
mod inspect;
mod openssl;
mod refusals;
mod renew;
mod trust;
mod typed;
mod workspace;
