//! Where what a board says is kept, as it says it.

use crate::os_error::in_words;
use std::{
    fmt,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Takes what a board says, byte for byte.
pub struct SerialLog {
    path: PathBuf,
    sink: Box<dyn Write + Send>,
}

/// The log could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", path.display(), in_words(source))]
pub struct SerialLogError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

impl SerialLog {
    /// A log that goes to `sink`; `path` is its name, `-` for standard output.
    #[must_use]
    pub fn new(path: &Path, sink: Box<dyn Write + Send>) -> Self {
        Self { path: path.to_owned(), sink }
    }

    /// Appends what the board said.
    ///
    /// # Errors
    /// It can't be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SerialLogError> {
        let failed = |source| SerialLogError { path: self.path.clone(), source };
        self.sink.write_all(bytes).map_err(failed)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Debug for SerialLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SerialLog").field("path", &self.path).finish_non_exhaustive()
    }
}
