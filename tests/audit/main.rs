//! `esp-https probe --audit` and `--all` against servers nobody here wrote, compared with what nmap finds on the same
//! server; behind a proxy that breaks connections at random; and against peers that misbehave.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod answers;
mod bench;
mod faults;
mod foreign;
mod gates;
mod locked;
mod nmap;
mod raw;
mod rustls_server;
mod zoo;
