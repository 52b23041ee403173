//! Several files that belong together: all of them are written, or none.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use super::{
    Access, Destination, DestinationKind, Existing, Kept, Purpose, Refusal,
    write::{check, folder_of, place, plain, prepare},
};

/// A file of several.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Where it goes. Folders that are missing are made.
    pub path: &'a Path,
    /// What is in it.
    pub content: &'a [u8],
}

/// A file, or a folder above it, that could not be written.
#[derive(Debug)]
pub struct Unwritten {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// Why each of these files can't be written, in order; nothing is left behind. None when all can.
#[must_use]
pub fn check_together(parts: &[Part<'_>], existing: Existing) -> Vec<(PathBuf, Refusal)> {
    let refused = |part: &Part<'_>| {
        let refusal = check_part(part.path, existing).err()?;
        Some((part.path.to_owned(), refusal))
    };
    parts.iter().filter_map(refused).collect()
}

fn check_part(path: &Path, existing: Existing) -> Result<(), Refusal> {
    let folder = folder_of(path);
    if !folder.exists() {
        // What is not a folder, or not ours, on the way to it is told by the system.
        let above = folder.ancestors().skip(1).map(named).find(|above| above.exists());
        return Ok(tempfile::tempfile_in(above.unwrap_or(folder)).map(drop).map_err(plain)?);
    }
    match Destination::of(path)?.kind {
        DestinationKind::Opened | DestinationKind::Fifo | DestinationKind::Device => Err(Refusal::NotAFile),
        _ => check(path, Purpose::File(existing)),
    }
}

/// The current folder has no name as the parent of a relative path.
fn named(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// Writes these files, or none of them, with the folders that they need.
///
/// # Errors
/// The first that can't be written; everything is then as it was before.
pub fn write_together(parts: &[Part<'_>], existing: Existing) -> Result<(), Unwritten> {
    let mut undo = Undo::default();
    let written = write_parts(parts, existing, &mut undo);
    if written.is_err() {
        undo.all();
    }
    written
}

fn write_parts(parts: &[Part<'_>], existing: Existing, undo: &mut Undo) -> Result<(), Unwritten> {
    let mut prepared = Vec::new();
    for part in parts {
        undo.make_folder(folder_of(part.path))?;
        let unwritten = |source| Unwritten { path: part.path.to_owned(), source };
        let destination = Destination::of(part.path).map_err(unwritten)?;
        let file = prepare(&destination.path, part.content, Access::Everybody).map_err(unwritten)?;
        prepared.push((part.path, destination.path, file));
    }
    for (path, destination, file) in prepared {
        let placed = undo.place(file, destination, existing);
        placed.map_err(|source| Unwritten { path: path.to_owned(), source })?;
    }
    Ok(())
}

/// What has been done so far.
#[derive(Debug, Default)]
struct Undo {
    /// Folders that were made, the inner ones last.
    folders: Vec<PathBuf>,
    /// Files that were put into their places, and what was there before.
    files: Vec<(PathBuf, Kept)>,
}

impl Undo {
    fn make_folder(&mut self, folder: &Path) -> Result<(), Unwritten> {
        let missing: Vec<&Path> = folder.ancestors().map(named).take_while(|above| !above.exists()).collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => self.folders.push(folder.to_owned()),
                // Somebody else was quicker.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
                Err(source) => return Err(Unwritten { path: folder.to_owned(), source }),
            }
        }
        Ok(())
    }

    fn place(&mut self, file: TempPath, path: PathBuf, existing: Existing) -> io::Result<()> {
        let before = match existing {
            // A file that has come in the meantime is not replaced, so that there is nothing to keep.
            Existing::Keep => Kept::Nothing,
            Existing::Replace => Kept::keep(&path)?,
        };
        match place(file, &path, existing) {
            Ok(()) => {
                self.files.push((path, before));
                Ok(())
            }
            Err(error) => {
                if matches!(before, Kept::File(_)) {
                    before.restore(&path);
                }
                Err(error)
            }
        }
    }

    fn all(self) {
        for (path, before) in self.files.into_iter().rev() {
            before.restore(&path);
        }
        for folder in self.folders.into_iter().rev() {
            // Fails if somebody put something into it, and then it should stay.
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    const CONTENT: &[u8] = b"new\n";

    /// Writes `new` to these paths of a folder.
    fn write(folder: &TempDir, paths: &[&str], existing: Existing) -> Result<(), Unwritten> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| folder.path().join(path)).collect();
        let parts: Vec<Part<'_>> = paths.iter().map(|path| Part { path, content: CONTENT }).collect();
        write_together(&parts, existing)
    }

    fn refusals(folder: &TempDir, paths: &[&str], existing: Existing) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| folder.path().join(path)).collect();
        let parts: Vec<Part<'_>> = paths.iter().map(|path| Part { path, content: CONTENT }).collect();
        let told = |(path, refusal): (PathBuf, Refusal)| {
            format!("{}: {refusal}", path.strip_prefix(folder.path()).unwrap().display())
        };
        check_together(&parts, existing).into_iter().map(told).collect()
    }

    /// Everything below a folder, with what is in the files.
    fn tree(folder: &TempDir) -> Vec<String> {
        let (mut found, mut folders) = (Vec::new(), vec![folder.path().to_owned()]);
        while let Some(below) = folders.pop() {
            for entry in fs::read_dir(below).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(folder.path()).unwrap().display().to_string();
                if path.is_dir() {
                    found.push(format!("{name}/"));
                    folders.push(path);
                } else {
                    found.push(format!("{name}: {}", fs::read_to_string(path).unwrap().trim_end()));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn files_are_written_with_the_folders_that_they_need_and_others_may_read_them() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(refusals(&folder, &["a", "x/y/b"], Existing::Keep), [""; 0]);
        assert_eq!(tree(&folder), [""; 0], "a check leaves no trace");
        write(&folder, &["a", "x/y/b"], Existing::Keep).unwrap();
        assert_eq!(tree(&folder), ["a: new", "x/", "x/y/", "x/y/b: new"]);
        let mode = folder.path().join("a").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o600, 0o600);
        assert_eq!(mode & 0o111, 0);
    }

    #[test]
    fn every_file_that_is_there_is_told_and_none_is_written() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "c"] {
            fs::write(folder.path().join(name), "old").unwrap();
        }
        let told = ["a: the file exists already", "c: the file exists already"];
        assert_eq!(refusals(&folder, &["a", "b", "c"], Existing::Keep), told);
        assert_eq!(refusals(&folder, &["a", "b", "c"], Existing::Replace), [""; 0]);
        // They come after the check.
        let unwritten = write(&folder, &["b", "x/b", "c"], Existing::Keep).unwrap_err();
        assert_eq!(unwritten.path, folder.path().join("c"));
        assert_eq!(unwritten.source.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(tree(&folder), ["a: old", "c: old"]);
        write(&folder, &["a", "b", "c"], Existing::Replace).unwrap();
        assert_eq!(tree(&folder), ["a: new", "b: new", "c: new"]);
    }

    #[test]
    fn what_was_replaced_comes_back_when_a_later_file_can_t_be_placed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "old").unwrap();
        fs::create_dir_all(folder.path().join("c/in the way")).unwrap();
        for names in [&["a", "b", "c"][..], &["b", "x/y/b", "a/b"]] {
            write(&folder, names, Existing::Replace).unwrap_err();
            assert_eq!(tree(&folder), ["a: old", "c/", "c/in the way/"], "{names:?}");
        }
    }

    #[test]
    fn only_a_file_is_replaced_and_a_link_to_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("folder")).unwrap();
        fs::write(folder.path().join("key"), "-----BEGIN PRIVATE KEY-----\n").unwrap();
        symlink("/dev/null", folder.path().join("device")).unwrap();
        fs::write(folder.path().join("far"), "old").unwrap();
        symlink("far", folder.path().join("near")).unwrap();
        let names = ["folder", "key", "device", "near", "far/below"];
        assert_eq!(
            refusals(&folder, &names, Existing::Replace),
            [
                "folder: it is a folder",
                "key: a certificate or a private key is in it (PEM)",
                "device: it is not a file, but a device or a pipe",
                "far/below: a part of its path is not a folder",
            ]
        );
        write(&folder, &["near"], Existing::Replace).unwrap();
        assert!(folder.path().join("near").symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(folder.path().join("far")).unwrap(), CONTENT);
    }
}
