//! Files and folders that only their owner may read: by an access control list that names nobody else and takes nothing over
//! from the folder above.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    os::windows::fs::OpenOptionsExt as _,
    path::Path,
};

use tempfile::{Builder, NamedTempFile, TempDir};
use windows_permissions::{
    LocalBox, SecurityDescriptor,
    constants::{SeObjectType, SecurityInformation},
    wrappers::{
        ConvertSecurityDescriptorToStringSecurityDescriptor, ConvertSidToStringSid, GetNamedSecurityInfo,
        GetSecurityInfo, SetSecurityInfo,
    },
};

use crate::system::Readers;

/// A new file under a temporary name in `folder`. A file for its owner only is that before anything is in it, and nobody can
/// have opened it earlier.
pub(crate) fn temporary(prefix: &str, folder: &Path, readers: Readers) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(prefix);
    match readers {
        Readers::Owner => builder.make_in(folder, create),
        Readers::Everybody | Readers::AsFolder => builder.tempfile_in(folder),
    }
}

/// No umask takes the right away from the owner here.
pub(crate) fn let_owner_in(_file: &File) -> io::Result<()> {
    Ok(())
}

/// A new file that only its owner may read.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .access_mode(GENERIC_READ | GENERIC_WRITE | WRITE_DAC)
        // While it is open others can rename and remove it, as the file that gets its final name is, and not read it.
        .share_mode(FILE_SHARE_DELETE)
        .open(path)?;
    restrict(&mut file, FILE_FLAGS)?;
    Ok(file)
}

/// A new folder with a temporary name in `place` that only its owner may look into, nor into what is made in it.
pub(crate) fn folder(prefix: &str, place: &Path) -> io::Result<TempDir> {
    let folder = Builder::new().prefix(prefix).tempdir_in(place)?;
    restrict_folder(folder.path())?;
    Ok(folder)
}

/// Makes a folder that only its owner may look into, nor into what is made in it.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)?;
    let restricted = restrict_folder(path);
    if restricted.is_err() {
        // Nothing can be in it yet.
        let _ = fs::remove_dir(path);
    }
    restricted
}

fn restrict_folder(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // Without this flag a folder can't be opened.
    options.access_mode(READ_CONTROL | WRITE_DAC).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    restrict(&mut options.open(path)?, FOLDER_FLAGS)
}

/// Gives a file or folder a list with which the owner may do everything, and nobody else anything (SDDL, [MS-DTYP] 2.5.1), and
/// makes sure that this is so.
fn restrict(file: &mut File, flags: &str) -> io::Result<()> {
    let found = GetSecurityInfo(file, SeObjectType::SE_FILE_OBJECT, SecurityInformation::Owner)?;
    let owner = ConvertSidToStringSid(found.owner().ok_or(io::ErrorKind::Unsupported)?)?;
    let list: LocalBox<SecurityDescriptor> =
        format!("D:P(A;{flags};FA;;;{})", owner.to_string_lossy()).parse()?;
    // In words well-known users and groups have short names.
    let owner = entries(&list)?.iter().map(|entry| trustee(entry).to_owned()).next();
    // The second way is for systems that take entries over from the folder all the same, as Wine 8 does.
    for way in [SeObjectType::SE_FILE_OBJECT, SeObjectType::SE_KERNEL_OBJECT] {
        let replaced = SecurityInformation::Dacl | SecurityInformation::ProtectedDacl;
        SetSecurityInfo(file, way, replaced, None, None, list.dacl(), None)?;
        let found = GetSecurityInfo(file, SeObjectType::SE_FILE_OBJECT, SecurityInformation::Dacl)?;
        let found = entries(&found)?;
        // A file system without lists has none, and lets everybody in.
        let is_harmless =
            |entry: &String| Some(trustee(entry)) == owner.as_deref() || trustee(entry) == SYSTEM;
        if !found.is_empty() && found.iter().all(is_harmless) {
            return Ok(());
        }
    }
    Err(io::Error::new(io::ErrorKind::Unsupported, "its file system does not keep others from reading it"))
}

/// The entries of a list in words (SDDL), without their parentheses.
fn entries(list: &SecurityDescriptor) -> io::Result<Vec<String>> {
    let text: OsString =
        ConvertSecurityDescriptorToStringSecurityDescriptor(list, SecurityInformation::Dacl)?;
    let text = text.to_string_lossy();
    Ok(text.split('(').skip(1).map(|entry| entry.trim_end_matches(')').to_owned()).collect())
}

/// Whom an entry is about.
fn trustee(entry: &str) -> &str {
    entry.rsplit(';').next().unwrap_or_default()
}

/// Whether others than its owner may read a file, or look into a folder, as far as that is said by the groups that all users are in.
pub(crate) fn is_public(path: &Path) -> bool {
    let found = GetNamedSecurityInfo(path, SeObjectType::SE_FILE_OBJECT, SecurityInformation::Dacl);
    found
        .and_then(|found| entries(&found))
        .is_ok_and(|entries| entries.iter().any(|entry| EVERYBODY.contains(&trustee(entry))))
}

/// The command that makes a file, or a folder, one that only its owner may read.
pub(crate) fn command(path: &Path) -> String {
    format!("icacls \"{}\" /inheritance:r /grant:r \"%USERNAME%:F\"", path.display())
}

/// The folder decides here who may read a file.
pub(crate) fn let_all_read(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Access rights and shares of CreateFileW ([MS-DTYP] 2.4.3, "File Access Rights Constants").
const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const READ_CONTROL: u32 = 0x0002_0000;
const WRITE_DAC: u32 = 0x0004_0000;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_SHARE_DELETE: u32 = 4;
/// Flags of an entry: none, and that files and folders below inherit it.
const FILE_FLAGS: &str = "";
const FOLDER_FLAGS: &str = "OICI";
/// The account of the system itself, from which nothing can be kept. Wine always lists it.
const SYSTEM: &str = "SY";
/// Entries for everyone, for all who have logged in, and for the group of all users.
const EVERYBODY: [&str; 3] = ["WD", "AU", "BU"];
