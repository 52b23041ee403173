//! The heap: the RAM that Wi-Fi and TLS share.

use esp_alloc::HEAP;
use esp_hal::ram;
use esp_https_server::HeapFigures;
use esp_https_server::budget::HEAP_BYTES;

use crate::wifi::STATIC_RX_BUFFERS;

/// Gives the allocator its memory. Call once, before anything else.
///
/// Regions are tried in this order. What is allocated at start-up and stays (Wi-Fi's buffers, the certificate, the key)
/// fills the small one, and the large one stays whole for the record buffers of TLS.
pub(crate) fn init() {
    esp_alloc::heap_allocator!(#[ram(reclaimed)] size: BOOTLOADER_BYTES);
    esp_alloc::heap_allocator!(size: DRAM_BYTES);
}

/// What is left, now and at the worst moment.
pub(crate) fn figures() -> HeapFigures {
    let stats = HEAP.stats();
    HeapFigures {
        free: stats.size.saturating_sub(stats.current_usage),
        min: stats.size.saturating_sub(stats.max_usage),
    }
}

/// Static memory, beside the main stack: what the budget wants on top of the other region and Wi-Fi.
const DRAM_BYTES: usize = (HEAP_BYTES + WIFI_BYTES - BOOTLOADER_BYTES).next_multiple_of(16);

/// RAM of the second-stage bootloader, free once the application runs: 66,320 bytes on this chip (`dram2_seg` in
/// esp-hal's memory layout), in whole 16 bytes. Every byte taken here is one more for the main stack.
const BOOTLOADER_BYTES: usize = 66_304;

/// What Wi-Fi keeps for itself once it is up: 48 KB in a trial, with 10 static buffers of 1.6 KB.
const WIFI_BYTES: usize = 48_000 - (10 - STATIC_RX_BUFFERS as usize) * 1_600;
