//! The terminal that a person types at.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    os::fd::AsFd as _,
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// Asks for a secret. What is typed is not shown until this is dropped, however the asking ends.
pub(crate) struct SecretPrompt {
    terminal: File,
    _quiet: Quiet,
}

/// Reads what is typed.
pub(crate) struct SecretReader(File);

impl SecretPrompt {
    pub(crate) fn open() -> io::Result<Self> {
        let terminal = File::options().read(true).write(true).open("/dev/tty")?;
        let quiet = Quiet::new(terminal.try_clone()?)?;
        Ok(Self { terminal, _quiet: quiet })
    }

    /// Shows a text.
    pub(crate) fn show(&mut self, text: &str) -> io::Result<()> {
        self.terminal.write_all(text.as_bytes())
    }

    /// What reads the next line, which takes as long as somebody types.
    pub(crate) fn reader(&self) -> io::Result<SecretReader> {
        self.terminal.try_clone().map(SecretReader)
    }
}

impl SecretReader {
    /// A line, with its end, of at most `most` bytes; empty when the input has ended.
    pub(crate) fn line(mut self, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
        // A terminal gives a line at a time.
        let mut bytes = Zeroizing::new(vec![0; most]);
        let count = self.0.read(&mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    }
}

/// A terminal that shows nothing, until this is dropped.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn new(terminal: File) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing anyway. What is typed ahead, such as a second line that was pasted, is dropped:
        // it may be of the password. The key that ended the line was not shown either.
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
        let _ = self.terminal.write_all(b"\n");
    }
}

/// Standard input without the standard library's buffer, which would keep a secret.
pub(crate) fn unbuffered_stdin() -> io::Result<File> {
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}
