//! Files and folders that only their owner may read.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use tempfile::{Builder, NamedTempFile, TempDir};

use crate::{cert::openssl::quote, system::Readers};

/// A new file under a temporary name in `folder`. A file for its owner only is that from its first moment on.
pub(crate) fn temporary(prefix: &str, folder: &Path, readers: Readers) -> io::Result<NamedTempFile> {
    let mode = match readers {
        Readers::Owner => FILE_MODE,
        Readers::Everybody => 0o644,
        Readers::AsFolder => 0o666,
    };
    Builder::new().prefix(prefix).permissions(Permissions::from_mode(mode)).tempfile_in(folder)
}

/// Gives the owner of a file for its owner only the right to read and write it, which the umask may have taken away.
pub(crate) fn let_owner_in(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(FILE_MODE))
}

/// A new file that only its owner may read.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

/// A new folder with a temporary name in `place` that only its owner may look into.
pub(crate) fn folder(prefix: &str, place: &Path) -> io::Result<TempDir> {
    Builder::new().prefix(prefix).permissions(Permissions::from_mode(FOLDER_MODE)).tempdir_in(place)
}

/// Makes a folder that only its owner may look into.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(FOLDER_MODE).create(path)
}

/// Whether others than its owner may read a file, or look into a folder.
pub(crate) fn is_public(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & OTHERS != 0)
}

/// The command that makes a file, or a folder, one that only its owner may read.
pub(crate) fn command(path: &Path) -> String {
    let mode = if path.is_dir() { FOLDER_MODE } else { FILE_MODE };
    format!("chmod {mode:o} {}", quote(&path.to_string_lossy()))
}

/// Lets all users read a file, whatever the umask is.
pub(crate) fn let_all_read(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o644))
}

const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
/// The bits of the group and of all others (inode(7)).
const OTHERS: u32 = 0o077;
