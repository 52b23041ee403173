//! The virtio devices of the `virt` machine: where they are, and memory that they may access.

use core::cell::Cell;
use core::ptr::{NonNull, addr_of_mut};

use critical_section::Mutex;
use virtio_drivers::transport::mmio::{MmioTransport, VirtIOHeader};
use virtio_drivers::transport::{DeviceType, Transport};
use virtio_drivers::{BufferDirection, Hal, PAGE_SIZE, PhysAddr};

/// The first device of a type among the machine's slots.
pub(crate) fn find(wanted: DeviceType) -> Option<MmioTransport<'static>> {
    (0..SLOTS).find_map(|slot| {
        let header = NonNull::new((FIRST_SLOT + slot * SLOT_BYTES) as *mut VirtIOHeader)?;
        // SAFETY: the machine has a virtio register block at each slot, empty ones included, and each is used once:
        // by the caller that asked for its device type.
        let transport = unsafe { MmioTransport::new(header, SLOT_BYTES) }.ok()?;
        (transport.device_type() == wanted).then_some(transport)
    })
}

/// Physical memory is what the program sees, so sharing a buffer with a device takes nothing.
pub(crate) struct FlatMemory;

// SAFETY: `dma_alloc` gives each page out once, zeroed (they are in .bss) and aligned.
unsafe impl Hal for FlatMemory {
    fn dma_alloc(pages: usize, _direction: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        let first = critical_section::with(|cs| {
            let taken = PAGES_TAKEN.borrow(cs);
            taken.replace(taken.get() + pages)
        });
        assert!(first + pages <= PAGES, "the virtio queues need more than {PAGES} pages");
        // SAFETY: in bounds by the assertion above; no reference to the pages exists.
        let page = unsafe { addr_of_mut!(PAGE_POOL.0[first]) }.cast::<u8>();
        (page as PhysAddr, NonNull::new(page).unwrap_or(NonNull::dangling()))
    }

    unsafe fn dma_dealloc(_address: PhysAddr, _pointer: NonNull<u8>, _pages: usize) -> i32 {
        // The devices live as long as the program.
        0
    }

    unsafe fn mmio_phys_to_virt(address: PhysAddr, _size: usize) -> NonNull<u8> {
        NonNull::new(address as *mut u8).unwrap_or(NonNull::dangling())
    }

    unsafe fn share(buffer: NonNull<[u8]>, _direction: BufferDirection) -> PhysAddr {
        buffer.cast::<u8>().as_ptr() as PhysAddr
    }

    unsafe fn unshare(_address: PhysAddr, _buffer: NonNull<[u8]>, _direction: BufferDirection) {}
}

#[repr(C, align(4096))]
struct Pages([[u8; PAGE_SIZE]; PAGES]);

static mut PAGE_POOL: Pages = Pages([[0; PAGE_SIZE]; PAGES]);
static PAGES_TAKEN: Mutex<Cell<usize>> = Mutex::new(Cell::new(0));

/// Three queues (receive, transmit, entropy) of at most 3 pages each.
const PAGES: usize = 9;

/// QEMU `hw/riscv/virt.c`: VIRT_VIRTIO, 8 slots.
const FIRST_SLOT: usize = 0x1000_1000;
const SLOT_BYTES: usize = 0x1000;
const SLOTS: usize = 8;
