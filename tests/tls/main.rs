//! `src/tls` against messages that OpenSSL and GnuTLS made (`corpus/README.md`).
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod messages;
