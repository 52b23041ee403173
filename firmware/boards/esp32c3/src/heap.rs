//! The heap: what of the chip's RAM Wi-Fi and TLS share.

use esp_alloc::HEAP;

/// Gives the allocator its memory. Call once, before anything else.
///
/// Regions are tried in this order. What is allocated at start-up and stays (Wi-Fi's buffers, the certificate, the key)
/// fills the small one, and the large one stays whole for the record buffers of TLS.
pub(crate) fn init() {
    esp_alloc::heap_allocator!(#[esp_hal::ram(reclaimed)] size: BOOTLOADER_BYTES);
    esp_alloc::heap_allocator!(size: DRAM_BYTES);
}

/// Free bytes now, and the fewest that ever were.
pub(crate) fn figures() -> (usize, usize) {
    let stats = HEAP.stats();
    (stats.size - stats.current_usage, stats.size.saturating_sub(stats.max_usage))
}

/// Static data, in the same RAM as the main stack: see `least-stack.x` in `build.rs` for what must remain.
const DRAM_BYTES: usize = 180 * 1024;

/// RAM of the second-stage bootloader, free once the application runs: 66,320 bytes on this chip (esp-hal's `dram2_seg`).
const BOOTLOADER_BYTES: usize = 60 * 1024;
