//! The pauses of a connection slot: after a failure it waits before it connects again.

use std::time::Duration;

/// The pause of one connection slot. At most 100 connects a second follow a failure, and fewer the longer it lasts;
/// after a success there is no pause, so that a fast server is not held back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// A unit succeeded.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// A unit failed; returns how long to wait before the next connect.
    pub fn failed(&mut self) -> Duration {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(MOST_DOUBLINGS)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        pause
    }

    /// How many failures there were in a row.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

/// 100 connects a second.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const MOST_DOUBLINGS: u32 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_server_is_asked_ever_less_often_and_never_more_than_100_times_a_second() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..1000).map(|_| backoff.failed()).collect();
        assert_eq!(pauses[..4].iter().map(Duration::as_millis).collect::<Vec<_>>(), [10, 20, 40, 80]);
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(pauses[999], Duration::from_secs(1));
        assert_eq!(backoff.failures(), 1000);
        backoff.succeeded();
        assert_eq!(backoff.failed(), FIRST_PAUSE);
    }
}
