//! Time: the CLINT's `mtime`, and its comparator as the alarm that ends an idle wait.

use core::cell::RefCell;
use core::ptr;
use core::task::Waker;

use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

embassy_time_driver::time_driver_impl!(static CLOCK: Clock = Clock { queue: Mutex::new(RefCell::new(Queue::new())) });

struct Clock {
    queue: Mutex<RefCell<Queue>>,
}

impl Driver for Clock {
    fn now(&self) -> u64 {
        loop {
            // SAFETY: the two halves of `mtime`, readable at any time; the upper one tells whether the lower wrapped.
            let (high, low, again) = unsafe {
                (ptr::read_volatile(MTIME_HIGH), ptr::read_volatile(MTIME), ptr::read_volatile(MTIME_HIGH))
            };
            if high == again {
                return u64::from(high) << 32 | u64::from(low);
            }
        }
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| self.queue.borrow(cs).borrow_mut().schedule_wake(at, waker));
    }
}

/// Wakes the tasks whose time has come, and sets the alarm for the next one.
pub(crate) fn tick() {
    let next = critical_section::with(|cs| CLOCK.queue.borrow(cs).borrow_mut().next_expiration(CLOCK.now()));
    set_alarm(next);
}

/// Sets the alarm `ticks` from now, whatever else waits for it.
pub(crate) fn alarm_after(ticks: u64) {
    set_alarm(CLOCK.now() + ticks);
}

fn set_alarm(at: u64) {
    // SAFETY: the comparator of hart 0. With the upper half at its maximum no value in between fires early
    // (RISC-V privileged architecture, section 3.2.1).
    unsafe {
        ptr::write_volatile(MTIMECMP_HIGH, u32::MAX);
        ptr::write_volatile(MTIMECMP, at as u32);
        ptr::write_volatile(MTIMECMP_HIGH, (at >> 32) as u32);
    }
}

/// QEMU `hw/riscv/virt.c`: VIRT_CLINT at 0x2000000, `mtime` at 10 MHz.
const MTIMECMP: *mut u32 = 0x0200_4000 as *mut u32;
const MTIMECMP_HIGH: *mut u32 = 0x0200_4004 as *mut u32;
const MTIME: *const u32 = 0x0200_BFF8 as *const u32;
const MTIME_HIGH: *const u32 = 0x0200_BFFC as *const u32;
