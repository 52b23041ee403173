//! Checking and writing what a path leads to.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
};

use tempfile::TempPath;

use super::{
    Access, Existing, Purpose,
    destination::{Destination, DestinationKind},
    stream::{Stream, Waiting},
};
use crate::{
    os_error::{in_words, not_made},
    system::{Readers, files::check_writable, private},
};

/// Why an output can't be written to the place that was named.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A file that must not be overwritten without `--force`.
    #[error("the file exists already")]
    Exists,
    /// A certificate or a key, which no result replaces.
    #[error("a certificate or a private key is in it (PEM)")]
    Pem,
    /// A folder.
    #[error("it is a folder")]
    Folder,
    /// A disk.
    #[error("it is a disk (a block device), and what is on it would be lost")]
    Disk,
    /// A socket.
    #[error("it is a socket, which can't be opened as a file")]
    Socket,
    /// Something that a file can't take the place of.
    #[error("it is not a file, but a device or a pipe")]
    NotAFile,
    /// The system refuses.
    #[error("{}", in_words(.0))]
    System(#[from] io::Error),
}

/// Checks that an output can be written, and leaves no trace: better now than after a long run. A FIFO is not opened.
///
/// # Errors
/// [`Refusal`].
pub fn check(path: &Path, purpose: Purpose) -> Result<(), Refusal> {
    let destination = Destination::of(path)?;
    usable(destination.kind)?;
    match destination.kind {
        DestinationKind::New => can_make_file(&destination),
        DestinationKind::Regular => {
            if purpose.existing() == Existing::Keep {
                return Err(Refusal::Exists);
            }
            if !matches!(purpose, Purpose::SecretFile(_)) && begins_as_pem(&destination.path) {
                return Err(Refusal::Pem);
            }
            match purpose {
                // Nothing is written yet.
                Purpose::Log | Purpose::Series => {
                    drop(OpenOptions::new().append(true).open(&destination.path)?);
                }
                _ => can_make_file(&destination)?,
            }
            Ok(())
        }
        _ => Ok(check_writable(&destination.path)?),
    }
}

/// Writes all of an output: a regular file completely or not at all, anything else without replacing it. Links stay.
///
/// # Errors
/// Those of the file system; see [`super::is_stopped`].
pub fn write_whole(path: &Path, bytes: &[u8], purpose: Purpose, waiting: &Waiting<'_>) -> io::Result<()> {
    let destination = Destination::of(path)?;
    usable(destination.kind).map_err(refused)?;
    match destination.kind {
        DestinationKind::New | DestinationKind::Regular => {
            replace(&destination, bytes, purpose.access(), purpose.existing())
        }
        _ => Stream::special(&destination, waiting)?.write_all(bytes),
    }
}

/// Opens a log, to be appended to.
///
/// # Errors
/// Those of the file system; see [`super::is_stopped`].
pub fn append(path: &Path, waiting: &Waiting<'_>) -> io::Result<Stream> {
    open(path, OpenOptions::new().create(true).append(true), waiting)
}

/// Opens a series, which begins anew.
///
/// # Errors
/// Those of the file system; see [`super::is_stopped`].
pub fn begin(path: &Path, waiting: &Waiting<'_>) -> io::Result<Stream> {
    open(path, OpenOptions::new().create(true).write(true).truncate(true), waiting)
}

/// Opens and closes a FIFO to which nothing was written, so that its reader, if there is one, sees the end.
pub fn release(path: &Path) {
    if let Ok(destination) = Destination::of(path)
        && destination.kind == DestinationKind::Fifo
    {
        // Nobody waits if this fails.
        drop(Stream::special(&destination, &Waiting::No));
    }
}

fn open(path: &Path, options: &OpenOptions, waiting: &Waiting<'_>) -> io::Result<Stream> {
    let destination = Destination::of(path)?;
    usable(destination.kind).map_err(refused)?;
    match destination.kind {
        DestinationKind::New => {
            let opened = options.open(&destination.path);
            opened.map(Stream::regular).map_err(|error| not_made(folder_of(&destination.path), error))
        }
        DestinationKind::Regular => options.open(&destination.path).map(Stream::regular),
        _ => Stream::special(&destination, waiting),
    }
}

fn usable(kind: DestinationKind) -> Result<(), Refusal> {
    match kind {
        DestinationKind::Folder => Err(Refusal::Folder),
        DestinationKind::Disk => Err(Refusal::Disk),
        DestinationKind::Socket => Err(Refusal::Socket),
        DestinationKind::New
        | DestinationKind::Regular
        | DestinationKind::Opened
        | DestinationKind::Fifo
        | DestinationKind::Device => Ok(()),
    }
}

fn refused(refusal: Refusal) -> io::Error {
    io::Error::other(refusal)
}

/// Permissions don't tell for a read-only file system, an ACL or root.
fn can_make_file(destination: &Destination) -> Result<(), Refusal> {
    tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder_of(&destination.path))
        .map(drop)
        .map_err(|error| unmade(folder_of(&destination.path), error))?;
    Ok(())
}

fn replace(destination: &Destination, bytes: &[u8], access: Access, existing: Existing) -> io::Result<()> {
    place(prepare(&destination.path, bytes, access)?, &destination.path, existing)
}

/// A complete file under a temporary name beside its final one; deleted when dropped. It is closed: a template has more files than
/// some systems let a process open.
pub(super) fn prepare(path: &Path, bytes: &[u8], access: Access) -> io::Result<TempPath> {
    let made = private::temporary(TEMPORARY, folder_of(path), access.readers());
    let mut file = made.map_err(|error| unmade(folder_of(path), error))?;
    file.write_all(bytes).map_err(plain)?;
    Ok(file.into_temp_path())
}

/// Gives a complete file its name.
pub(super) fn place(file: TempPath, path: &Path, existing: Existing) -> io::Result<()> {
    let placed = match existing {
        Existing::Keep => file.persist_noclobber(path),
        Existing::Replace => file.persist(path),
    };
    placed.map_err(|failed| plain(failed.error))
}

/// The folder that a file is in, `.` for the current one.
#[must_use]
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Why a temporary file could not be made in a folder.
#[must_use]
pub fn unmade(folder: &Path, error: io::Error) -> io::Error {
    not_made(folder, plain(error))
}

/// Without the random name that tempfile adds to errors.
#[must_use]
pub fn plain(error: io::Error) -> io::Error {
    error.raw_os_error().map_or(error, io::Error::from_raw_os_error)
}

fn begins_as_pem(path: &Path) -> bool {
    let mut start = [0; PEM.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *PEM
}

impl Access {
    fn readers(self) -> Readers {
        match self {
            Self::Owner => Readers::Owner,
            Self::Everybody => Readers::AsFolder,
        }
    }
}

/// Begins the names of temporary files.
pub(super) const TEMPORARY: &str = ".esp-https-";
/// RFC 7468, section 2.
const PEM: &[u8; 11] = b"-----BEGIN ";

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{PermissionsExt as _, symlink},
        path::PathBuf,
    };

    use tempfile::TempDir;

    use super::*;

    const FORCED: Purpose = Purpose::SecretFile(Existing::Replace);
    const UNFORCED: Purpose = Purpose::SecretFile(Existing::Keep);
    const ALL: [Purpose; 6] =
        [Purpose::Result, Purpose::SecretResult, FORCED, UNFORCED, Purpose::Log, Purpose::Series];

    fn write(path: &Path, bytes: &[u8], purpose: Purpose) -> io::Result<()> {
        write_whole(path, bytes, purpose, &Waiting::No)
    }

    fn folder_with(name: &str, text: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn count(folder: &TempDir) -> usize {
        fs::read_dir(folder.path()).unwrap().count()
    }

    #[test]
    fn a_result_replaces_a_file_whole_and_leaves_nothing_beside_it() {
        let (folder, file) = folder_with("result.json", "an older and longer result");
        let old = File::open(&file).unwrap();
        write(&file, b"new", Purpose::Result).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        let kept = io::read_to_string(old).unwrap();
        assert_eq!(kept, "an older and longer result", "moved there, not written over");
        assert_eq!(count(&folder), 1);
    }

    #[test]
    fn a_file_that_holds_secrets_is_its_owner_s_even_where_another_was_everybody_s() {
        let (_folder, file) = folder_with("look.pcapng", "old");
        fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
        for purpose in [Purpose::SecretResult, FORCED] {
            write(&file, b"secret", purpose).unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{purpose:?}");
        }
    }

    #[test]
    fn a_file_is_kept_that_may_not_be_overwritten_also_if_it_comes_after_the_check() {
        let (folder, file) = folder_with("board.bin", "old");
        symlink("board.bin", folder.path().join("soft")).unwrap();
        for path in [&file, &folder.path().join("soft")] {
            assert!(matches!(check(path, UNFORCED), Err(Refusal::Exists)), "{path:?}");
            assert_eq!(write(path, b"new", UNFORCED).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!((fs::read(&file).unwrap(), count(&folder)), (b"old".to_vec(), 2));
        check(&file, FORCED).unwrap();
    }

    #[test]
    fn a_check_leaves_no_trace_and_changes_nothing() {
        let (folder, file) = folder_with("file", "old");
        symlink("nothing", folder.path().join("dangling")).unwrap();
        for purpose in ALL {
            for name in ["new", "dangling"] {
                check(&folder.path().join(name), purpose).unwrap();
            }
            assert_eq!(check(&file, purpose).is_ok(), purpose != UNFORCED, "{purpose:?}");
        }
        assert_eq!((fs::read(&file).unwrap(), count(&folder)), (b"old".to_vec(), 2));
    }

    #[test]
    fn only_force_replaces_a_key_or_a_certificate() {
        let (_folder, file) = folder_with("key", "-----BEGIN PRIVATE KEY-----\n");
        for purpose in ALL {
            let is_refused = matches!(check(&file, purpose), Err(Refusal::Pem));
            assert_eq!(is_refused, !matches!(purpose, Purpose::SecretFile(_)), "{purpose:?}");
        }
    }

    #[test]
    fn what_a_file_must_not_take_the_place_of_is_refused_at_the_check_and_at_the_writing() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for purpose in ALL {
            assert!(matches!(check(folder.path(), purpose), Err(Refusal::Folder)), "{purpose:?}");
            assert!(matches!(check(&socket, purpose), Err(Refusal::Socket)), "{purpose:?}");
            assert!(write(folder.path(), b"", purpose).is_err() && write(&socket, b"", purpose).is_err());
        }
        assert!(matches!(usable(DestinationKind::Disk), Err(Refusal::Disk)));
        assert_eq!(count(&folder), 1);
    }

    #[test]
    fn a_device_is_written_to_with_and_without_force() {
        for purpose in ALL {
            check(Path::new("/dev/null"), purpose).unwrap();
            write(Path::new("/dev/null"), b"lost", purpose).unwrap();
            let full = write(Path::new("/dev/full"), b"lost", purpose).unwrap_err();
            assert_eq!(full.kind(), io::ErrorKind::StorageFull, "{purpose:?}");
        }
    }

    #[test]
    fn a_log_is_appended_to_and_a_series_begins_anew() {
        let (folder, file) = folder_with("file", "old ");
        append(&file, &Waiting::No).unwrap().write_all(b"more").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"old more");
        begin(&file, &Waiting::No).unwrap().write_all(b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(append(folder.path(), &Waiting::No).is_err());
    }
}
