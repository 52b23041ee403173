//! What the integration tests of `esp-https` share: one way to run the program, to start and end a process, to wait for a
//! condition, to hold a document against its schema, to start a server that nobody here wrote, and to skip a test.
//!
//! Every function here fails its test by panicking, with what it was about to do in the message.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

pub mod board;
pub mod certificates;
mod child;
pub mod document;
mod folder;
pub mod junit;
pub mod network;
pub mod peer;
mod program;
pub mod proxy;
pub mod run;
pub mod secret;
mod seeds;
pub mod server;
pub mod skip;
mod tools;
mod wait;

pub use child::{Running, signal, signal_all};
pub use folder::{make_fifo, names, open_fifo};
pub use program::{command, command_in, esp_https, from_root, stderr, stdout};
pub use seeds::seeds;
pub use skip::{skip, skip_part};
pub use tools::{openssl, require, require_firmware, require_python};
pub use wait::{LONGEST, eventually, wait_for, wait_until};
