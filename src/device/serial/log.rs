//! A file that takes what a board says, as it says it.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// A file that takes what a board says, byte for byte.
#[derive(Debug)]
pub struct SerialLog {
    path: PathBuf,
    file: File,
}

/// The log could not be opened or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct SerialLogError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

impl SerialLog {
    /// Opens the file, to be appended to.
    ///
    /// # Errors
    /// It can't be opened for writing.
    pub fn open(path: &Path) -> Result<Self, SerialLogError> {
        let file = File::options().create(true).append(true).open(path);
        let failed = |source| SerialLogError { path: path.to_owned(), source };
        Ok(Self { path: path.to_owned(), file: file.map_err(failed)? })
    }

    /// Appends what the board said.
    ///
    /// # Errors
    /// It can't be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SerialLogError> {
        let failed = |source| SerialLogError { path: self.path.clone(), source };
        self.file.write_all(bytes).map_err(failed)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_and_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serial.log");
        std::fs::write(&path, "before ").unwrap();
        SerialLog::open(&path).unwrap().write(b"after").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"before after");
        assert_eq!(SerialLog::open(folder.path()).unwrap_err().path, folder.path());
    }
}
