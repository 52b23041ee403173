//! What a panic does: one PANIC line that says where and why (`esp_https_server::lines::Panic`), then a reboot.
//!
//! CPU exceptions and stack overflows come here too: esp-hal turns them into panics. What cannot even panic ends at the
//! watchdog, which prints nothing.

use core::panic::PanicInfo;

use esp_hal::rom::ets_delay_us;
use esp_hal::system::software_reset;
use esp_https_server::lines::Panic;

use crate::serial::line;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let (file, number) = info.location().map_or(("", 0), |at| (at.file(), at.line()));
    line(Panic { reason: info.message(), file, line: number });
    ets_delay_us(DRAIN_US);
    software_reset()
}

/// Lets the host read the line before the reset, and keeps a board that panics at every start from doing so more than
/// twice a second.
const DRAIN_US: u32 = 500_000;
