//! The codes of errors: that `docs/errors.md` is made from them, that each is raised, and that each is raised by a test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod arguments;
mod files;
mod limits;
mod page;
mod registry;
mod sources;
