//! The provisioning partition, found through the partition table in flash.

use alloc::vec;

use esp_bootloader_esp_idf::partitions::{PARTITION_TABLE_MAX_LEN, read_partition_table};
use esp_hal::peripherals::FLASH;
use esp_storage::{FlashStorage, FlashStorageError};
use zeroize::Zeroizing;

/// The bytes of the provisioning partition. Wiped from memory when dropped: the private key is among them.
///
/// # Errors
/// The flash or its partition table can't be read, or the table names no such partition of a sensible size.
pub(crate) fn provisioning_image(flash: FLASH<'_>) -> Result<Zeroizing<vec::Vec<u8>>, FlashError> {
    let mut flash = FlashStorage::new(flash);
    let (offset, len) = locate(&mut flash)?;
    // `read_nor` reads straight into a word-aligned buffer, as the heap's are; `read` would leave the key in a sector
    // buffer of its own on the stack.
    let mut image = Zeroizing::new(vec![0; len]);
    flash.read_nor(offset, &mut image).map_err(FlashError::Read)?;
    Ok(image)
}

/// Offset and length of the partition, in bytes.
///
/// By its label: esp-bootloader-esp-idf 0.6 panics when asked for the type of a partition, or for a view into it, that
/// is of a custom type, as `esp_secure_cert` (0x3F) is.
fn locate(flash: &mut FlashStorage<'_>) -> Result<(u32, usize), FlashError> {
    let mut buffer = vec![0; PARTITION_TABLE_MAX_LEN];
    let table = read_partition_table(flash, &mut buffer).map_err(|_| FlashError::NoTable)?;
    let entry =
        table.iter().find(|entry| is_labelled(entry.label(), LABEL)).ok_or(FlashError::NoPartition)?;
    match entry.len() {
        len @ 1..=MOST_BYTES if len.is_multiple_of(FlashStorage::WORD_SIZE) => {
            Ok((entry.offset(), len as usize))
        }
        len => Err(FlashError::Size(len)),
    }
}

/// Labels are 16 bytes, filled up with NUL.
fn is_labelled(label: &[u8], name: &[u8]) -> bool {
    label.strip_prefix(name).is_some_and(|rest| rest.iter().all(|&byte| byte == 0))
}

/// Why there is no provisioning image to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlashError {
    /// The partition table can't be read, or its MD5 doesn't match.
    NoTable,
    /// The table has no partition with the label.
    NoPartition,
    /// The partition is empty, not a whole number of words, or larger than makes sense. In bytes.
    Size(u32),
    /// The partition can't be read.
    Read(FlashStorageError),
}

impl core::fmt::Display for FlashError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoTable => f.write_str("flash: the partition table at 0x8000 is missing or damaged"),
            Self::NoPartition => f.write_str("flash: the partition table has no esp_secure_cert partition"),
            Self::Size(len) => write!(f, "flash: the esp_secure_cert partition has a bad size of {len} bytes"),
            Self::Read(error) => write!(f, "flash: the esp_secure_cert partition can't be read ({error:?})"),
        }
    }
}

/// The label that Espressif's convention gives the partition.
const LABEL: &[u8] = b"esp_secure_cert";

/// Eight times our own; bounds what is read into the heap.
const MOST_BYTES: u32 = 64 * 1024;
