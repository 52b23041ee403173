//! Writing the image of a site.

use thiserror::Error;

use super::{
    layout::{Content, ENTRY_BYTES, Entry, HASH_BYTES, HEADER_BYTES, Header, LONGEST_PATH, WORD},
    media::Media,
};
use crate::crc32::crc32;

/// A file as it goes into an image.
#[derive(Debug, Clone, Copy)]
pub struct PackedFile<'a> {
    /// Its path, without a slash at its start.
    pub path: &'a str,
    /// What it is.
    pub media: Media,
    /// Its content.
    pub plain: &'a [u8],
    /// The same compressed with gzip, to be stored as well.
    pub gzip: Option<&'a [u8]>,
    /// The first bytes of the SHA-256 of the content.
    pub hash: [u8; HASH_BYTES],
}

/// An image would be too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the image would have {needed} bytes, and there is room for {room}")]
pub struct SiteTooLarge {
    /// Bytes that it would have.
    pub needed: usize,
    /// Bytes that there are.
    pub room: usize,
}

/// Why an image can't be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SiteWriteError {
    /// It would be too large.
    #[error(transparent)]
    TooLarge(#[from] SiteTooLarge),
    /// A path is empty, longer than [`LONGEST_PATH`], or not behind the one before it; holds the number of its file.
    #[error("the path of file {0} is empty, too long or not in its place")]
    Path(usize),
}

/// Bytes of the image of these files.
#[must_use]
pub fn image_bytes(files: &[PackedFile<'_>]) -> usize {
    let contents =
        |file: &PackedFile<'_>| padded(file.plain.len()) + file.gzip.map_or(0, |gzip| padded(gzip.len()));
    index_bytes(files) + files.iter().map(contents).sum::<usize>()
}

/// Writes the image of these files, which are sorted by the bytes of their paths, and returns how many bytes it has.
///
/// # Errors
/// It does not fit into `out`, or the paths are not in order.
pub fn write_site(files: &[PackedFile<'_>], out: &mut [u8]) -> Result<usize, SiteWriteError> {
    check_paths(files)?;
    let (needed, room, index_end) = (image_bytes(files), out.len(), index_bytes(files));
    let too_large = SiteTooLarge { needed, room };
    let image = out.get_mut(..needed).filter(|_| u32::try_from(needed).is_ok()).ok_or(too_large)?;
    image.fill(0);
    write_files(files, image, index_end).ok_or(too_large)?;
    let (index, contents) = image.split_at_mut_checked(index_end).ok_or(too_large)?;
    let (front, entries) = index.split_first_chunk_mut::<HEADER_BYTES>().ok_or(too_large)?;
    let mut header = Header {
        files: files.len() as u32,
        index_end: index_end as u32,
        length: needed as u32,
        content_crc: crc32(&[contents]),
        index_crc: 0,
    };
    let covered = header.encode();
    header.index_crc = crc32(&[covered.get(..HEADER_BYTES - WORD).unwrap_or_default(), entries]);
    *front = header.encode();
    Ok(needed)
}

fn check_paths(files: &[PackedFile<'_>]) -> Result<(), SiteWriteError> {
    let mut before = "";
    for (number, file) in files.iter().enumerate() {
        if file.path.len() > LONGEST_PATH || file.path.as_bytes() <= before.as_bytes() {
            return Err(SiteWriteError::Path(number));
        }
        before = file.path;
    }
    Ok(())
}

/// Entries, paths and contents. `None` where there is no room, which [`image_bytes`] rules out.
fn write_files(files: &[PackedFile<'_>], image: &mut [u8], index_end: usize) -> Option<()> {
    let mut entry_at = HEADER_BYTES;
    let mut path_at = HEADER_BYTES + files.len() * ENTRY_BYTES;
    let mut content_at = index_end;
    for file in files {
        let path = put(image, path_at, file.path.as_bytes())?;
        path_at += file.path.len();
        let plain = put(image, content_at, file.plain)?;
        content_at += padded(file.plain.len());
        let gzip = match file.gzip {
            Some(bytes) => Some(put(image, content_at, bytes)?),
            None => None,
        };
        content_at += file.gzip.map_or(0, |bytes| padded(bytes.len()));
        put(image, entry_at, &Entry { path, media: file.media, plain, gzip, hash: file.hash }.encode())?;
        entry_at += ENTRY_BYTES;
    }
    Some(())
}

fn put(image: &mut [u8], at: usize, bytes: &[u8]) -> Option<Content> {
    image.get_mut(at..at.checked_add(bytes.len())?)?.copy_from_slice(bytes);
    Some(Content { at: u32::try_from(at).ok()?, length: u32::try_from(bytes.len()).ok()? })
}

fn index_bytes(files: &[PackedFile<'_>]) -> usize {
    let paths = files.iter().map(|file| file.path.len()).sum::<usize>();
    padded(HEADER_BYTES + files.len() * ENTRY_BYTES + paths)
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(WORD)
}
