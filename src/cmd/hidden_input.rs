//! Asking a person for a secret: on the terminal, without showing what is typed.

use std::{
    fs::File,
    io::{self, IsTerminal as _, Read as _, Write as _},
    os::fd::AsFd as _,
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// A terminal that shows nothing of what is typed, until this is dropped, however the asking ends.
pub(super) struct HiddenInput {
    terminal: File,
    before: Termios,
}

impl HiddenInput {
    /// Takes the terminal.
    ///
    /// # Errors
    /// There is none, or nobody at it.
    pub(super) fn open() -> io::Result<Self> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let terminal = File::options().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }

    /// Shows a text.
    ///
    /// # Errors
    /// Those of the terminal.
    pub(super) fn show(&mut self, text: &str) -> io::Result<()> {
        self.terminal.write_all(text.as_bytes())
    }

    /// What reads a line, for a thread of its own.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn reader(&self) -> io::Result<File> {
        self.terminal.try_clone()
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing anyway. What is typed ahead, such as a second line that was pasted, is dropped:
        // it may be of the secret. The key that ended the line was not shown either.
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
        let _ = self.terminal.write_all(b"\n");
    }
}

/// Reads the line that is typed, with its end; `None` at the end of the input. A terminal gives a line at a time.
pub(super) fn typed_line(mut terminal: File) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; LONGEST]);
    match terminal.read(&mut bytes) {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            bytes.truncate(count);
            Some(bytes)
        }
    }
}

/// Reads standard input, which is a secret. Not by the standard library's reader, whose buffer would keep it.
///
/// # Errors
/// Those of the system.
pub(super) fn from_stdin() -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    input.take(LONGEST as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The longest line that a terminal of Linux gives, in bytes (N_TTY_BUF_SIZE); far longer than any password.
const LONGEST: usize = 4096;
