//! `esp-https certgen`, judged by other implementations: openssl, rustls, curl, and the JSON Schema.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod der;
mod files;
mod help;
mod openssl;
mod refusals;
mod trust;
mod workspace;
