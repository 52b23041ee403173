//! The provisioning partition, found through the partition table in flash.

use alloc::vec;
use alloc::vec::Vec;

use esp_bootloader_esp_idf::partitions::{PARTITION_TABLE_MAX_LEN, read_partition_table};
use esp_hal::peripherals::FLASH;
use esp_https_provision::PARTITION_BYTES;
use esp_storage::{FlashStorage, FlashStorageError};
use thiserror::Error;
use zeroize::Zeroizing;

/// The [`PARTITION_BYTES`] of the provisioning partition. Wiped from memory when dropped: the private key is among
/// them.
///
/// # Errors
/// The flash or its partition table can't be read, or the table has no such partition.
// The partition table is read through a sector's worth of stack, which is given back on return if this is not inlined.
#[inline(never)]
pub(crate) fn provisioning_partition(flash: FLASH<'_>) -> Result<Zeroizing<Vec<u8>>, FlashError> {
    let mut flash = FlashStorage::new(flash);
    let offset = locate(&mut flash)?;
    // `read_nor` reads straight into a word-aligned buffer, as the heap's are; `read` would leave the key in a sector
    // buffer of its own on the stack.
    let mut partition = Zeroizing::new(vec![0; PARTITION_BYTES]);
    flash.read_nor(offset, &mut partition).map_err(FlashError::Read)?;
    Ok(partition)
}

/// Where the provisioning partition starts, in bytes.
fn locate(flash: &mut FlashStorage<'_>) -> Result<u32, FlashError> {
    let (offset, size) = find(flash, LABEL)?;
    if (size as usize) < PARTITION_BYTES { Err(FlashError::TooSmall(size)) } else { Ok(offset) }
}

/// Offset and size of the partition with this label, in bytes.
///
/// Found by its label: esp-bootloader-esp-idf 0.6 panics when asked for the type of a partition of a custom type, or
/// for a view into one, and `esp_secure_cert` has such a type (0x3F), and `site` (0x40).
pub(crate) fn find(flash: &mut FlashStorage<'_>, label: &[u8]) -> Result<(u32, u32), FlashError> {
    let mut buffer = vec![0; PARTITION_TABLE_MAX_LEN];
    let table = read_partition_table(flash, &mut buffer).map_err(|_| FlashError::NoTable)?;
    let entry =
        table.iter().find(|entry| is_labelled(entry.label(), label)).ok_or(FlashError::NoPartition)?;
    Ok((entry.offset(), entry.len()))
}

/// Labels are 16 bytes, filled up with NUL.
fn is_labelled(found: &[u8], label: &[u8]) -> bool {
    found.strip_prefix(label).is_some_and(|rest| rest.iter().all(|&byte| byte == 0))
}

/// Why there is no provisioning image to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum FlashError {
    /// The partition table can't be read, or its MD5 does not match.
    #[error("the partition table at 0x8000 is missing or damaged")]
    NoTable,
    /// The table has no partition with the label.
    #[error("the partition table has no esp_secure_cert partition")]
    NoPartition,
    /// The partition is smaller than an image, in bytes.
    #[error("the esp_secure_cert partition has {0} bytes, an image needs {PARTITION_BYTES}")]
    TooSmall(u32),
    /// The partition can't be read.
    #[error("the esp_secure_cert partition can't be read ({0:?})")]
    Read(FlashStorageError),
}

/// The label that Espressif's convention gives the partition.
const LABEL: &[u8] = b"esp_secure_cert";
