//! What a file is, and what this user may do with it.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::{File, Metadata, OpenOptions},
    io,
    os::{
        fd::AsFd as _,
        unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
};

use rustix::fs::{Access, OFlags, access, fcntl_getfl, fcntl_setfl, statvfs};

use crate::system::{DeviceNode, Special};

/// Which file it is, whatever it is called: its file system, and its inode there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// That of what is at `path`, which has this metadata.
    pub(crate) fn of(_path: &Path, meta: &Metadata) -> Self {
        Self { device: meta.dev(), inode: meta.ino() }
    }
}

/// A name such that two spellings of one name are equal.
pub(crate) fn comparable(name: &OsStr) -> OsString {
    name.to_owned()
}

/// What standard output is.
pub(crate) fn stdout() -> io::Result<(FileIdentity, Option<Special>)> {
    let stdout: File = io::stdout().as_fd().try_clone_to_owned()?.into();
    let meta = stdout.metadata()?;
    Ok((FileIdentity::of(Path::new("-"), &meta), special(&meta)))
}

/// What this is besides a regular file, a folder or a link.
pub(crate) fn special(meta: &Metadata) -> Option<Special> {
    let found = meta.file_type();
    if found.is_fifo() {
        Some(Special::Fifo)
    } else if found.is_char_device() {
        Some(Special::Device(meta.rdev()))
    } else if found.is_block_device() {
        Some(Special::Disk)
    } else if found.is_socket() {
        Some(Special::Socket)
    } else {
        None
    }
}

/// A name that means a device wherever it is: there are none here.
pub(crate) fn reserved(_path: &Path) -> Option<Special> {
    None
}

/// Whether links in this folder stand for open files of a process: their text is not where they lead.
pub(crate) fn holds_descriptors(folder: &Path) -> bool {
    folder.starts_with("/proc") && folder.ends_with("fd")
}

/// Whether this user may write what is there.
pub(crate) fn check_writable(path: &Path) -> io::Result<()> {
    Ok(access(path, Access::WRITE_OK)?)
}

/// Whether the path leads to a file that may be run.
pub(crate) fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The first program called `name` in the folders of `search`, which is written like `$PATH`.
pub(crate) fn find_program(name: &str, search: &OsStr) -> Option<PathBuf> {
    env::split_paths(search).map(|folder| folder.join(name)).find(|path| is_executable(path))
}

/// Under how many names a file is there; 0 for one that was removed and is open.
pub(crate) fn names(meta: &Metadata) -> u64 {
    meta.nlink()
}

/// The space that it takes on the disk, in bytes. The unit of `st_blocks` (stat(2)) is 512, whatever the block size of the file
/// system.
pub(crate) fn on_disk(meta: &Metadata) -> u64 {
    meta.blocks() * 512
}

/// What is free on the disk of a folder, in bytes.
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Opens what is no regular file to write to it, and waits for a FIFO's reader. It appends, so that what an open file has
/// already stays; it makes no difference to a device or a pipe. A terminal does not become ours.
pub(crate) fn open_special(path: &Path) -> io::Result<File> {
    open(path, OFlags::empty())
}

/// As [`open_special`], but fails at once where a FIFO has no reader; see [`is_without_reader`].
pub(crate) fn open_fifo_at_once(path: &Path) -> io::Result<File> {
    let file = open(path, OFlags::NONBLOCK)?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

/// Opens what is at a path to read it: of a FIFO without waiting for a writer.
pub(crate) fn open_without_waiting(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

fn open(path: &Path, more: OFlags) -> io::Result<File> {
    let flags = (OFlags::NOCTTY | more).bits();
    OpenOptions::new().append(true).custom_flags(i32::try_from(flags).unwrap_or_default()).open(path)
}

/// Whether a FIFO could not be opened because no program reads it.
pub(crate) fn is_without_reader(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error())
}

/// A serial port as a file; `None` where there is none.
pub(crate) fn device_node(path: &Path) -> Option<DeviceNode> {
    let meta = path.metadata().ok()?;
    Some(DeviceNode {
        is_allowed: access(path, Access::READ_OK | Access::WRITE_OK).is_ok(),
        is_device: meta.file_type().is_char_device(),
        mode: meta.mode(),
        gid: meta.gid(),
    })
}

/// Whether a folder is in a file system whose files are the kernel's (statfs(2)).
#[cfg(target_os = "linux")]
pub(crate) fn takes_no_files(folder: &Path) -> bool {
    rustix::fs::statfs(folder).is_ok_and(|found| KERNEL_S.contains(&(found.f_type as u32)))
}

/// As above; other systems have no such file systems where people would name them.
#[cfg(not(target_os = "linux"))]
pub(crate) fn takes_no_files(_: &Path) -> bool {
    false
}

/// The magic numbers of procfs, sysfs, devpts, cgroup and cgroup2, debugfs, tracefs, securityfs, efivarfs, selinuxfs and the
/// file system of FUSE's connections (linux/magic.h).
#[cfg(target_os = "linux")]
const KERNEL_S: [u32; 11] = [
    0x9fa0,
    0x6265_6572,
    0x1cd1,
    0x0027_e0eb,
    0x6367_7270,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0xde5e_81e4,
    0xf97c_ff8c,
    0x6573_5543,
];
