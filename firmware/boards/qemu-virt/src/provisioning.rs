//! The provisioning image in memory, where QEMU's loader device puts it.

use core::slice;

use esp_https_provision::{EMULATED_ADDRESS, PARTITION_BYTES};

/// The partition's bytes; `None` if QEMU was given no image to load.
pub(crate) fn partition() -> Option<&'static [u8]> {
    // SAFETY: RAM that memory.x keeps out of the program's reach, and that QEMU fills before the program starts.
    let bytes = unsafe { slice::from_raw_parts(EMULATED_ADDRESS as *const u8, PARTITION_BYTES) };
    bytes.iter().any(|&byte| byte != 0).then_some(bytes)
}
