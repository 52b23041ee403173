//! The checksum that Espressif computes over what it keeps in flash.

use crc::{Algorithm, CRC_32_ISO_HDLC, Crc, Digest};

/// CRC-32 as ESP-IDF computes it with `esp_rom_crc32_le(UINT32_MAX, ..)` and Python with `zlib.crc32(.., 0xffffffff)`, over
/// the parts one after the other.
#[must_use]
pub fn crc32(parts: &[&[u8]]) -> u32 {
    let mut digest = digest();
    for part in parts {
        digest.update(part);
    }
    digest.finalize()
}

/// The same, for parts that come one after the other.
pub(crate) fn digest() -> Digest<'static, u32> {
    CRC.digest()
}

/// Both go on from a finished CRC of all ones, so the register begins with zeros.
static CRC: Crc<u32> = Crc::<u32>::new(&Algorithm { init: 0, ..CRC_32_ISO_HDLC });
