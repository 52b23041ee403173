//! Where what is in the image of a site, in bytes.

use super::media::Media;

/// The header of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Number of files.
    pub(super) files: u32,
    /// End of the index.
    pub(super) index_end: u32,
    /// End of the image.
    pub(super) length: u32,
    /// Checksum of the contents.
    pub(super) content_crc: u32,
    /// Checksum of the index.
    pub(super) index_crc: u32,
}

/// An entry of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: Content,
    pub(super) media: Media,
    pub(super) plain: Content,
    pub(super) gzip: Option<Content>,
    pub(super) hash: [u8; HASH_BYTES],
}

/// A run of bytes in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Where it starts, in bytes.
    pub at: u32,
    /// Its length in bytes.
    pub length: u32,
}

impl Content {
    /// Whether all of it lies between these offsets.
    pub(super) fn is_within(self, start: u32, end: u32) -> bool {
        self.at >= start && self.at.checked_add(self.length).is_some_and(|own| own <= end)
    }
}

impl Header {
    pub(super) fn encode(self) -> [u8; HEADER_BYTES] {
        let Self { files, index_end, length, content_crc, index_crc } = self;
        let mut bytes = [0; HEADER_BYTES];
        let (magic, fields) = bytes.split_at_mut(MAGIC.len());
        magic.copy_from_slice(&MAGIC);
        for (place, field) in fields.as_chunks_mut::<4>().0.iter_mut().zip([
            VERSION,
            files,
            index_end,
            length,
            content_crc,
            index_crc,
        ]) {
            *place = field.to_le_bytes();
        }
        bytes
    }

    /// The fields behind the magic number: the version, and the rest.
    pub(super) fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<(u32, Self)> {
        let fields = bytes.strip_prefix(&MAGIC)?;
        let mut fields = fields.as_chunks::<4>().0.iter().map(|field| u32::from_le_bytes(*field));
        let mut next = || fields.next();
        let version = next()?;
        let header = Self {
            files: next()?,
            index_end: next()?,
            length: next()?,
            content_crc: next()?,
            index_crc: next()?,
        };
        Some((version, header))
    }

    /// Where the entries end and the paths start; `None` if that is beyond all numbers.
    pub(super) fn entries_end(self) -> Option<u32> {
        self.files.checked_mul(ENTRY_BYTES as u32)?.checked_add(HEADER_BYTES as u32)
    }
}

impl Entry {
    pub(super) fn encode(&self) -> [u8; ENTRY_BYTES] {
        let gzip = self.gzip.unwrap_or(Content { at: 0, length: 0 });
        let [low, high, ..] = self.path.length.to_le_bytes();
        let words = [
            self.path.at.to_le_bytes(),
            [low, high, self.media as u8, 0],
            self.plain.at.to_le_bytes(),
            self.plain.length.to_le_bytes(),
            gzip.at.to_le_bytes(),
            gzip.length.to_le_bytes(),
        ];
        let mut bytes = [0; ENTRY_BYTES];
        let (front, hash) = bytes.split_at_mut(ENTRY_BYTES - HASH_BYTES);
        front.as_chunks_mut::<4>().0.copy_from_slice(&words);
        hash.copy_from_slice(&self.hash);
        bytes
    }

    /// `None` when its media type or its reserved byte is unknown. The offsets are not checked.
    pub(super) fn decode(bytes: &[u8; ENTRY_BYTES]) -> Option<Self> {
        let (front, hash) = bytes.split_last_chunk::<HASH_BYTES>()?;
        let [path, kind, plain, plain_length, gzip, gzip_length] = *front.as_chunks::<4>().0 else {
            return None;
        };
        let [low, high, media, 0] = kind else { return None };
        let content = |at, length| Content { at: u32::from_le_bytes(at), length: u32::from_le_bytes(length) };
        let gzip = content(gzip, gzip_length);
        Some(Self {
            path: content(path, [low, high, 0, 0]),
            media: Media::of_number(media)?,
            plain: content(plain, plain_length),
            gzip: (gzip != Content { at: 0, length: 0 }).then_some(gzip),
            hash: *hash,
        })
    }
}

/// Bytes of the hash of a file.
pub const HASH_BYTES: usize = 16;
/// The longest path in bytes. A request's head is not much longer, and the name of a file in Linux is at most 255.
pub const LONGEST_PATH: usize = 512;

pub(super) const MAGIC: [u8; 8] = *b"ESPSITE\n";
pub(super) const VERSION: u32 = 1;
pub(super) const HEADER_BYTES: usize = 32;
pub(super) const ENTRY_BYTES: usize = 40;
pub(super) const WORD: usize = 4;
