//! `esp-https probe` against a server nobody here wrote (openssl s_server), and against peers that misbehave.
//! Every JSON document that a test sees is validated against `docs/schema/probe.json`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod answer;
mod bench;
mod client_certificate;
mod failures;
mod negotiation;
mod odd_http;
mod output;
mod page;
mod recorder;
mod request;
mod trace;
mod trust;
mod zones;
