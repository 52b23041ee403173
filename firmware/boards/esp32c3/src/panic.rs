//! What a panic does: one line that says where and why, then a reboot.
//!
//! The host tells it by the line `ESP-HTTPS PANIC {"reason":"..","at":"FILE:LINE"}`, and by the READY line that comes
//! again with a small uptime. CPU exceptions and stack overflows come here too: esp-hal turns them into panics. What
//! cannot even panic ends at the watchdog, which prints nothing.

use core::panic::PanicInfo;

use esp_hal::rom::ets_delay_us;
use esp_hal::system::software_reset;

use crate::serial::{JsonString, line};

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let reason = JsonString(info.message());
    match info.location() {
        Some(at) => {
            line(format_args!(
                r#"ESP-HTTPS PANIC {{"reason":{reason},"at":{}}}"#,
                JsonString(format_args!("{}:{}", at.file(), at.line()))
            ));
        }
        None => line(format_args!(r#"ESP-HTTPS PANIC {{"reason":{reason}}}"#)),
    }
    ets_delay_us(DRAIN_US);
    software_reset()
}

/// The reset takes the serial port with it: lets the host read the line first, and keeps a board that panics at every
/// start from doing so more than twice a second.
const DRAIN_US: u32 = 500_000;
