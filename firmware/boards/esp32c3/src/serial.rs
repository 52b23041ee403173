//! Lines on the serial port.
//!
//! esp-println's `auto` feature picks the port at each write: the USB-Serial-JTAG once a host has sent it a
//! start-of-frame, as on boards that wire the chip's own USB, else UART0 at 115200 baud, as on boards with a USB bridge
//! chip. Nobody listening costs at most a few milliseconds: esp-println drops what a full USB FIFO does not take.

use core::fmt::{self, Display, Write};

use esp_println::Printer;

/// Prints one line. Only the one executor's tasks and the panic handler do, so lines never mix.
pub(crate) fn line(line: impl Display) {
    // `Port` cannot fail; an error here would be one of the value's own formatter.
    let _ = writeln!(Port, "{line}");
}

struct Port;

impl Write for Port {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        s.as_bytes().chunks(CHUNK).for_each(Printer::write_bytes);
        Ok(())
    }
}

/// esp-println writes each piece with interrupts off, and waits for the UART; 16 bytes at 115200 baud are 1.4 ms, which
/// the Wi-Fi driver's receive buffers bridge. A whole line would be 10 ms and more.
const CHUNK: usize = 16;
