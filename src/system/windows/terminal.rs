//! The console that a person types at.

use std::{
    fs::File,
    io::{self, Write as _},
    os::windows::io::AsHandle as _,
};

use zeroize::Zeroizing;

/// Asks for a secret. What is typed is not shown.
pub(crate) struct SecretPrompt(File);

/// Reads what is typed.
pub(crate) struct SecretReader;

impl SecretPrompt {
    pub(crate) fn open() -> io::Result<Self> {
        File::options().read(true).write(true).open("CONOUT$").map(Self)
    }

    /// Shows a text.
    pub(crate) fn show(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes())
    }

    /// What reads the next line, which takes as long as somebody types.
    pub(crate) fn reader(&self) -> io::Result<SecretReader> {
        Ok(SecretReader)
    }
}

impl SecretReader {
    /// A line with its end; empty when the input has ended.
    pub(crate) fn line(self, _most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(rpassword::read_password()?.into_bytes());
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Standard input without the standard library's buffer, which would keep a secret.
pub(crate) fn unbuffered_stdin() -> io::Result<File> {
    io::stdin().as_handle().try_clone_to_owned().map(File::from)
}
