//! The provisioning image's parser: it never panics, and what it accepts can be written and read again.
//!
//! Random bytes never have a right checksum, so the input is tried as it is and again with every checksum and digest
//! put right, which lets the fuzzer behind them.
#![no_main]

use crc::{Algorithm, CRC_32_ISO_HDLC, Crc};
use esp_https_provision::{Contents, Image, PARTITION_BYTES, write_image};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};

fuzz_target!(|data: &[u8]| {
    let _ = Image::parse(data);
    let mut partition = [0xFF; PARTITION_BYTES];
    partition.iter_mut().zip(data).for_each(|(to, from)| *to = *from);
    check(&partition);
    seal(&mut partition);
    check(&partition);
});

fn check(partition: &[u8; PARTITION_BYTES]) {
    let Ok(image) = Image::parse(partition) else { return };
    let contents = Contents {
        certificate: image.certificate,
        key: image.key,
        client_ca: image.client_ca,
        settings: Some(&image.settings),
    };
    let mut written = [0; PARTITION_BYTES];
    // What was read may have left no room for settings or a digest of its own.
    if write_image(&contents, &mut written).is_ok() {
        assert_eq!(Image::parse(&written).as_ref(), Ok(&image));
    }
}

/// Walks the entries by their lengths and puts magic, digests and checksums right, as far as they reach.
fn seal(partition: &mut [u8; PARTITION_BYTES]) {
    let mut offset = 0;
    while let Some(header) = partition.get(offset..offset + 12) {
        if header[..4] == [0xFF; 4] {
            return;
        }
        let (tlv_type, length) = (header[8], usize::from(u16::from_le_bytes([header[10], header[11]])));
        let footer = offset + 12 + length.next_multiple_of(16);
        if footer + 4 > PARTITION_BYTES {
            return;
        }
        partition[offset..offset + 4].copy_from_slice(&0xBA5E_BA11_u32.to_le_bytes());
        if tlv_type == 9 && length == 32 {
            let digest = Sha256::digest(&partition[..offset]);
            partition[offset + 12..offset + 44].copy_from_slice(&digest);
        }
        let crc = CRC.checksum(&partition[offset..footer]);
        partition[footer..footer + 4].copy_from_slice(&crc.to_le_bytes());
        offset = footer + 4;
    }
}

const CRC: Crc<u32> = Crc::<u32>::new(&Algorithm { init: 0, ..CRC_32_ISO_HDLC });
