//! The page that is computing, kept where a panic and a watchdog find it.
//!
//! There is one processor, and all pages run in one thread. A page that never reaches an `await` keeps everything else from running,
//! and one that panics ends the program: both have to be told apart from the server's own faults, and from each other.

use core::cell::Cell;

use critical_section::Mutex;

use crate::routing::RouteName;

/// What the processor works on.
#[derive(Clone, Copy)]
struct Running {
    route: Option<RouteName>,
    /// Ticks of the watchdog since it was set.
    ticks: u32,
}

static RUNNING: Mutex<Cell<Running>> = Mutex::new(Cell::new(Running { route: None, ticks: 0 }));

/// Does `work`, which is that of a page.
pub(crate) fn during<T>(route: RouteName, work: impl FnOnce() -> T) -> T {
    set(Some(route));
    let done = work();
    set(None);
    done
}

fn set(route: Option<RouteName>) {
    critical_section::with(|cs| RUNNING.borrow(cs).set(Running { route, ticks: 0 }));
}

/// The route of the page that is computing, as `GET /light`.
#[must_use]
pub fn route() -> Option<impl core::fmt::Display> {
    critical_section::with(|cs| RUNNING.borrow(cs).get()).route
}

/// Counts a second. A board calls this once a second from an interrupt, and panics when it is told to: a page has computed for longer
/// than [`LONGEST_S`] without an `await`.
#[must_use]
pub fn tick() -> Verdict {
    critical_section::with(|cs| {
        let mut running = RUNNING.borrow(cs).get();
        running.ticks = running.ticks.saturating_add(1);
        RUNNING.borrow(cs).set(running);
        if running.route.is_some() && running.ticks > LONGEST_S { Verdict::Hangs } else { Verdict::Runs }
    })
}

/// Whether a page keeps the processor for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does not.
    Runs,
    /// It does.
    Hangs,
}

/// Seconds that a page may compute without an `await`. All sessions wait meanwhile.
pub const LONGEST_S: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;

    #[test]
    fn a_page_that_computes_for_too_long_is_named() {
        let name = RouteName { method: Method::Get, pattern: "/spin" };
        assert!(route().is_none() && tick() == Verdict::Runs);
        during(name, || {
            assert_eq!(route().map(|route| route.to_string()), Some("GET /spin".to_owned()));
            let verdicts: Vec<_> = (0..=LONGEST_S).map(|_| tick()).collect();
            assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Hangs).count(), 1);
        });
        assert!(route().is_none() && (0..100).all(|_| tick() == Verdict::Runs));
    }
}
