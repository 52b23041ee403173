//! Reads, compresses and packs the files.

use std::{
    io::{self, Read as _, Write as _},
    path::Path,
};

use aws_lc_rs::digest::{SHA256, digest};
use esp_https_provision::{
    SITE_BYTES,
    site::{HASH_BYTES, Media, PackedFile, SiteWriteError, image_bytes, write_site},
};
use flate2::{Compression, GzBuilder};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};

use super::{
    SiteContents, SiteImage,
    error::SiteError,
    walk::{Files, FoundFile, too_large, unreadable},
};
use crate::system::files::{self, FileIdentity};

/// A file that was read.
struct Read<'a> {
    path: &'a str,
    plain: Vec<u8>,
    /// Only where it is worth the room.
    gzip: Option<Vec<u8>>,
    hash: [u8; HASH_BYTES],
}

pub(super) fn pack(folder: &Path, found: &Files) -> Result<SiteImage, SiteError> {
    let read = found.files.iter().map(|(path, file)| Read::new(path, file));
    let read: Vec<Read<'_>> = read.collect::<Result<_, _>>()?;
    let packed: Vec<PackedFile<'_>> = read.iter().map(Read::packed).collect();
    let needed = image_bytes(&packed);
    if needed > SITE_BYTES {
        return Err(too_large(found, needed as u64));
    }
    let mut bytes = vec![0; needed];
    write_site(&packed, &mut bytes).map_err(|error| match error {
        SiteWriteError::TooLarge(_) => too_large(found, needed as u64),
        error => error.into(),
    })?;
    let gzips = || read.iter().filter_map(|file| Some((file.plain.len(), file.gzip.as_ref()?.len())));
    let contents = SiteContents {
        folder: folder.to_owned(),
        files: read.len(),
        hidden: found.hidden,
        plain_bytes: read.iter().map(|file| file.plain.len()).sum(),
        gzip_files: gzips().count(),
        gzip_saves: gzips().map(|(plain, gzip)| plain - gzip).sum(),
        image_bytes: needed,
        partition_bytes: SITE_BYTES,
    };
    Ok(SiteImage { bytes, contents })
}

impl<'a> Read<'a> {
    fn new(path: &'a str, file: &FoundFile) -> Result<Self, SiteError> {
        let plain = content(file)?;
        let gzip = compressed(&plain).map_err(unreadable(&file.path))?;
        let gzip = Some(gzip).filter(|gzip| gzip.len() * 5 <= plain.len() * 4);
        let mut hash = [0; HASH_BYTES];
        hash.iter_mut().zip(digest(&SHA256, &plain).as_ref()).for_each(|(to, from)| *to = *from);
        Ok(Self { path, plain, gzip, hash })
    }

    fn packed(&self) -> PackedFile<'_> {
        PackedFile {
            path: self.path,
            media: Media::of_name(self.path),
            plain: &self.plain,
            gzip: self.gzip.as_deref(),
            hash: self.hash,
        }
    }
}

/// What is in a file that was found before: the sizes have been added up, and a link that was looked at may lead elsewhere by now.
fn content(found: &FoundFile) -> Result<Vec<u8>, SiteError> {
    let changed = || SiteError::Changed { path: found.path.clone() };
    // A FIFO that has taken its place would keep us waiting for a writer.
    let file = files::open_without_waiting(&found.path).map_err(unreadable(&found.path))?;
    let facts = file.metadata().map_err(unreadable(&found.path))?;
    if !facts.is_file() || FileIdentity::of(&found.path, &facts) != found.identity {
        return Err(changed());
    }
    let mut plain = Vec::new();
    file.take(found.bytes + 1).read_to_end(&mut plain).map_err(unreadable(&found.path))?;
    if plain.len() as u64 != found.bytes {
        return Err(changed());
    }
    if PrivateKeyDer::from_pem_slice(&plain).is_ok() {
        return Err(SiteError::PrivateKey { path: found.path.clone() });
    }
    Ok(plain)
}

/// The same bytes every time: no name, no time, and no operating system in the header (RFC 1952 section 2.3.1).
fn compressed(plain: &[u8]) -> io::Result<Vec<u8>> {
    let builder = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM);
    let mut encoder = builder.write(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    encoder.finish()
}

const UNKNOWN_SYSTEM: u8 = 255;
