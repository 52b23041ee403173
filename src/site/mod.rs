//! A folder of files becomes the image of a site, which a board serves from its `site` partition.

mod error;
mod pack;
mod walk;

use std::path::{Path, PathBuf};

use esp_https_provision::SITE_BYTES;
use serde::Serialize;

pub use error::{NameFault, SiteError, SiteFile};

/// The image of a site, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteImage {
    /// The image: the first bytes of the partition.
    pub bytes: Vec<u8>,
    /// What is in it.
    pub contents: SiteContents,
}

/// What is in the image of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteContents {
    /// The folder.
    #[serde(serialize_with = "crate::text::path")]
    pub folder: PathBuf,
    /// Number of files.
    pub files: usize,
    /// Files and folders that were left out because their names begin with a dot.
    pub hidden: usize,
    /// Bytes of all files.
    pub plain_bytes: usize,
    /// Number of files that are stored compressed as well.
    pub gzip_files: usize,
    /// Bytes that the clients that take gzip are spared, if each file is fetched once.
    pub gzip_saves: usize,
    /// Bytes of the image.
    pub image_bytes: usize,
    /// Bytes of the partition.
    pub partition_bytes: usize,
}

impl SiteImage {
    /// Packs the files of a folder. The same files make the same bytes.
    ///
    /// # Errors
    /// A file can't be read or served, or all of them do not fit.
    pub fn pack(folder: &Path) -> Result<Self, SiteError> {
        pack::pack(folder, &walk::walk(folder)?)
    }
}

impl SiteContents {
    /// How full the partition is, in percent, rounded up.
    #[must_use]
    pub fn fill_percent(&self) -> usize {
        (self.image_bytes * 100).div_ceil(SITE_BYTES)
    }
}

#[cfg(test)]
mod tests;
