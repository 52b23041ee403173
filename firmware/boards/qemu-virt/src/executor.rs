//! The executor: polls what is awake, then sleeps until the clock or a device rings.

use core::cell::Cell;

use critical_section::Mutex;
use embassy_executor::Spawner;
use embassy_executor::raw::Executor;

use crate::{clock, ethernet, interrupts, watch};

/// Whether a task is awake.
static PENDING: Mutex<Cell<bool>> = Mutex::new(Cell::new(false));

/// Runs for ever, starting with what `init` spawns.
pub(crate) fn run(executor: &'static Executor, init: impl FnOnce(Spawner)) -> ! {
    interrupts::enable();
    init(executor.spawner());
    loop {
        // SAFETY: this is the only place that polls, so a poll never runs inside another.
        watch::over(|| unsafe { executor.poll() });
        clock::tick();
        if !critical_section::with(|cs| PENDING.borrow(cs).replace(false)) {
            interrupts::wait();
        }
        if interrupts::acknowledge() {
            ethernet::WAKER.wake();
        }
    }
}

/// Called by embassy-executor when a task wakes up.
#[unsafe(export_name = "__pender")]
fn pend(_context: *mut ()) {
    critical_section::with(|cs| PENDING.borrow(cs).set(true));
}
