//! Every flag that names a file that is written, of every command, found in clap's definitions: what the file may be, and
//! that it is none of the command's own.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod conflicts;
mod flags;
mod places;
mod recipes;
