//! Tries the pages of a board on the host: the server of the firmware in memory, in simulated time. [`Board`] is what a test of
//! pages needs; the modules are what it is made of, and what the server's own tests use.
//!
//! It needs the feature `mock-driver` of `embassy-time`, so that it is for tests only: a dependency under `[dev-dependencies]`.
#![forbid(unsafe_code)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and clippy.toml frees only the tests, not what they share"
)]

mod board;
pub mod client;
pub mod pipe;
pub mod plain;
pub mod sim;

pub use board::Board;
pub use client::Answer;

/// The examples of the guide are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/firmware.md")]
struct Guide;
