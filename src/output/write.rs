//! Checking and writing what a path leads to.

use std::{
    fs::{File, OpenOptions, Permissions},
    io::{self, Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use rustix::fs::{Access as Mode, access};

use super::{
    Access, Existing, Purpose,
    stream::{Stream, Waiting},
    target::{Kind, Target},
};

/// Why an output can't be what it is named.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A file that must not be overwritten unasked.
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
    /// The system refuses.
    #[error("{0}")]
    System(#[from] io::Error),
}

/// Checks that an output can be written, and leaves no trace: better now than after a long run. A FIFO is not opened.
///
/// # Errors
/// [`Refusal`].
pub fn check(path: &Path, purpose: Purpose) -> Result<(), Refusal> {
    let target = Target::of(path)?;
    usable(target.kind)?;
    match target.kind {
        Kind::New => can_make_file(&target),
        Kind::Regular => {
            if purpose.existing() == Existing::Keep {
                return Err(Refusal::Exists);
            }
            if !matches!(purpose, Purpose::SecretFile(_)) && begins_as_pem(&target.path) {
                return Err(Refusal::Pem);
            }
            match purpose {
                // Nothing is written yet.
                Purpose::Log | Purpose::Series => drop(OpenOptions::new().append(true).open(&target.path)?),
                _ => can_make_file(&target)?,
            }
            Ok(())
        }
        _ => Ok(access(&target.path, Mode::WRITE_OK).map_err(io::Error::from)?),
    }
}

/// Writes all of an output: a regular file whole or not at all, anything else as it is. Links stay.
///
/// # Errors
/// Those of the file system; see [`super::is_stopped`].
pub fn write_whole(path: &Path, bytes: &[u8], purpose: Purpose, waiting: &Waiting<'_>) -> io::Result<()> {
    let target = Target::of(path)?;
    usable(target.kind).map_err(refused)?;
    match target.kind {
        Kind::New | Kind::Regular => replace(&target, bytes, purpose.access(), purpose.existing()),
        _ => Stream::special(&target, waiting)?.write_all(bytes),
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

/// Lets a FIFO's reader go that nothing was written for, if there is one: it sees an end.
pub fn release(path: &Path) {
    if let Ok(target) = Target::of(path)
        && target.kind == Kind::Fifo
    {
        // Nobody waits if this fails.
        drop(Stream::special(&target, &Waiting::No));
    }
}

fn open(path: &Path, options: &OpenOptions, waiting: &Waiting<'_>) -> io::Result<Stream> {
    let target = Target::of(path)?;
    usable(target.kind).map_err(refused)?;
    match target.kind {
        Kind::New | Kind::Regular => options.open(&target.path).map(Stream::regular),
        _ => Stream::special(&target, waiting),
    }
}

fn usable(kind: Kind) -> Result<(), Refusal> {
    match kind {
        Kind::Folder => Err(Refusal::Folder),
        Kind::Disk => Err(Refusal::Disk),
        Kind::Socket => Err(Refusal::Socket),
        Kind::New | Kind::Regular | Kind::Opened | Kind::Fifo | Kind::Device => Ok(()),
    }
}

fn refused(refusal: Refusal) -> io::Error {
    io::Error::other(refusal)
}

/// Permissions don't tell for a read-only file system, an ACL or root.
fn can_make_file(target: &Target) -> Result<(), Refusal> {
    tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder(target)).map(drop).map_err(plain)?;
    Ok(())
}

fn replace(target: &Target, bytes: &[u8], access: Access, existing: Existing) -> io::Result<()> {
    let mode = Permissions::from_mode(access.mode());
    let mut builder = tempfile::Builder::new();
    let mut file = builder.prefix(TEMPORARY).permissions(mode).tempfile_in(folder(target)).map_err(plain)?;
    file.write_all(bytes).map_err(plain)?;
    let placed = match existing {
        Existing::Keep => file.persist_noclobber(&target.path),
        Existing::Replace => file.persist(&target.path),
    };
    placed.map(drop).map_err(|failed| plain(failed.error))
}

fn folder(target: &Target) -> &Path {
    target.path.parent().unwrap_or(Path::new("/"))
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
    fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everybody => 0o666,
        }
    }
}

const TEMPORARY: &str = ".esp-https-";
/// RFC 7468, section 2.
const PEM: &[u8; 11] = b"-----BEGIN ";
