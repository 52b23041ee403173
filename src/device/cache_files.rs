//! What is in the cache, what of it this program still uses, and removing the rest.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use serde::Serialize;

use super::{
    bundle::Bundle,
    cache::{Cache, short},
    chip,
    firmware::FirmwareBoard,
    prebuilt::PrebuiltImages,
};
use crate::{
    os_error::in_words,
    system::files::{names, on_disk},
};

/// The names in the cache that this program uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheNames {
    /// Of the firmware that was built from the sources in this program, for each board.
    built: Vec<String>,
    /// Of the prebuilt firmware in this program.
    prebuilt: Vec<String>,
    /// Of the folder with the sources.
    sources: Option<String>,
}

/// Something in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CacheFile {
    /// Its path.
    #[serde(serialize_with = "crate::text::path")]
    pub path: PathBuf,
    /// What it is.
    pub kind: CacheFileKind,
    /// How much space it takes, in bytes.
    pub bytes: u64,
}

/// What something in the cache is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CacheFileKind {
    /// An image, or sources, that this program uses.
    Current,
    /// An image or sources of another version of esp-https, or what a run left that was killed.
    Old,
    /// What cargo made, which all versions share.
    BuildProducts,
    /// Something else. It is never removed.
    Foreign,
}

/// What was removed from the cache, and what was to be removed and is in use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cleaned {
    /// What was removed.
    pub removed: Vec<CacheFile>,
    /// What another process uses at this moment.
    pub in_use: Vec<CacheFile>,
}

/// Why the cache could not be cleaned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CleanError {
    /// Another process changes the cache.
    #[error("another esp-https builds a firmware there")]
    Busy,
    /// Something can't be looked at or removed.
    #[error("{}: {}", path.display(), in_words(source))]
    File {
        /// What it is.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// A file of the cache that stays while this is held: [`Cache::clean`] of another process leaves it alone.
#[derive(Debug)]
pub struct InUse {
    _file: File,
}

impl CacheNames {
    /// Those of this program.
    #[must_use]
    pub fn of_this_binary() -> Self {
        let bundle = Bundle::FIRMWARE;
        if bundle.is_empty() {
            return Self::default();
        }
        Self::new(&bundle.hash(), PrebuiltImages::FIRMWARE.of(bundle).iter().map(|i| (i.board, i.sha256)))
    }

    fn new<'a>(sources: &str, images: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let boards = [FirmwareBoard::QemuVirt, FirmwareBoard::Chip(chip::DEFAULT)];
        Self {
            built: boards.map(|board| format!("{}-{}.elf", board.folder(), short(sources))).to_vec(),
            prebuilt: images.map(|(board, hash)| format!("{board}-prebuilt-{}.elf", short(hash))).collect(),
            sources: Some(format!("firmware-{}", short(sources))),
        }
    }

    fn has(&self, name: &str) -> bool {
        let named = self.built.iter().chain(&self.prebuilt).chain(&self.sources);
        named.into_iter().any(|known| known == name)
    }

    /// What an entry of the cache is, by its name. Only what has exactly the form of a name of ours is ever called old.
    fn kind(&self, name: &str, is_folder: bool, age: Duration) -> CacheFileKind {
        let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hash_of_image =
            name.strip_suffix(".elf").and_then(|stem| stem.rsplit_once('-')).map(|(_, hash)| hash);
        let hash_of_sources = name.strip_prefix("firmware-");
        let is_ours = if is_folder { hash_of_sources } else { hash_of_image }.is_some_and(is_hash);
        let is_leftover = if is_folder { name.starts_with(".unpack-") } else { name.starts_with(".elf-") };
        match name {
            _ if self.has(name) => CacheFileKind::Current,
            "target" if is_folder => CacheFileKind::BuildProducts,
            "lock" if !is_folder => CacheFileKind::Current,
            // Without sources of its own this program can't tell what is old.
            _ if is_ours && self.sources.is_some() => CacheFileKind::Old,
            _ if is_leftover && age >= LEFTOVER_AFTER => CacheFileKind::Old,
            _ if is_leftover => CacheFileKind::Current,
            _ => CacheFileKind::Foreign,
        }
    }
}

impl Cache {
    /// Whether the firmware for a board was built from the sources in this program.
    #[must_use]
    pub fn has_built(&self, board: FirmwareBoard) -> bool {
        !Bundle::FIRMWARE.is_empty() && self.elf(board.folder(), &Bundle::FIRMWARE.hash()).is_file()
    }

    /// What is in it, by name. Sizes are counted until `until`; what is left then counts as nothing. Empty when there is no
    /// such folder.
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn files(&self, names: &CacheNames, until: Instant) -> io::Result<Vec<CacheFile>> {
        let entries = match fs::read_dir(self.root()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files: Vec<CacheFile> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                // Of a link itself: what it leads to is not in the cache.
                let meta = entry.path().symlink_metadata().ok()?;
                let age = meta.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
                let name = entry.file_name();
                let kind = match name.to_str() {
                    Some(name) if meta.is_file() || meta.is_dir() => {
                        names.kind(name, meta.is_dir(), age.unwrap_or_default())
                    }
                    _ => CacheFileKind::Foreign,
                };
                Some(CacheFile { bytes: size(&entry.path(), until), path: entry.path(), kind })
            })
            .collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(files)
    }

    /// Removes what no version of the program that is running uses any more, and nothing that another process has in use.
    ///
    /// # Errors
    /// Another process builds, or something can't be removed.
    pub fn clean(&self, names: &CacheNames, until: Instant) -> Result<Cleaned, CleanError> {
        let failed = |source| CleanError::File { path: self.root().to_owned(), source };
        let files = self.files(names, until).map_err(failed)?;
        let old = || files.iter().filter(|file| file.kind == CacheFileKind::Old);
        let mut cleaned = Cleaned::default();
        if old().next().is_none() {
            return Ok(cleaned);
        }
        let _lock = self.lock_at_once()?;
        for file in old() {
            let failed = |source| CleanError::File { path: file.path.clone(), source };
            match remove(&file.path).map_err(failed)? {
                Removed::Yes => cleaned.removed.push(file.clone()),
                Removed::InUse => cleaned.in_use.push(file.clone()),
            }
        }
        Ok(cleaned)
    }

    fn lock_at_once(&self) -> Result<File, CleanError> {
        let path = self.root().join("lock");
        let failed = |source| CleanError::File { path: path.clone(), source };
        let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(CleanError::Busy),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

impl InUse {
    /// Says that this process uses a file; `None` when it has gone in the meantime. Waits while another process removes it.
    #[must_use]
    pub fn hold(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        // A file system without locks keeps no file: nothing can be done about it then.
        let _ = file.lock_shared();
        file.metadata().is_ok_and(|meta| names(&meta) > 0).then_some(Self { _file: file })
    }
}

enum Removed {
    Yes,
    InUse,
}

fn remove(path: &Path) -> io::Result<Removed> {
    if path.symlink_metadata()?.is_dir() {
        // Whoever builds in it holds the lock of the cache.
        return fs::remove_dir_all(path).map(|()| Removed::Yes);
    }
    let file = File::open(path)?;
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        return Ok(Removed::InUse);
    }
    fs::remove_file(path).map(|()| Removed::Yes)
}

/// The space that a file, or all that is in a folder, takes on the disk, as far as it can be counted in time.
fn size(path: &Path, until: Instant) -> u64 {
    let (mut bytes, mut paths) = (0, vec![path.to_owned()]);
    while let Some(path) = paths.pop() {
        let Ok(meta) = path.symlink_metadata() else { continue };
        // cargo links a file to several names; each name has its share.
        let shares = if meta.is_file() { names(&meta).max(1) } else { 1 };
        bytes += on_disk(&meta) / shares;
        if meta.is_dir() && Instant::now() < until {
            paths.extend(fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()));
        }
    }
    bytes
}

/// A run that is writing such a file takes seconds.
const LEFTOVER_AFTER: Duration = Duration::from_secs(60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "0123456789abcdef0123456789abcdef";

    fn names() -> CacheNames {
        CacheNames::new(OURS, [("esp32c3", "aaaaaaaaaaaaaaaabbbb")].into_iter())
    }

    fn soon() -> Instant {
        Instant::now() + support::LONGEST
    }

    #[test]
    fn only_what_has_the_form_of_our_names_and_another_hash_is_old() {
        use CacheFileKind::{BuildProducts, Current, Foreign, Old};
        for (name, is_folder, kind) in [
            ("qemu-virt-0123456789abcdef.elf", false, Current),
            ("esp32c3-0123456789abcdef.elf", false, Current),
            ("esp32c3-prebuilt-aaaaaaaaaaaaaaaa.elf", false, Current),
            ("firmware-0123456789abcdef", true, Current),
            ("lock", false, Current),
            ("target", true, BuildProducts),
            ("qemu-virt-0000000000000000.elf", false, Old),
            ("esp32c3-prebuilt-bbbbbbbbbbbbbbbb.elf", false, Old),
            ("firmware-0000000000000000", true, Old),
            (".elf-x1", false, Old),
            (".unpack-x1", true, Old),
            ("qemu-virt-0000000000000000.elf", true, Foreign),
            ("firmware-0000000000000000", false, Foreign),
            ("firmware-000000000000000g", true, Foreign),
            ("notes-000000000000000.elf", false, Foreign),
            ("firmware-", true, Foreign),
            ("prvtkey.pem", false, Foreign),
        ] {
            assert_eq!(names().kind(name, is_folder, LEFTOVER_AFTER), kind, "{name}");
        }
        assert_eq!(names().kind(".elf-x1", false, Duration::ZERO), Current, "it may be being written");
        let none = CacheNames::default();
        assert_eq!(none.kind("esp32c3-0123456789abcdef.elf", false, LEFTOVER_AFTER), Foreign, "who knows");
    }

    #[test]
    fn cleaning_removes_what_is_old_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().to_owned());
        let path = |name: &str| folder.path().join(name);
        for name in ["esp32c3-0123456789abcdef.elf", "esp32c3-0000000000000000.elf", "mine.txt", "lock"] {
            fs::write(path(name), [7; 5000]).unwrap();
        }
        for name in ["firmware-0000000000000000", "target"] {
            fs::create_dir(path(name)).unwrap();
            fs::write(path(name).join("x"), [7; 5000]).unwrap();
        }
        std::os::unix::fs::symlink(path("target"), path("firmware-1111111111111111")).unwrap();
        let cleaned = cache.clean(&names(), soon()).unwrap();
        let gone: Vec<_> = cleaned.removed.iter().map(|file| file.path.clone()).collect();
        assert_eq!(gone, [path("esp32c3-0000000000000000.elf"), path("firmware-0000000000000000")]);
        assert!(cleaned.removed.iter().all(|file| file.bytes >= 5000), "{cleaned:?}");
        assert!(gone.iter().all(|path| !path.exists()) && path("target/x").is_file());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
        assert_eq!(cache.clean(&names(), soon()).unwrap(), Cleaned::default(), "the second time");
    }

    #[test]
    fn what_another_process_uses_stays() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().to_owned());
        let old = folder.path().join("esp32c3-0000000000000000.elf");
        fs::write(&old, "").unwrap();
        let held = InUse::hold(&old).unwrap();
        assert_eq!(cache.clean(&names(), soon()).unwrap().in_use.len(), 1);
        assert!(old.is_file());
        drop(held);
        let building = File::open(folder.path().join("lock")).unwrap();
        building.lock().unwrap();
        assert!(matches!(cache.clean(&names(), soon()), Err(CleanError::Busy)));
        assert!(old.is_file());
        drop(building);
        assert_eq!(cache.clean(&names(), soon()).unwrap().removed.len(), 1);
        assert!(InUse::hold(&old).is_none());
    }

    #[test]
    fn a_cache_that_is_not_there_is_empty() {
        let cache = Cache::at("/nonexistent/cache".into());
        assert_eq!(cache.files(&names(), soon()).unwrap(), []);
        assert_eq!(cache.clean(&names(), soon()).unwrap(), Cleaned::default());
    }
}
