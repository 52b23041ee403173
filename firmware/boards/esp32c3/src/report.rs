//! What the board says on its serial port: READY, STAT and FAULT lines.
use core::fmt::Display;
use embassy_time::Timer;
use crate::serial::{JsonString, line};
pub(crate) fn fault(reason: impl Display) {
    line(format_args!(r#"ESP-HTTPS FAULT {{"reason":{}}}"#, JsonString(reason)));
}
pub(crate) async fn fault_for_ever(reason: impl Display) -> ! {
    loop {
        fault(&reason);
        Timer::after_secs(5).await;
    }
}
