//! The heap: exactly what Wi-Fi leaves of the ESP32-C3's, with its low-water mark.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ptr::addr_of_mut;

use critical_section::Mutex;
use embedded_alloc::LlffHeap;
use esp_https_server::HeapFigures;
use esp_https_server::budget::TLS_BYTES;

#[global_allocator]
static HEAP: Heap = Heap { allocator: LlffHeap::empty(), least_free: Mutex::new(Cell::new(TLS_BYTES)) };

/// A linked-list heap, as the ESP32-C3's is.
struct Heap {
    allocator: LlffHeap,
    least_free: Mutex<Cell<usize>>,
}

/// Hands the heap its memory. To be called once, before the first allocation.
pub(crate) fn init() {
    static mut MEMORY: [MaybeUninit<u8>; TLS_BYTES] = [MaybeUninit::uninit(); TLS_BYTES];
    // SAFETY: called once, and nothing else can name `MEMORY`.
    unsafe { HEAP.allocator.init(addr_of_mut!(MEMORY) as usize, TLS_BYTES) };
}

/// What is free now, and what was free at the worst moment.
pub(crate) fn figures() -> HeapFigures {
    HeapFigures {
        free: HEAP.allocator.free(),
        min: critical_section::with(|cs| HEAP.least_free.borrow(cs).get()),
    }
}

// SAFETY: every call goes to `LlffHeap`, which keeps the contract; only counting is added.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise about `layout`, passed on.
        let block = unsafe { self.allocator.alloc(layout) };
        let free = self.allocator.free();
        critical_section::with(|cs| {
            let least = self.least_free.borrow(cs);
            least.set(least.get().min(free));
        });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise about `block` and `layout`, passed on.
        unsafe { self.allocator.dealloc(block, layout) };
    }
}
