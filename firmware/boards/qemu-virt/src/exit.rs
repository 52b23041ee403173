//! The end: what was fatal is printed in one line, and QEMU exits with status 1.

use core::panic::PanicInfo;
use core::ptr;

use riscv::register::{mcause, mtval};
use riscv_rt::TrapFrame;

use crate::console::line;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    match info.location() {
        Some(place) => line!("ESP-HTTPS PANIC {} at {place}", info.message()),
        None => line!("ESP-HTTPS PANIC {}", info.message()),
    }
    fail()
}

/// Called by riscv-rt for every exception: a wild pointer, an illegal instruction.
#[unsafe(export_name = "ExceptionHandler")]
fn exception(_frame: &TrapFrame) -> ! {
    let at = riscv::register::mepc::read();
    line!("ESP-HTTPS PANIC exception {} at {at:#010x}, value {:#010x}", mcause::read().code(), mtval::read());
    fail()
}

fn fail() -> ! {
    // SAFETY: the test finisher is a word register that ends the emulation.
    unsafe { ptr::write_volatile(FINISHER, FINISHER_FAIL | 1 << 16) };
    loop {
        riscv::asm::wfi();
    }
}

/// QEMU `hw/riscv/virt.c`: VIRT_TEST; `hw/misc/sifive_test.c`: status in the upper half.
const FINISHER: *mut u32 = 0x0010_0000 as *mut u32;
const FINISHER_FAIL: u32 = 0x3333;
