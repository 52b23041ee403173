//! Manual pages and completion, read by the programs that they are made for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod pages;
mod shells;
