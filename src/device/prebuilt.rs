//! The images of the firmware that are inside this binary, so that a board needs no Rust toolchain.

use std::{
    fs,
    io::{self, Read as _},
    path::PathBuf,
};

use flate2::read::GzDecoder;

use super::{
    bundle::{Bundle, sha256},
    cache::Cache,
    firmware::{FirmwareBoard, FirmwareError},
};

/// Images that `scripts/prebuild` made of the same sources.
#[derive(Debug, Clone, Copy)]
pub struct PrebuiltImages {
    /// The hash of the sources that they were made of.
    sources: &'static str,
    /// The compiler, as `rustc --version` prints it.
    pub rustc: &'static str,
    images: &'static [PrebuiltImage],
}

/// A board's image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrebuiltImage {
    /// The board's folder in the sources.
    pub board: &'static str,
    /// SHA-256 of the ELF file, in hex.
    pub sha256: &'static str,
    /// Size of the ELF file in bytes.
    pub size: usize,
    /// The ELF file, compressed by gzip.
    packed: &'static [u8],
}

impl PrebuiltImages {
    /// Those that this binary was built with, which may be none.
    pub const FIRMWARE: Self = include!(concat!(env!("OUT_DIR"), "/prebuilt_images.rs"));

    /// All of them, if they belong to these sources.
    #[must_use]
    pub fn of(self, sources: Bundle) -> &'static [PrebuiltImage] {
        if self.images.is_empty() || sources.hash() != self.sources { &[] } else { self.images }
    }

    /// The one for a board, if it belongs to these sources.
    #[must_use]
    pub fn for_board(self, board: FirmwareBoard, sources: Bundle) -> Option<&'static PrebuiltImage> {
        self.of(sources).iter().find(|image| image.board == board.folder())
    }
}

impl PrebuiltImage {
    /// Puts the ELF file into the cache, unless it is there already, and returns its path. It is checked each time.
    ///
    /// # Errors
    /// The cache can't be used, or the image is damaged.
    pub fn unpack(&self, cache: &Cache) -> Result<PathBuf, FirmwareError> {
        let path = cache.prebuilt(self.board, self.sha256);
        let elf = self.elf()?;
        if !fs::read(&path).is_ok_and(|there| there == elf) {
            cache.keep(&path, &elf)?;
        }
        Ok(path)
    }

    /// The ELF file.
    ///
    /// # Errors
    /// It is damaged.
    pub fn elf(&self) -> Result<Vec<u8>, FirmwareError> {
        let damaged = || FirmwareError::Damaged { board: self.board };
        // One byte more than it should have is enough to tell that it is another.
        let limit = u64::try_from(self.size).unwrap_or(u64::MAX).saturating_add(1);
        let mut elf = Vec::with_capacity(self.size);
        let read: io::Result<usize> = GzDecoder::new(self.packed).take(limit).read_to_end(&mut elf);
        if read.is_ok() && sha256(&elf) == self.sha256 { Ok(elf) } else { Err(damaged()) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;
    use crate::device::chip;

    const ELF: &[u8] = b"\x7fELF and so on";

    fn image(elf: &[u8], sha256_of: &[u8]) -> PrebuiltImage {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(elf).unwrap();
        let packed = packer.finish().unwrap().leak();
        let sha256 = sha256(sha256_of).leak();
        PrebuiltImage { board: "qemu-virt", sha256, size: sha256_of.len(), packed }
    }

    fn images(image: PrebuiltImage, sources: Bundle) -> PrebuiltImages {
        let images = Box::leak(Box::new([image]));
        PrebuiltImages { sources: sources.hash().leak(), rustc: "rustc", images }
    }

    #[test]
    fn an_image_is_used_for_its_board_and_with_its_sources_only() {
        let (ours, others) = (Bundle::FIRMWARE, Bundle::SMALL);
        let made = images(image(ELF, ELF), ours);
        assert!(made.for_board(FirmwareBoard::QemuVirt, ours).is_some());
        assert!(made.for_board(FirmwareBoard::QemuVirt, others).is_none(), "other sources");
        assert!(made.for_board(FirmwareBoard::Chip(chip::DEFAULT), ours).is_none(), "another board");
    }

    #[test]
    fn the_images_in_this_binary_are_whole_and_one_for_each_board() {
        let images = PrebuiltImages::FIRMWARE;
        for image in images.images {
            assert_eq!(image.elf().unwrap().len(), image.size, "{}", image.board);
        }
        assert_eq!(images.of(Bundle::FIRMWARE).len(), images.images.len(), "build.rs takes no others");
        for board in [FirmwareBoard::QemuVirt, FirmwareBoard::Chip(chip::DEFAULT)] {
            let found = images.for_board(board, Bundle::FIRMWARE).is_some();
            assert_eq!(found, !images.images.is_empty(), "{}", board.folder());
        }
    }

    #[test]
    fn a_damaged_image_is_refused() {
        for other in [&b"another"[..], b"", b"\x7fELF and so on and on"] {
            let refused = image(other, ELF).elf().unwrap_err();
            assert!(matches!(refused, FirmwareError::Damaged { board: "qemu-virt" }), "{refused:?}");
        }
        let mut cut = image(ELF, ELF);
        for length in 0..cut.packed.len() {
            cut.packed = &cut.packed[..cut.packed.len().min(length)];
            assert!(cut.elf().is_err(), "{length}");
        }
    }

    #[test]
    fn what_is_in_the_cache_is_replaced_when_it_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("new"));
        let image = image(ELF, ELF);
        let path = image.unpack(&cache).unwrap();
        assert_eq!(fs::read(&path).unwrap(), ELF);
        fs::write(&path, "damaged").unwrap();
        assert_eq!(image.unpack(&cache).unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), ELF);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }
}
