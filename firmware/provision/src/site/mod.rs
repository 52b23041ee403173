//! The image of a site: the files of a folder in the `site` partition, which the firmware serves.
//!
//! The host packs it with [`write_site`], the firmware reads it with [`Site::open`] and finds files with [`Site::find`]. Nothing is
//! allocated, and every offset is checked. All numbers are little endian, and all offsets are bytes from the start of the image.
//!
//! | what | bytes | |
//! |---|---|---|
//! | magic number | 8 | `ESPSITE` and a line end |
//! | version | u32 | 1 |
//! | number of files | u32 | |
//! | end of the index | u32 | |
//! | length of the image | u32 | |
//! | checksum of the contents | u32 | CRC-32 from the end of the index to the end of the image |
//! | checksum of the index | u32 | CRC-32 of all before this field and of all behind it up to the end of the index |
//! | an entry for each file | 40 each | sorted by the bytes of the path |
//! | the paths | | one after the other, then zeros to a multiple of 4 |
//! | the contents | | each filled up with zeros to a multiple of 4 |
//!
//! An entry:
//!
//! | what | bytes | |
//! |---|---|---|
//! | path | u32, u16 | offset and length; without a slash at its start |
//! | media type | u8 | [`Media`] |
//! | reserved | u8 | 0 |
//! | content | u32, u32 | offset and length |
//! | content, compressed with gzip | u32, u32 | offset and length; both 0 where it is not stored |
//! | hash | 16 | the first bytes of the content's SHA-256, of which the ETag is made |
//!
//! The checksum is the one of the provisioning image. The partition behind the image may hold anything.

mod find;
mod layout;
mod media;
mod negotiate;
mod open;
mod write;

pub use find::{Found, SiteFile};
pub use layout::{Content, HASH_BYTES, LONGEST_PATH};
pub use media::Media;
pub use negotiate::{Coding, ETag};
pub use open::{Aligned, PIECE_BYTES, Site, SiteError, SiteFlash, Unreadable};
pub use write::{PackedFile, SiteTooLarge, SiteWriteError, image_bytes, write_site};

#[cfg(test)]
mod tests;
