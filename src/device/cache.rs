//! The folder that keeps what was built or unpacked.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::sleep;

use crate::{
    os_error::{in_words, not_made},
    system::folders,
};

/// The folder that keeps sources, build products and ELF files between runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    root: PathBuf,
}

/// Why the cache can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// Neither a cache folder nor a home folder is known.
    #[error("neither HOME nor a cache folder is set")]
    NoFolder,
    /// Something in it can't be made, read or opened.
    #[error("{}: {}", path.display(), in_words(source))]
    Unusable {
        /// What it is.
        path: PathBuf,
        /// Why it can't be.
        source: io::Error,
    },
}

impl Cache {
    /// `$ESP_HTTPS_CACHE_DIR`, else `esp-https` in the folder where the system's programs keep such things: `$XDG_CACHE_HOME` or
    /// `~/.cache` on Linux, `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows.
    /// `variable` looks an environment variable up. A relative path counts for the first only, as the standard says.
    ///
    /// # Errors
    /// None of them is set.
    pub fn locate(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<Self, CacheError> {
        let set = |name: &str| variable(name).filter(|path| !path.as_os_str().is_empty());
        let usual = || folders::cache(set).map(|folder| folder.join("esp-https"));
        let root = set("ESP_HTTPS_CACHE_DIR").or_else(usual).ok_or(CacheError::NoFolder)?;
        Ok(Self { root: std::path::absolute(&root).unwrap_or(root) })
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The ELF file that was built for a board's folder from the sources with this hash.
    pub(super) fn elf(&self, board: &str, hash: &str) -> PathBuf {
        self.root.join(format!("{board}-{}.elf", short(hash)))
    }

    /// The prebuilt ELF file with this hash, for a board's folder.
    pub(super) fn prebuilt(&self, board: &str, hash: &str) -> PathBuf {
        self.root.join(format!("{board}-prebuilt-{}.elf", short(hash)))
    }

    /// Writes a file of the cache, whole or not at all.
    pub(super) fn keep(&self, path: &Path, bytes: &[u8]) -> Result<(), CacheError> {
        let failed = |source| CacheError::Unusable { path: path.to_owned(), source };
        self.make_root().map_err(failed)?;
        let mut copy = tempfile::Builder::new().prefix(".elf-").tempfile_in(&self.root).map_err(failed)?;
        copy.write_all(bytes).map_err(failed)?;
        copy.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    fn make_root(&self) -> io::Result<()> {
        fs::create_dir_all(&self.root).map_err(|error| not_made(&self.root, error))
    }

    /// Where the sources with this hash are unpacked.
    pub(super) fn sources(&self, hash: &str) -> PathBuf {
        self.root.join(format!("firmware-{}", short(hash)))
    }

    /// Cargo's target folder, shared between versions, so that a new one recompiles only what changed.
    pub(super) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// Only one process at a time changes the cache. The lock goes when the file is closed, and with its process. `waiting` is
    /// called once if another process has it.
    pub(super) async fn lock(&self, waiting: impl FnOnce()) -> Result<File, CacheError> {
        let path = self.root.join("lock");
        let failed = |source| CacheError::Unusable { path: path.clone(), source };
        self.make_root().map_err(failed)?;
        let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
        let mut waiting = Some(waiting);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) => match waiting.take() {
                    Some(waiting) => waiting(),
                    None => sleep(LOCK_POLL).await,
                },
            }
        }
    }
}

/// Names of files have so much of a hash.
pub(super) fn short(hash: &str) -> &str {
    hash.get(..16).unwrap_or(hash)
}

const LOCK_POLL: Duration = Duration::from_millis(100);

#[cfg(test)]
impl Cache {
    pub(super) fn at(root: PathBuf) -> Self {
        Self { root }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate(variables: &[(&str, &str)]) -> Option<PathBuf> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value))
        };
        Cache::locate(variable).ok().map(|cache| cache.root)
    }

    #[test]
    fn the_cache_is_where_it_is_told_to_be() {
        let home = ("HOME", "/home/ada");
        assert_eq!(locate(&[home]), Some("/home/ada/.cache/esp-https".into()));
        assert_eq!(locate(&[home, ("XDG_CACHE_HOME", "/x")]), Some("/x/esp-https".into()));
        assert_eq!(locate(&[home, ("XDG_CACHE_HOME", "x")]), Some("/home/ada/.cache/esp-https".into()));
        assert_eq!(
            locate(&[home, ("ESP_HTTPS_CACHE_DIR", "/c"), ("XDG_CACHE_HOME", "/x")]),
            Some("/c".into())
        );
        assert_eq!(locate(&[("HOME", "")]), None);
    }

    #[tokio::test]
    async fn the_second_to_lock_the_cache_waits_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { root: folder.path().join("new") };
        let first = cache.lock(|| panic!("nobody holds it")).await.unwrap();
        let mut waited = false;
        let mut second = Box::pin(cache.lock(|| waited = true));
        assert!(tokio::time::timeout(LOCK_POLL * 3, &mut second).await.is_err());
        drop(first);
        second.await.unwrap();
        assert!(waited);
    }
}
