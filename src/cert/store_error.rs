//! Why a pair can't be written. Names the file or folder at fault.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::os_error::in_words;

/// Why a pair could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// One of the files is there already.
    #[error("the file exists")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// There is a folder where a file should be.
    #[error("there is a folder of that name")]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// There is a device, a pipe or a socket where a file should be.
    #[error("it is not a file, but a device, a pipe or a socket")]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// There is something else where the folder should be.
    #[error("it is not a folder")]
    NotAFolder {
        /// What is there.
        path: PathBuf,
    },
    /// The folder's parent does not exist either.
    #[error("neither this folder nor the one above it exists")]
    NoParent {
        /// The folder.
        path: PathBuf,
    },
    /// Another process writes a pair to the folder all the time.
    #[error("another program has kept the folder locked for {} s", waited.as_secs())]
    Locked {
        /// The folder.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The system refuses.
    #[error("{}", in_words(source))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl StoreError {
    /// The file or folder at fault.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Exists { path }
            | Self::IsFolder { path }
            | Self::NotAFile { path }
            | Self::NotAFolder { path }
            | Self::NoParent { path }
            | Self::Locked { path, .. }
            | Self::Write { path, .. } => path,
        }
    }
}
