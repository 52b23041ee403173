//! The two files of a pair. They are written whole, both or neither, and the key is never readable by others.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

pub use super::store_error::StoreError;
use super::{Generated, folder_lock::FolderLock};
pub use crate::output::Existing;
use crate::{
    output::{Access, Destination, DestinationKind, Kept, folder_of, unmade},
    system::{Readers, private},
};

/// Where a pair is kept: two files in one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    folder: PathBuf,
    certificate: &'static str,
    key: &'static str,
    /// Who may look into the folder, where it is made.
    access: Access,
}

impl Location {
    /// The pair in `folder`, which need not exist yet if its parent does: `cacert.pem` and `prvtkey.pem`, as the book names them.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::named(folder, CERTIFICATE, KEY, Access::Everybody)
    }

    /// The pair of a client: `client-cert.pem` and `client-key.pem`, which a board's own pair can be beside.
    #[must_use]
    pub fn of_client(folder: &Path) -> Self {
        Self::named(folder, CLIENT_CERTIFICATE, CLIENT_KEY, Access::Everybody)
    }

    /// The files of these names in `folder`; `access` is to the folder, where it is made.
    pub(super) fn named(folder: &Path, certificate: &'static str, key: &'static str, access: Access) -> Self {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Self { folder: folder.to_owned(), certificate, key, access }
    }

    /// The folder, `.` for the current one.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The certificate's path.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.path_of(self.certificate)
    }

    /// The private key's path.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.path_of(self.key)
    }

    fn path_of(&self, name: &str) -> PathBuf {
        if self.folder == Path::new(".") { PathBuf::from(name) } else { self.folder.join(name) }
    }
}

/// Checks that a pair could be written, and leaves no trace: better before a key is generated than after.
///
/// # Errors
/// [`StoreError`] as from [`write()`].
pub fn check(location: &Location, existing: Existing) -> Result<(), StoreError> {
    for path in [location.certificate(), location.key()] {
        if fs::symlink_metadata(&path).is_ok() {
            replaceable(path, existing)?;
        }
    }
    let folder = match location.folder.metadata() {
        Ok(found) if found.is_dir() => location.folder.as_path(),
        Ok(_) => return Err(StoreError::NotAFolder { path: location.folder.clone() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => existing_parent(&location.folder)?,
        Err(source) => return Err(StoreError::Write { path: location.folder.clone(), source }),
    };
    // Permissions don't tell for a read-only file system, an ACL or root.
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(source) => Err(StoreError::Write { path: folder.to_owned(), source: unmade(folder, source) }),
    }
}

/// Whether a file may take the place of what is there: of no folder, and of no device, pipe or the like.
fn replaceable(path: PathBuf, existing: Existing) -> Result<(), StoreError> {
    match Destination::of(&path).map(|destination| destination.kind) {
        Ok(DestinationKind::Folder) => Err(StoreError::IsFolder { path }),
        Ok(DestinationKind::New | DestinationKind::Regular) if existing == Existing::Keep => {
            Err(StoreError::Exists { path })
        }
        Ok(DestinationKind::New | DestinationKind::Regular) => Ok(()),
        Ok(_) => Err(StoreError::NotAFile { path }),
        Err(source) => Err(StoreError::Write { path, source }),
    }
}

/// Writes both files, or neither, while no other process of ours does: two of them leave one pair or the other. The key is
/// readable by its owner only from its first moment (0600), the certificate 0644 less the umask. The folder is made if only its last component is missing.
///
/// # Errors
/// [`StoreError`]; the folder is then as it was before.
pub fn write(location: &Location, pair: &Generated, existing: Existing) -> Result<(), StoreError> {
    let made = make_folder(&location.folder, location.access)?;
    let written = write_files(location.certificate(), location.key(), pair, existing);
    if written.is_err() && made == Made::Now {
        // Fails if somebody put something into it, and then it should stay.
        let _ = fs::remove_dir(&location.folder);
    }
    written
}

/// Writes the two files of a pair as [`write()`] does, wherever each of them is; their folders exist.
///
/// # Errors
/// [`StoreError`]; both files are then as they were before.
pub fn write_files(
    certificate: PathBuf,
    key: PathBuf,
    pair: &Generated,
    existing: Existing,
) -> Result<(), StoreError> {
    let [key_path, certificate_path] = [followed(key)?, followed(certificate)?];
    let _lock = FolderLock::take([folder_of(&key_path), folder_of(&certificate_path)])?;
    let key = New::create(key_path, Readers::Owner, pair.private_key_pem.as_bytes())?;
    // The umask can only take bits away, and must not: the owner has to be able to read the key.
    key.let_owner_in()?;
    let certificate = New::create(certificate_path, Readers::Everybody, pair.certificate_pem.as_bytes())?;
    match existing {
        Existing::Keep => add(key, certificate),
        Existing::Replace => replace(key, certificate),
    }
}

/// As [`write_files`], and makes the folders of the two where only their last component is missing.
///
/// # Errors
/// [`StoreError`]; all is then as it was before.
pub fn write_at(
    certificate: PathBuf,
    key: PathBuf,
    pair: &Generated,
    existing: Existing,
) -> Result<(), StoreError> {
    let folders = [folder_of(&certificate).to_owned(), folder_of(&key).to_owned()];
    let mut made = Vec::new();
    let written = folders
        .iter()
        .try_for_each(|folder| {
            let is_new = make_folder(folder, Access::Everybody)? == Made::Now;
            made.extend(is_new.then_some(folder));
            Ok(())
        })
        .and_then(|()| write_files(certificate, key, pair, existing));
    if written.is_err() {
        // Fails if somebody put something into one, and then it should stay.
        made.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
    }
    written
}

/// Replaces a certificate whose key stays: whole or not at all, and not while another process of ours writes there.
///
/// # Errors
/// [`StoreError`]; the file is then as it was before.
pub fn replace_certificate(path: PathBuf, pem: &str) -> Result<(), StoreError> {
    let path = followed(path)?;
    let _lock = FolderLock::take([folder_of(&path); 2])?;
    New::create(path.clone(), Readers::Everybody, pem.as_bytes())?.replace()
}

/// Where a link leads: it stays, and what it leads to is written.
fn followed(path: PathBuf) -> Result<PathBuf, StoreError> {
    match path.symlink_metadata() {
        Ok(found) if found.is_symlink() => match Destination::of(&path) {
            Ok(destination) => Ok(destination.path),
            Err(source) => Err(StoreError::Write { path, source }),
        },
        _ => Ok(path),
    }
}

fn add(key: New, certificate: New) -> Result<(), StoreError> {
    let key_path = key.path.clone();
    key.add()?;
    certificate.add().inspect_err(|_| {
        // Ours, made a moment ago. What could be said if this fails is said by the error itself.
        let _ = fs::remove_file(key_path);
    })
}

fn replace(key: New, certificate: New) -> Result<(), StoreError> {
    let old = Kept::keep(&key.path);
    let old = old.map_err(|source| StoreError::Write { path: key.path.clone(), source })?;
    let key_path = key.path.clone();
    key.replace()?;
    certificate.replace().inspect_err(|_| old.restore(&key_path))
}

/// A complete file under a temporary name beside its final one; deleted when dropped.
struct New {
    path: PathBuf,
    file: NamedTempFile,
}

impl New {
    fn create(path: PathBuf, readers: Readers, content: &[u8]) -> Result<Self, StoreError> {
        let created = private::temporary(TEMPORARY, folder_of(&path), readers);
        let written = created.and_then(|mut file| file.write_all(content).map(|()| file));
        match written {
            Ok(file) => Ok(Self { path, file }),
            Err(source) => {
                let source = unmade(folder_of(&path), source);
                Err(StoreError::Write { path, source })
            }
        }
    }

    fn let_owner_in(&self) -> Result<(), StoreError> {
        let set = private::let_owner_in(self.file.as_file());
        set.map_err(|source| StoreError::Write { path: self.path.clone(), source })
    }

    fn add(self) -> Result<(), StoreError> {
        match self.file.persist_noclobber(&self.path) {
            Ok(_) => Ok(()),
            // Somebody else was quicker.
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(StoreError::Exists { path: self.path })
            }
            Err(failed) => Err(StoreError::Write { path: self.path, source: failed.error }),
        }
    }

    fn replace(self) -> Result<(), StoreError> {
        match self.file.persist(&self.path) {
            Ok(_) => Ok(()),
            Err(failed) => Err(StoreError::Write { path: self.path, source: failed.error }),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Before,
    Now,
}

fn make_folder(folder: &Path, access: Access) -> Result<Made, StoreError> {
    let made = match access {
        Access::Owner => private::create_folder(folder),
        Access::Everybody => fs::create_dir(folder),
    };
    match made {
        Ok(()) => Ok(Made::Now),
        Err(_) if folder.is_dir() => Ok(Made::Before),
        Err(source) => Err(StoreError::Write { path: folder.to_owned(), source: unmade(folder, source) }),
    }
}

/// Only the last component of a path is made: more is probably a typing error.
fn existing_parent(folder: &Path) -> Result<&Path, StoreError> {
    let parent = folder_of(folder);
    if parent.is_dir() { Ok(parent) } else { Err(StoreError::NoParent { path: folder.to_owned() }) }
}

const CERTIFICATE: &str = "cacert.pem";
const KEY: &str = "prvtkey.pem";
const CLIENT_CERTIFICATE: &str = "client-cert.pem";
const CLIENT_KEY: &str = "client-key.pem";
const TEMPORARY: &str = ".esp-https-";

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::cert::{KeyType, Request, generate};

    fn pair() -> Generated {
        generate(&Request { key_type: KeyType::P256, ..Request::book() }).unwrap()
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let names =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_certificate_that_cannot_be_placed_takes_its_key_back() {
        for existing in [Existing::Keep, Existing::Replace] {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join(CERTIFICATE).join("in the way")).unwrap();
            write(&Location::in_folder(folder.path()), &pair(), existing).unwrap_err();
            assert_eq!(names_in(folder.path()), [CERTIFICATE], "{existing:?}");
        }
    }

    #[test]
    fn an_old_key_survives_when_its_replacement_fails() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(KEY), "the old key").unwrap();
        fs::create_dir_all(folder.path().join(CERTIFICATE).join("in the way")).unwrap();
        write(&Location::in_folder(folder.path()), &pair(), Existing::Replace).unwrap_err();
        assert_eq!(fs::read_to_string(folder.path().join(KEY)).unwrap(), "the old key");
        assert_eq!(names_in(folder.path()), [CERTIFICATE, KEY]);
    }

    #[test]
    fn writers_at_once_leave_the_pair_of_one_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(folder.path());
        let pairs: Vec<Generated> = (0..8).map(|_| pair()).collect();
        for round in 0..100 {
            thread::scope(|scope| {
                for pair in &pairs {
                    scope.spawn(|| write(&location, pair, Existing::Replace).unwrap());
                }
            });
            let certificate = fs::read_to_string(location.certificate()).unwrap();
            let pair = pairs.iter().find(|pair| pair.certificate_pem == certificate).unwrap();
            let key = fs::read_to_string(location.key()).unwrap();
            assert!(key == *pair.private_key_pem, "round {round}");
        }
        assert_eq!(names_in(folder.path()), [CERTIFICATE, KEY]);
    }

    #[test]
    fn a_folder_is_made_when_needed_and_a_pair_in_it_is_not_overwritten() {
        let parent = tempfile::tempdir().unwrap();
        let location = Location::in_folder(&parent.path().join("board"));
        write(&location, &pair(), Existing::Keep).unwrap();
        assert_eq!(names_in(location.folder()), [CERTIFICATE, KEY]);
        assert!(matches!(write(&location, &pair(), Existing::Keep), Err(StoreError::Exists { .. })));
        assert_eq!(names_in(location.folder()), [CERTIFICATE, KEY]);
    }
}
