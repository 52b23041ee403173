//! What a file is, and what this user may do with it.

use std::{
    ffi::{OsStr, OsString},
    fs::{File, Metadata, OpenOptions},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    path::{Path, PathBuf},
};

use crate::system::{DeviceNode, Special};

/// Which file it is, whatever it is called: its real path. Two hard links to one file are taken for two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileIdentity(PathBuf);

impl FileIdentity {
    /// That of what is at `path`, which has this metadata.
    pub(crate) fn of(path: &Path, _meta: &Metadata) -> Self {
        Self(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }
}

/// A name such that two spellings of one name are equal: capital letters make no difference.
pub(crate) fn comparable(name: &OsStr) -> OsString {
    name.to_string_lossy().to_lowercase().into()
}

/// What standard output is. Which file it leads to, the system does not say.
pub(crate) fn stdout() -> io::Result<(FileIdentity, Option<Special>)> {
    Ok((FileIdentity(PathBuf::from("-")), None))
}

/// What this is besides a regular file, a folder or a link: devices have no metadata, see [`reserved`].
pub(crate) fn special(_meta: &Metadata) -> Option<Special> {
    None
}

/// A name that means a device wherever it is ("Naming Files, Paths, and Namespaces"), or is one of the system's paths of devices.
pub(crate) fn reserved(path: &Path) -> Option<Special> {
    let name = path.file_name()?.to_str()?.to_ascii_uppercase();
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end();
    let numbered = |kind: &str| {
        stem.strip_prefix(kind)
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem)
        || numbered("COM")
        || numbered("LPT")
        || path.as_os_str().as_encoded_bytes().starts_with(br"\\.\");
    is_device.then(|| {
        let mut hasher = DefaultHasher::new();
        stem.hash(&mut hasher);
        Special::Device(hasher.finish())
    })
}

/// Opens what is at a path to read it.
pub(crate) fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether links in this folder stand for open files of a process: none do.
pub(crate) fn holds_descriptors(_folder: &Path) -> bool {
    false
}

/// Whether this user may write what is there.
pub(crate) fn check_writable(path: &Path) -> io::Result<()> {
    if reserved(path).is_none() && path.metadata()?.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Whether the path leads to a file that may be run.
pub(crate) fn is_executable(path: &Path) -> bool {
    which::which_in_global(path, None::<&OsStr>).is_ok_and(|mut found| found.next().is_some())
}

/// The first program called `name`, with one of the endings in `%PATHEXT%`, in the folders of `search`, which is written like
/// `%PATH%`.
pub(crate) fn find_program(name: &str, search: &OsStr) -> Option<PathBuf> {
    which::which_in_global(name, Some(search)).ok()?.next()
}

/// Under how many names a file is there; here the system does not say.
pub(crate) fn names(_meta: &Metadata) -> u64 {
    1
}

/// The space that it takes, in bytes.
pub(crate) fn on_disk(meta: &Metadata) -> u64 {
    meta.len()
}

/// What is free on the disk of a folder, in bytes; here nobody says so without `unsafe`.
pub(crate) fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// Opens what is no regular file to write to it.
pub(crate) fn open_special(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

/// As [`open_special`]: there are no FIFOs among files here.
pub(crate) fn open_fifo_at_once(path: &Path) -> io::Result<File> {
    open_special(path)
}

/// Whether a FIFO could not be opened because no program reads it.
pub(crate) fn is_without_reader(_error: &io::Error) -> bool {
    false
}

/// A serial port; `None` where there is none. Whether this user may open it is not known before it is opened.
pub(crate) fn device_node(path: &Path) -> Option<DeviceNode> {
    let name = path.to_str()?;
    let is_device = super::serial::exists(name);
    (is_device || path.exists()).then_some(DeviceNode { is_allowed: true, is_device, mode: 0, gid: 0 })
}

/// Whether a folder is in a file system whose files are the kernel's: there is none.
pub(crate) fn takes_no_files(_: &Path) -> bool {
    false
}
