//! A file that is being replaced, kept until everything that belongs to the replacement is in its place.

use std::{fs, io, path::Path};

use tempfile::{Builder, TempPath};

use super::write::{TEMPORARY, folder_of, plain};

/// What was at a path before.
#[derive(Debug)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// A file, under a second name beside its own, which is deleted when this is dropped.
    File(TempPath),
}

impl Kept {
    /// Keeps what is at this path.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn keep(path: &Path) -> io::Result<Self> {
        // What could take the place of a file can't take that of a folder.
        if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let kept = Builder::new().prefix(TEMPORARY).make_in(folder_of(path), |spare| {
            match fs::hard_link(path, spare) {
                // A name that is taken, or nothing to keep.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) =>
                {
                    Err(error)
                }
                // A file system without hard links. For the moment until the new file is there, there is none.
                Err(_) => fs::rename(path, spare),
                Ok(()) => Ok(()),
            }
        });
        match kept {
            Ok(file) => Ok(Self::File(file.into_temp_path())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Nothing),
            Err(error) => Err(plain(error)),
        }
    }

    /// Puts it back, or removes what has come in its place. If that fails there is nothing left to try; the error that led here
    /// is the one to report.
    pub fn restore(self, path: &Path) {
        match self {
            Self::Nothing => drop(fs::remove_file(path)),
            Self::File(spare) => drop(spare.persist(path)),
        }
    }
}
