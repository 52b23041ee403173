//! One process of ours at a time writes a pair into a folder: the two files can't be replaced in one step. And one works on the
//! file of a fleet.

use std::{
    fs::{File, TryLockError},
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use super::StoreError;
use crate::system::files::FileIdentity;

/// Keeps the folders of a pair locked; given back when dropped, and by the kernel when the process ends. The folders
/// themselves are locked (flock), so that no file is left behind.
pub(super) struct FolderLock {
    _folders: Vec<File>,
}

impl FolderLock {
    /// Waits for the locks of the folders of the key and of the certificate: links may lead to two of them.
    ///
    /// # Errors
    /// [`StoreError::Locked`] after half a minute.
    pub(super) fn take(folders: [&Path; 2]) -> Result<Self, StoreError> {
        // A folder that can't be opened or locked, as on some network file systems, is written to without.
        let opened = folders.into_iter().filter_map(|path| {
            let file = File::open(path).ok()?;
            let found = file.metadata().ok()?;
            Some((FileIdentity::of(path, &found), path, file))
        });
        let mut opened: Vec<_> = opened.collect();
        // Each folder once, and all processes in the same order: no two of them wait for each other.
        opened.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        opened.dedup_by(|(one, ..), (other, ..)| one == other);
        let folders = opened.into_iter().map(|(_, path, file)| locked(path, file));
        Ok(Self { _folders: folders.collect::<Result<_, _>>()? })
    }
}

/// Keeps a file locked that is replaced by its owner; given back when dropped, and by the kernel when the process ends.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Waits for the lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] after half a minute, and [`StoreError::Write`] when the file can't be opened.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Write { path: path.to_owned(), source };
        loop {
            let file = locked(path, File::open(path).map_err(failed)?)?;
            let (locked, named) = (file.metadata().map_err(failed)?, path.metadata().map_err(failed)?);
            // Whoever had the lock before may have put another file in its place.
            if FileIdentity::of(path, &locked) == FileIdentity::of(path, &named) {
                return Ok(Self { _file: file });
            }
        }
    }
}

fn locked(path: &Path, folder: File) -> Result<File, StoreError> {
    let since = Instant::now();
    loop {
        match folder.try_lock() {
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(folder),
            Err(TryLockError::WouldBlock) if since.elapsed() >= LIMIT => {
                return Err(StoreError::Locked { path: path.to_owned(), waited: LIMIT });
            }
            Err(TryLockError::WouldBlock) => sleep(POLL),
        }
    }
}

/// Writing a pair takes milliseconds.
const LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(5);
