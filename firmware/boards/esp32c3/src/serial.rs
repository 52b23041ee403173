//! Lines on the serial port.
//!
//! esp-println's `auto` feature picks the port at each write: the USB-Serial-JTAG of boards that wire the chip's own USB
//! (once a host has sent it a start-of-frame), else UART0 at 115200 baud, which boards with a USB bridge chip use.
//! Nobody listening costs at most a few milliseconds: esp-println drops what a full USB FIFO does not take.

use core::fmt::{self, Display, Write};

use esp_println::Printer;

/// Prints one line. Only the main task and the panic handler print, so lines never mix.
pub(crate) fn line(line: impl Display) {
    // `Port` cannot fail; an error here would be one of the value's own formatter.
    let _ = writeln!(Port, "{line}");
}

/// A JSON string (RFC 8259 section 7) of what `T` displays, quotes included.
pub(crate) struct JsonString<T>(pub(crate) T);

impl<T: Display> Display for JsonString<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        write!(Escape(f), "{}", self.0)?;
        f.write_char('"')
    }
}

struct Escape<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl Write for Escape<'_, '_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for c in s.chars() {
            match c {
                '"' | '\\' => write!(self.0, "\\{c}")?,
                '\0'..' ' => write!(self.0, "\\u{:04x}", u32::from(c))?,
                _ => self.0.write_char(c)?,
            }
        }
        Ok(())
    }
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
