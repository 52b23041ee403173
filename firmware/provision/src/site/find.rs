//! Which file a path means.

use core::cmp::Ordering;

use super::{
    layout::{Content, Entry, HASH_BYTES},
    media::Media,
    negotiate::{Coding, ETag},
    open::{Site, SiteFlash, Unreadable},
};

/// What a path means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File(SiteFile),
    /// A folder with an `index.html`; its path lacks the slash at its end, without which the relative links of that page go wrong.
    Folder,
    /// Nothing.
    Nothing,
}

/// A file of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteFile {
    /// What it is.
    pub media: Media,
    /// Its content.
    pub plain: Content,
    /// The same compressed with gzip, where that is a fifth smaller.
    pub gzip: Option<Content>,
    pub(super) hash: [u8; HASH_BYTES],
}

impl SiteFile {
    /// What a client gets that sends this field `Accept-Encoding`, if any.
    #[must_use]
    pub fn choose(&self, accept_encoding: Option<&[u8]>) -> (Coding, Content) {
        match self.gzip {
            Some(gzip) if Coding::Gzip.is_wanted(accept_encoding) => (Coding::Gzip, gzip),
            _ => (Coding::Identity, self.plain),
        }
    }

    /// The ETag of the file in this coding: two representations are two ETags (RFC 9110 section 8.8.3).
    #[must_use]
    pub fn etag(&self, coding: Coding) -> ETag {
        ETag { hash: self.hash, coding }
    }
}

impl<F: SiteFlash> Site<F> {
    /// What `path` means, percent-decoded and without its first slash. An empty path, and one with a slash at its end, mean the
    /// `index.html` there.
    ///
    /// # Errors
    /// The flash can't be read.
    pub fn find(&self, path: &str) -> Result<Found, Unreadable> {
        if path.is_empty() || path.ends_with('/') {
            return Ok(self.search(path, INDEX)?.map_or(Found::Nothing, Found::File));
        }
        if let Some(file) = self.search(path, "")? {
            return Ok(Found::File(file));
        }
        Ok(self.search(path, FOLDER_INDEX)?.map_or(Found::Nothing, |_| Found::Folder))
    }

    /// The file whose path is `path` and `end`.
    fn search(&self, path: &str, end: &str) -> Result<Option<SiteFile>, Unreadable> {
        let (mut low, mut high) = (0, self.files());
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(entry) = self.entry(middle)? else { return Ok(None) };
            match self.compare(entry.path, path.bytes().chain(end.bytes()))? {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(Some(entry.into())),
            }
        }
        Ok(None)
    }
}

impl From<Entry> for SiteFile {
    fn from(entry: Entry) -> Self {
        let Entry { media, plain, gzip, hash, .. } = entry;
        Self { media, plain, gzip, hash }
    }
}

const INDEX: &str = "index.html";
const FOLDER_INDEX: &str = "/index.html";
