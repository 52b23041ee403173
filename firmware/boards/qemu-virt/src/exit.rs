//! The end: what was fatal is printed in one PANIC line, and the machine is reset, as the ESP32-C3 is. QEMU loads the memory anew; with
//! `-no-reboot` it exits instead.

use core::panic::PanicInfo;
use core::ptr;

use esp_https_server::lines::Panic;
use riscv::register::{mcause, mtval};
use riscv_rt::TrapFrame;

use crate::console::line;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let (file, number) = info.location().map_or(("", 0), |at| (at.file(), at.line()));
    line!("{}", Panic { reason: info.message(), file, line: number });
    reset()
}

/// Called by riscv-rt for every exception: a wild pointer, an illegal instruction.
#[unsafe(export_name = "ExceptionHandler")]
fn exception(_frame: &TrapFrame) -> ! {
    let at = riscv::register::mepc::read();
    let (cause, value) = (mcause::read().code(), mtval::read());
    let reason = format_args!("exception {cause} at {at:#010x}, value {value:#010x}");
    line!("{}", Panic { reason, file: "", line: 0 });
    reset()
}

fn reset() -> ! {
    // SAFETY: the test finisher is a word register that ends or resets the machine.
    unsafe { ptr::write_volatile(FINISHER, FINISHER_RESET) };
    loop {
        riscv::asm::wfi();
    }
}

/// QEMU `hw/riscv/virt.c`: VIRT_TEST; `hw/misc/sifive_test.c`.
const FINISHER: *mut u32 = 0x0010_0000 as *mut u32;
const FINISHER_RESET: u32 = 0x7777;
