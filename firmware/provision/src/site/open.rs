//! Reading the image of a site, which may be anything.

use core::cmp::Ordering;

use thiserror::Error;

use super::layout::{Content, ENTRY_BYTES, Entry, HEADER_BYTES, Header, LONGEST_PATH, VERSION, WORD};
use crate::crc32;

/// Where the bytes of the image come from: a partition, or memory.
pub trait SiteFlash {
    /// Bytes that there are.
    fn size(&self) -> u32;

    /// Fills `out` with the bytes from `at` on. Both `at` and the length of `out` are multiples of 4, and so is its address.
    ///
    /// # Errors
    /// There are not so many bytes, or the flash does not answer.
    fn read(&self, at: u32, out: &mut [u8]) -> Result<(), Unreadable>;
}

/// The flash can't be read there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the flash can't be read")]
pub struct Unreadable;

impl SiteFlash for &[u8] {
    fn size(&self) -> u32 {
        u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    fn read(&self, at: u32, out: &mut [u8]) -> Result<(), Unreadable> {
        let at = usize::try_from(at).map_err(|_| Unreadable)?;
        let end = at.checked_add(out.len()).ok_or(Unreadable)?;
        out.copy_from_slice(self.get(at..end).ok_or(Unreadable)?);
        Ok(())
    }
}

/// A site whose image was checked.
#[derive(Debug)]
pub struct Site<F> {
    flash: F,
    header: Header,
}

/// Why there is no site to serve. Offsets are bytes from the start of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SiteError {
    /// No image begins here: nothing was written, or something else.
    #[error("there is no site")]
    NoSite,
    /// Another layout than this one's; holds the version found.
    #[error("the site has version {0}, which this firmware does not know")]
    Version(u32),
    /// The header's sizes contradict each other or the partition.
    #[error("the site's header is damaged: its sizes do not fit")]
    Sizes,
    /// A checksum does not match.
    #[error("the site is damaged: its checksum does not match")]
    Checksum,
    /// An entry is not what it has to be; holds its number.
    #[error("entry {0} of the site's index is damaged")]
    Entry(u32),
    /// The flash does not answer.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl<F: SiteFlash> Site<F> {
    /// Reads and checks all of an image: sizes, checksums, and each entry of the index. With less than that, one damaged byte would
    /// show only when somebody asks for its page.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn open(flash: F) -> Result<Self, SiteError> {
        let mut bytes = Aligned([0; HEADER_BYTES]);
        if flash.size() < HEADER_BYTES as u32 {
            return Err(SiteError::NoSite);
        }
        flash.read(0, &mut bytes.0)?;
        let (version, header) = Header::decode(&bytes.0).ok_or(SiteError::NoSite)?;
        if version != VERSION {
            return Err(SiteError::Version(version));
        }
        let entries_end = header.entries_end().ok_or(SiteError::Sizes)?;
        let sizes = [entries_end, header.index_end, header.length, flash.size()];
        let is_word = |size: &u32| size.is_multiple_of(WORD as u32);
        if !sizes.is_sorted() || !is_word(&header.index_end) || !is_word(&header.length) {
            return Err(SiteError::Sizes);
        }
        let site = Self { flash, header };
        site.check_sums(&bytes.0)?;
        site.check_entries(entries_end)?;
        Ok(site)
    }

    /// Number of files.
    #[must_use]
    pub fn files(&self) -> u32 {
        self.header.files
    }

    /// Bytes of the image.
    #[must_use]
    pub fn bytes(&self) -> u32 {
        self.header.length
    }

    /// Reads a part of a content from its byte `from` on into `piece`; returns what was read, which is empty at the end.
    ///
    /// # Errors
    /// The flash can't be read there.
    pub fn piece<'p>(
        &self,
        content: Content,
        from: u32,
        piece: &'p mut Aligned<PIECE_BYTES>,
    ) -> Result<&'p [u8], Unreadable> {
        let left = content.length.saturating_sub(from);
        let at = content.at.checked_add(from).ok_or(Unreadable)?;
        let skipped = at as usize % WORD;
        let wanted = (skipped + left as usize).min(PIECE_BYTES);
        let whole = wanted.next_multiple_of(WORD);
        let place = piece.0.get_mut(..whole).ok_or(Unreadable)?;
        self.flash.read(at - skipped as u32, place)?;
        place.get(skipped..wanted).ok_or(Unreadable)
    }

    /// An entry; `None` if it is damaged.
    pub(super) fn entry(&self, number: u32) -> Result<Option<Entry>, Unreadable> {
        let mut bytes = Aligned([0; ENTRY_BYTES]);
        let at = number.checked_mul(ENTRY_BYTES as u32).and_then(|at| at.checked_add(HEADER_BYTES as u32));
        self.flash.read(at.ok_or(Unreadable)?, &mut bytes.0)?;
        Ok(Entry::decode(&bytes.0))
    }

    /// How the path of an entry compares with the bytes of another one.
    pub(super) fn compare(
        &self,
        path: Content,
        mut other: impl Iterator<Item = u8>,
    ) -> Result<Ordering, Unreadable> {
        let mut piece = Aligned([0; PIECE_BYTES]);
        let mut from = 0;
        while from < path.length {
            let read = self.piece(path, from, &mut piece)?;
            for byte in read {
                match other.next().map(|other| byte.cmp(&other)) {
                    Some(Ordering::Equal) => {}
                    Some(unequal) => return Ok(unequal),
                    None => return Ok(Ordering::Greater),
                }
            }
            from += read.len() as u32;
        }
        Ok(if other.next().is_none() { Ordering::Equal } else { Ordering::Less })
    }

    fn check_sums(&self, header: &[u8; HEADER_BYTES]) -> Result<(), SiteError> {
        let Header { index_end, length, content_crc, index_crc, .. } = self.header;
        let mut index = crc32::digest();
        index.update(header.get(..HEADER_BYTES - WORD).unwrap_or_default());
        self.add_to(&mut index, HEADER_BYTES as u32, index_end)?;
        let mut contents = crc32::digest();
        self.add_to(&mut contents, index_end, length)?;
        let fits = index.finalize() == index_crc && contents.finalize() == content_crc;
        if fits { Ok(()) } else { Err(SiteError::Checksum) }
    }

    fn add_to(&self, digest: &mut crc::Digest<'static, u32>, start: u32, end: u32) -> Result<(), Unreadable> {
        let content = Content { at: start, length: end - start };
        let mut piece = Aligned([0; PIECE_BYTES]);
        let mut from = 0;
        while from < content.length {
            let read = self.piece(content, from, &mut piece)?;
            digest.update(read);
            from += read.len() as u32;
        }
        Ok(())
    }

    fn check_entries(&self, entries_end: u32) -> Result<(), SiteError> {
        let mut before = Path { bytes: [0; LONGEST_PATH], length: 0 };
        for number in 0..self.header.files {
            let damaged = SiteError::Entry(number);
            let entry = self.entry(number)?.ok_or(damaged)?;
            if !self.is_sound(&entry, entries_end) {
                return Err(damaged);
            }
            // The shortest path of all is longer than the empty one before the first.
            if self.compare(entry.path, before.get().iter().copied())? != Ordering::Greater {
                return Err(damaged);
            }
            self.keep(entry.path, &mut before)?;
        }
        Ok(())
    }

    fn is_sound(&self, entry: &Entry, entries_end: u32) -> bool {
        let Header { index_end, length, .. } = self.header;
        entry.path.length as usize <= LONGEST_PATH
            && entry.path.is_within(entries_end, index_end)
            && entry.plain.is_within(index_end, length)
            && entry.gzip.is_none_or(|gzip| gzip.is_within(index_end, length))
    }

    fn keep(&self, path: Content, kept: &mut Path) -> Result<(), Unreadable> {
        let mut piece = Aligned([0; PIECE_BYTES]);
        kept.length = 0;
        while (kept.length as u32) < path.length {
            let read = self.piece(path, kept.length as u32, &mut piece)?;
            let end = kept.length + read.len();
            kept.bytes.get_mut(kept.length..end).ok_or(Unreadable)?.copy_from_slice(read);
            kept.length = end;
        }
        Ok(())
    }
}

/// A path in memory, on the stack while an image is checked.
struct Path {
    bytes: [u8; LONGEST_PATH],
    length: usize,
}

impl Path {
    fn get(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Bytes at an address that is a multiple of 4, as the flash of the ESP32-C3 is read.
#[derive(Debug, Clone, Copy)]
#[repr(align(4))]
pub struct Aligned<const N: usize>(pub [u8; N]);

/// Bytes that are read from the flash at once, on the stack: half of the buffer that an answer goes through.
pub const PIECE_BYTES: usize = 256;
