//! `esp-https hil` as a user runs it: on the emulated board, and on programs that take its place. What it does with a board at a
//! port is in `tests/flash/hil.rs`, beside the mock of the chip's ROM.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod bench;
mod ci_log;
mod commands;
mod container;
mod documents;
mod emulated;
mod faults;
mod standins;
