//! Ends a page that never reaches an `await`: the timer interrupts the work once a second, and asks.
//!
//! While tasks are polled nothing else needs the timer, whose only other use is to end an idle wait; so it is lent to this.

use esp_https_server::running::{self, LONGEST_S, Verdict};
use riscv::register::{mie, mstatus};

use crate::clock;

/// Does `work` under watch.
pub(crate) fn over(work: impl FnOnce()) {
    clock::alarm_after(TICK);
    // SAFETY: the timer is the only interrupt that is enabled, and its handler below touches nothing but the timer and what is behind
    // a critical section.
    unsafe {
        mie::clear_mext();
        mstatus::set_mie();
    }
    work();
    // SAFETY: as it was before: no interrupt is taken.
    unsafe {
        mstatus::clear_mie();
        mie::set_mext();
    }
}

/// Called by riscv-rt when the timer interrupts.
#[unsafe(export_name = "MachineTimer")]
extern "C" fn tick() {
    clock::alarm_after(TICK);
    if running::tick() == Verdict::Hangs {
        hang();
    }
}

#[allow(clippy::panic, reason = "it is the way to reset the board and to say why")]
fn hang() -> ! {
    panic!("a page computed for longer than {LONGEST_S} s without an await")
}

/// One second, by the clock of embassy-time.
const TICK: u64 = embassy_time::TICK_HZ;
