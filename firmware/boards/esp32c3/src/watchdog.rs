//! The RTC watchdog: a firmware that hangs reboots, radio and all.

use embassy_time::Timer;
use esp_hal::peripherals::RTC_TIMER;
use esp_hal::rtc_cntl::{Rtc, RwdtStage};
use esp_hal::time::Duration;

/// Arms the watchdog. From here on [`feed`] must run.
pub(crate) fn arm(timer: RTC_TIMER<'static>) -> Rtc<'static> {
    let mut rtc = Rtc::new(timer);
    rtc.rwdt.set_timeout(RwdtStage::Stage0, TIMEOUT);
    rtc.rwdt.enable();
    rtc
}

/// Feeds the watchdog as long as the executor gets around to it.
#[embassy_executor::task]
pub(crate) async fn feed(mut rtc: Rtc<'static>) -> ! {
    loop {
        rtc.rwdt.feed();
        Timer::after_secs(1).await;
    }
}

/// Mbed TLS yields at no point of a private-key operation. Those that no accelerator takes (a 521-bit curve, an
/// RSA-3072 key) take seconds, and four sessions may be in one at a time.
const TIMEOUT: Duration = Duration::from_secs(30);
