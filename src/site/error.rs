//! Why a folder does not become a site.

use std::{io, path::PathBuf};

use esp_https_provision::site::{LONGEST_PATH, SiteWriteError};

use crate::os_error::in_words;

/// Why a folder does not become a site.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// The folder or a file can't be read.
    #[error("{}: {}", path.display(), in_words(source))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is neither a file nor a folder.
    #[error("{} is neither a file nor a folder", path.display())]
    NoFile {
        /// Which.
        path: PathBuf,
    },
    /// A link that leads out of the folder, to a folder, or nowhere.
    #[error("{} is a link that leads {leads}", path.display())]
    Link {
        /// The link.
        path: PathBuf,
        /// Where it leads to.
        leads: &'static str,
    },
    /// A name that can't be served.
    #[error("{} {fault}", path.display())]
    Name {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with its name.
        fault: NameFault,
    },
    /// It is not what it was when the folder was listed.
    #[error("{} changed while the folder was packed", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file in which a private key is, which everybody could fetch.
    #[error("there is a private key in {} (PEM), and a board shows its site to everybody", path.display())]
    PrivateKey {
        /// The file.
        path: PathBuf,
    },
    /// All files together are too large.
    #[error(
        "its {files} files take {needed} bytes, and the partition has room for {room}; the largest are {}",
        list(largest)
    )]
    TooLarge {
        /// Number of files.
        files: usize,
        /// Bytes of the image.
        needed: u64,
        /// Bytes of the partition.
        room: usize,
        /// The largest files, the largest first.
        largest: Vec<SiteFile>,
    },
    /// The image was not made, which the checks before it rule out.
    #[error(transparent)]
    Write(#[from] SiteWriteError),
}

/// A file and what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFile {
    /// Its path in the site.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// No text.
    #[error("has a name that is not UTF-8")]
    NotUtf8,
    /// A line end or the like.
    #[error("has a control character in its name")]
    Control,
    /// Longer than an image can have it.
    #[error("has a path of more than {LONGEST_PATH} bytes in the site")]
    TooLong,
    /// Another file has the same name but for upper and lower case.
    #[error("differs from another file in upper and lower case only")]
    Case,
}

fn list(files: &[SiteFile]) -> String {
    let shown: Vec<String> =
        files.iter().map(|file| format!("{} ({} bytes)", file.path.escape_debug(), file.bytes)).collect();
    shown.join(", ")
}
