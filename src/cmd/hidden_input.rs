//! Asking a person for a secret: on the terminal, without showing what is typed.

use std::io::{self, IsTerminal as _, Read as _};

use zeroize::Zeroizing;

use crate::system::terminal::{SecretPrompt, SecretReader, unbuffered_stdin};

/// Takes the terminal.
///
/// # Errors
/// There is none, or nobody at it.
pub(super) fn open() -> io::Result<SecretPrompt> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(io::ErrorKind::NotFound.into());
    }
    SecretPrompt::open()
}

/// Reads the line that is typed, with its end; `None` at the end of the input.
pub(super) fn typed_line(terminal: SecretReader) -> Option<Zeroizing<Vec<u8>>> {
    terminal.line(LONGEST).ok().filter(|bytes| !bytes.is_empty())
}

/// Reads standard input, which is a secret. Not by the standard library's reader, whose buffer would keep it.
///
/// # Errors
/// Those of the system.
pub(super) fn from_stdin() -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    unbuffered_stdin()?.take(LONGEST as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The longest line that a terminal of Linux gives, in bytes (N_TTY_BUF_SIZE); far longer than any password.
const LONGEST: usize = 4096;
