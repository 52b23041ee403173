//! Every way in which a command ends: its document is valid, tells the exit code, and hints at flags that the command has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod bench;
mod certgen;
mod discover;
mod doctor;
mod emulate;
mod flash;
mod hil;
mod hints;
mod images;
mod init;
mod load;
mod man;
mod monitor;
mod probe;
mod usage;
