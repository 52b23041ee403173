//! One process of ours at a time writes a pair into a folder: the two files can't be replaced in one step.

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
