//! What the scripts of this repository say, and that the texts about them are true.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod all;
mod compare_audit;
mod documents;
mod prebuild;
mod report;
mod systems;
mod workflows;
