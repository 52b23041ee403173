//! The serial console: a 16550 UART, polled.

use core::fmt::{self, Write};
use core::ptr;

/// Writes one line to the serial console.
macro_rules! line {
    ($($argument:tt)*) => {
        $crate::console::write_line(format_args!($($argument)*))
    };
}
pub(crate) use line;

pub(crate) fn write_line(arguments: fmt::Arguments<'_>) {
    // `Uart` never fails, and a line that cannot be formatted is better cut than fatal.
    let _ = Uart.write_fmt(arguments);
    let _ = Uart.write_str("\r\n");
}

struct Uart;

impl Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            // SAFETY: both are byte registers of the UART that the virt machine has at this address; reading the line
            // status clears nothing that is used here.
            unsafe {
                while ptr::read_volatile(LINE_STATUS) & TRANSMITTER_EMPTY == 0 {}
                ptr::write_volatile(TRANSMIT, byte);
            }
        }
        Ok(())
    }
}

/// QEMU `hw/riscv/virt.c`: VIRT_UART0.
const TRANSMIT: *mut u8 = 0x1000_0000 as *mut u8;
const LINE_STATUS: *const u8 = 0x1000_0005 as *const u8;
const TRANSMITTER_EMPTY: u8 = 1 << 5;
