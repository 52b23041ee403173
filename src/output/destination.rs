//! What a path leads to: through every link, with its identity.

use std::{
    ffi::OsString,
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf, is_separator},
};

use crate::system::{
    Special,
    files::{self, FileIdentity},
};

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The file's own path: absolute, and no link.
    pub path: PathBuf,
    /// What is there.
    pub kind: DestinationKind,
    /// Which file it is.
    pub id: FileId,
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationKind {
    /// Nothing yet.
    New,
    /// A regular file, under a name.
    Regular,
    /// A regular file that somebody has opened for us (`/dev/fd/3`): it is that open file which is meant, not its name.
    Opened,
    /// A FIFO or a pipe.
    Fifo,
    /// A character device: `/dev/null`, a terminal.
    Device,
    /// A block device: a disk.
    Disk,
    /// A folder.
    Folder,
    /// A socket.
    Socket,
}

/// Which file it is, whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileId {
    /// A file that exists.
    Existing {
        /// Which one it is.
        file: FileIdentity,
    },
    /// A character device: its number, which several nodes may have.
    Device {
        /// The device's number.
        number: u64,
    },
    /// A file that does not exist yet: its folder, and its name there.
    New {
        /// Which folder it is.
        folder: FileIdentity,
        /// The file's name, such that two spellings of it are equal.
        name: OsString,
    },
}

impl Destination {
    /// Follows a path through its links. A link that leads nowhere leads to a file that does not exist yet.
    ///
    /// # Errors
    /// The folder does not exist, or can't be looked into; the links go in a circle.
    pub fn of(path: &Path) -> io::Result<Self> {
        if let Some(special) = files::reserved(path) {
            return Ok(Self::device(path, special));
        }
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let named = Named::new(&path)?;
            let here = named.path();
            match here.symlink_metadata() {
                Ok(meta) if meta.is_symlink() && named.is_descriptor() => return Self::opened(here),
                Ok(meta) if meta.is_symlink() => path = named.folder.join(fs::read_link(&here)?),
                Ok(meta) => {
                    let id = FileId::of(&here, &meta);
                    return Ok(Self { path: here, kind: kind(&meta), id });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return named.new_file(),
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("its links go in a circle"))
    }

    /// What a descriptor of a process leads to. Its link is not to be followed by its text: that is a name at best.
    fn opened(path: PathBuf) -> io::Result<Self> {
        let meta = path.metadata()?;
        let kind = if meta.is_file() { DestinationKind::Opened } else { kind(&meta) };
        let id = FileId::of(&path, &meta);
        Ok(Self { path, kind, id })
    }

    /// A device that has no metadata.
    fn device(path: &Path, special: Special) -> Self {
        let number = if let Special::Device(number) = special { number } else { 0 };
        Self { path: path.to_owned(), kind: kind_of(special), id: FileId::Device { number } }
    }
}

/// A path whose folder is known, and has no links in it.
struct Named {
    folder: PathBuf,
    name: OsString,
}

impl Named {
    fn new(path: &Path) -> io::Result<Self> {
        let last = path.as_os_str().as_encoded_bytes().last();
        let ends_as_folder = last.is_some_and(|last| is_separator(char::from(*last)));
        match path.file_name() {
            Some(name) if !ends_as_folder => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
                if !folder.is_dir() {
                    return Err(io::ErrorKind::NotADirectory.into());
                }
                Ok(Self { folder, name: name.to_owned() })
            }
            _ if path.as_os_str().is_empty() => Err(io::ErrorKind::NotFound.into()),
            // `..`, `/` and `x/` are folders, or nothing that could be a file.
            _ => Ok(Self { folder: path.canonicalize()?, name: ".".into() }),
        }
    }

    fn path(&self) -> PathBuf {
        if self.name == "." { self.folder.clone() } else { self.folder.join(&self.name) }
    }

    fn is_descriptor(&self) -> bool {
        files::holds_descriptors(&self.folder)
    }

    fn new_file(self) -> io::Result<Destination> {
        let folder = self.folder.metadata()?;
        let path = self.path();
        let name = files::comparable(&self.name);
        let id = FileId::New { folder: FileIdentity::of(&self.folder, &folder), name };
        Ok(Destination { path, kind: DestinationKind::New, id })
    }
}

fn kind(meta: &Metadata) -> DestinationKind {
    match files::special(meta) {
        Some(special) => kind_of(special),
        None if meta.is_dir() => DestinationKind::Folder,
        None => DestinationKind::Regular,
    }
}

fn kind_of(special: Special) -> DestinationKind {
    match special {
        Special::Fifo => DestinationKind::Fifo,
        Special::Device(_) => DestinationKind::Device,
        Special::Disk => DestinationKind::Disk,
        Special::Socket => DestinationKind::Socket,
    }
}

impl FileId {
    /// The identity of what is at `path` and has this metadata.
    #[must_use]
    pub fn of(path: &Path, meta: &Metadata) -> Self {
        Self::new(FileIdentity::of(path, meta), files::special(meta))
    }

    /// That of standard output.
    ///
    /// # Errors
    /// The system does not say.
    pub fn stdout() -> io::Result<Self> {
        let (file, special) = files::stdout()?;
        Ok(Self::new(file, special))
    }

    fn new(file: FileIdentity, special: Option<Special>) -> Self {
        match special {
            Some(Special::Device(number)) => Self::Device { number },
            _ => Self::Existing { file },
        }
    }
}

/// As many as Linux follows.
const MOST_LINKS: usize = 40;

#[cfg(test)]
mod tests {
    use std::os::{fd::AsRawFd as _, unix::fs::symlink};

    use super::*;

    fn kind_of(path: &str) -> DestinationKind {
        Destination::of(Path::new(path)).unwrap().kind
    }

    #[test]
    fn one_file_has_one_identity_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        fs::hard_link(at("file"), at("hard")).unwrap();
        symlink("file", at("soft")).unwrap();
        fs::create_dir(at("sub")).unwrap();
        symlink("..", at("sub/up")).unwrap();
        let id = |name: &str| Destination::of(&at(name)).unwrap().id;
        for other in ["./file", "hard", "soft", "sub/../file", "sub/up/soft"] {
            assert_eq!(id(other), id("file"), "{other}");
        }
        assert_ne!(id("other"), id("file"));
        assert_eq!(Destination::of(&at("soft")).unwrap().path, at("file").canonicalize().unwrap());
    }

    #[test]
    fn a_file_that_is_not_there_yet_has_an_identity_too() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("new", at("dangling")).unwrap();
        symlink(folder.path(), at("same")).unwrap();
        let id = |name: &str| Destination::of(&at(name)).unwrap().id;
        for other in ["./new", "dangling", "same/new"] {
            assert_eq!(id(other), id("new"), "{other}");
        }
        assert_ne!(id("newer"), id("new"));
        assert_eq!(Destination::of(&at("dangling")).unwrap().kind, DestinationKind::New);
    }

    #[test]
    fn what_is_there_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        symlink("/dev/null", at("null")).unwrap();
        symlink("circle", at("circle")).unwrap();
        for (path, kind) in [
            ("/dev/null", DestinationKind::Device),
            (&at("null"), DestinationKind::Device),
            (&at("socket"), DestinationKind::Socket),
            ("/", DestinationKind::Folder),
            ("..", DestinationKind::Folder),
            (&format!("{}/", at("")), DestinationKind::Folder),
        ] {
            assert_eq!(kind_of(path), kind, "{path}");
        }
        for path in [&at("circle"), &at("nowhere/file"), &at("socket/file"), &format!("{}/", at("new")), ""] {
            assert!(Destination::of(Path::new(path)).is_err(), "{path}");
        }
    }

    #[test]
    fn a_descriptor_is_the_open_file_and_not_its_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let destination = Destination::of(Path::new(&format!("/dev/fd/{}", file.as_raw_fd()))).unwrap();
        assert_eq!(
            (destination.kind, destination.id),
            (DestinationKind::Opened, Destination::of(file.path()).unwrap().id)
        );
    }
}
