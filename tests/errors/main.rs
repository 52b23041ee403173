//! The codes of errors: that `docs/errors.md` is made from them, that each is raised, and that each is raised by a test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod arguments;
mod files;
mod limits;
mod page;
mod registry;
#[path = "../support/run.rs"]
#[allow(dead_code, reason = "every test binary uses its own part")]
mod run;
mod sources;
#[path = "../support/mod.rs"]
mod support;
