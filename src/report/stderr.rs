//! What a person reads beside the result: on standard error, a line at a time.

use std::io::{self, Write as _};

use super::ci_log::guarded;

/// How much is said besides the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chatter {
    /// Progress and notes.
    Normal,
    /// Warnings and errors only.
    Quiet,
}

/// Writes a line to standard error, or several.
pub(super) fn say(line: &str) {
    command(&guarded(line.to_owned()));
}

/// Writes a line to standard error that may be a command to the program that reads it.
pub(super) fn command(line: &str) {
    say_part(&format!("{line}\n"));
}

/// Writes a part of a line to standard error.
pub(super) fn say_part(text: &str) {
    // A closed standard error is no reason to stop working.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
