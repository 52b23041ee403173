//! Which files of a folder are served, each under which path.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, DirEntry, FileType},
    io,
    path::{Path, PathBuf},
};

use esp_https_provision::{
    SITE_BYTES,
    site::{LONGEST_PATH, image_bytes},
};

use super::error::{NameFault, SiteError, SiteFile};
use crate::system::files::FileIdentity;

/// The files of a folder.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Each file by its path in the site, in the order of the image: that of the bytes.
    pub(super) files: BTreeMap<String, FoundFile>,
    /// Files and folders whose names begin with a dot.
    pub(super) hidden: usize,
}

/// A file that was found, and not read yet.
#[derive(Debug)]
pub(super) struct FoundFile {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// Which file it is, of all that this machine has.
    pub(super) identity: FileIdentity,
}

/// Finds the files, and checks names, links and sizes.
pub(super) fn walk(folder: &Path) -> Result<Files, SiteError> {
    let root = folder.canonicalize().map_err(unreadable(folder))?;
    let mut found = Files::default();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(unreadable(&folder))? {
            let entry = entry.map_err(unreadable(&folder))?;
            let Some(path) = site_path(&entry, &prefix)? else {
                found.hidden += 1;
                continue;
            };
            let kind = entry.file_type().map_err(unreadable(&entry.path()))?;
            if kind.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
            } else {
                found.files.insert(path, file(&entry, kind, &root)?);
            }
            // More files than have room in the index: somebody may have named their home.
            if found.files.len() * ENTRY > SITE_BYTES {
                return Err(too_large(&found, (found.files.len() * ENTRY) as u64));
            }
        }
    }
    check_size(&found)?;
    check_case(&found)?;
    Ok(found)
}

/// The path of a file or folder in the site; `None` for a hidden one.
fn site_path(entry: &DirEntry, prefix: &str) -> Result<Option<String>, SiteError> {
    let wrong = |fault| SiteError::Name { path: entry.path(), fault };
    let name = entry.file_name();
    if name.as_encoded_bytes().first() == Some(&b'.') {
        return Ok(None);
    }
    let name = name.to_str().ok_or_else(|| wrong(NameFault::NotUtf8))?;
    if name.chars().any(char::is_control) {
        return Err(wrong(NameFault::Control));
    }
    let path = format!("{prefix}{name}");
    if path.len() > LONGEST_PATH { Err(wrong(NameFault::TooLong)) } else { Ok(Some(path)) }
}

fn file(entry: &DirEntry, kind: FileType, root: &Path) -> Result<FoundFile, SiteError> {
    let path = entry.path();
    if kind.is_symlink() {
        check_link(&path, root)?;
    }
    let facts = fs::metadata(&path).map_err(unreadable(&path))?;
    match (facts.is_file(), kind.is_symlink()) {
        (true, _) => Ok(FoundFile { bytes: facts.len(), identity: FileIdentity::of(&path, &facts), path }),
        (false, true) => Err(SiteError::Link { path, leads: "to no file" }),
        (false, false) => Err(SiteError::NoFile { path }),
    }
}

/// What is outside was not meant for everybody, and a folder could be the one that the link is in.
fn check_link(path: &Path, root: &Path) -> Result<(), SiteError> {
    let wrong = |leads| Err(SiteError::Link { path: path.to_owned(), leads });
    match path.canonicalize() {
        Ok(target) if target.starts_with(root) => Ok(()),
        Ok(_) => wrong("out of the folder"),
        Err(_) => wrong("nowhere"),
    }
}

/// Before a byte is read: one of the files may be a terabyte.
fn check_size(found: &Files) -> Result<(), SiteError> {
    let contents: u64 = found.files.values().map(|file| file.bytes.next_multiple_of(4)).sum();
    let needed = contents + index_bytes(found);
    if needed > SITE_BYTES as u64 { Err(too_large(found, needed)) } else { Ok(()) }
}

fn index_bytes(found: &Files) -> u64 {
    let paths: usize = found.files.keys().map(String::len).sum();
    (image_bytes(&[]) + (ENTRY * found.files.len() + paths).next_multiple_of(4)) as u64
}

/// The error for files that do not fit: `needed` bytes are what is known so far.
pub(super) fn too_large(found: &Files, needed: u64) -> SiteError {
    let mut largest: Vec<SiteFile> =
        found.files.iter().map(|(path, file)| SiteFile { path: path.clone(), bytes: file.bytes }).collect();
    largest.sort_by_key(|file| std::cmp::Reverse(file.bytes));
    largest.truncate(LARGEST_SHOWN);
    SiteError::TooLarge { files: found.files.len(), needed, room: SITE_BYTES, largest }
}

/// The board tells upper and lower case apart, and the folder of a colleague's machine may not: there, one file would be missing.
fn check_case(found: &Files) -> Result<(), SiteError> {
    let mut seen = BTreeSet::new();
    match found.files.iter().find(|(path, _)| !seen.insert(path.to_lowercase())) {
        Some((_, file)) => Err(SiteError::Name { path: file.path.clone(), fault: NameFault::Case }),
        None => Ok(()),
    }
}

pub(super) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> SiteError {
    let path = path.to_owned();
    |source| SiteError::Unreadable { path, source }
}

/// Bytes of a file's entry in the index, without its path.
const ENTRY: usize = 40;
const LARGEST_SHOWN: usize = 5;
