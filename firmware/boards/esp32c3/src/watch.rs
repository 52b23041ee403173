//! Ends a page that never reaches an `await`: a timer interrupts the work once a second, and asks. The RTC watchdog (`watchdog.rs`)
//! would end it, too, but later and without a word.

use core::cell::RefCell;

use critical_section::Mutex;
use esp_hal::Blocking;
use esp_hal::time::Duration;
use esp_hal::timer::PeriodicTimer;
use esp_hal::timer::systimer::Alarm;
use esp_https_server::running::{self, LONGEST_S, Verdict};

/// The timer, while it runs.
static TIMER: Mutex<RefCell<Option<PeriodicTimer<'static, Blocking>>>> = Mutex::new(RefCell::new(None));

/// Starts to watch. Call once.
pub(crate) fn start(alarm: Alarm<'static>) {
    let mut timer = PeriodicTimer::new(alarm);
    timer.set_interrupt_handler(tick);
    timer.listen();
    // One second is no period that the timer refuses.
    let _ = timer.start(Duration::from_secs(1));
    critical_section::with(|cs| TIMER.borrow_ref_mut(cs).replace(timer));
}

#[esp_hal::handler]
fn tick() {
    critical_section::with(|cs| {
        if let Some(timer) = TIMER.borrow_ref_mut(cs).as_mut() {
            timer.clear_interrupt();
        }
    });
    if running::tick() == Verdict::Hangs {
        hang();
    }
}

#[allow(clippy::panic, reason = "it is the way to reset the board and to say why")]
fn hang() -> ! {
    panic!("a page computed for longer than {LONGEST_S} s without an await")
}
