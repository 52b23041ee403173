//! When units of load are due, and when there are no more: data, which the one worker loop follows.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// When units are due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// Closed loop: each connection starts its next unit when the last one is answered.
    AsAnswered,
    /// Open loop: units are due at a steady rate, whatever became of those before.
    Steady {
        /// Units a second, more than 0.
        per_s: f64,
    },
    /// Open loop with a rate that changes evenly.
    Ramp {
        /// Units a second at the start, 0 or more.
        from: f64,
        /// Units a second at the end, 0 or more.
        to: f64,
        /// How long the change takes.
        over: Duration,
    },
}

/// When there are no more units: the rule that applies first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopRule {
    /// After this many units were begun.
    pub count: Option<u64>,
    /// After this time no unit is begun.
    pub duration: Option<Duration>,
}

impl Schedule {
    /// When the unit `index`, counted from 0, is due after the start; `None` when it never is. Closed loop: at once.
    #[must_use]
    pub fn due(&self, index: u64) -> Option<Duration> {
        let index = index as f64;
        let seconds = match *self {
            Self::AsAnswered => 0.0,
            Self::Steady { per_s } => index / per_s,
            Self::Ramp { from, to, over } => ramp_due(index, from, to, over.as_secs_f64())?,
        };
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// How many units are due within `time` of the start; `None` in a closed loop, which has no such number.
    #[must_use]
    pub fn units_within(&self, time: Duration) -> Option<f64> {
        let t = time.as_secs_f64();
        match *self {
            Self::AsAnswered => None,
            Self::Steady { per_s } => Some(t * per_s),
            Self::Ramp { from, to, over } => {
                let over = over.as_secs_f64();
                let ramp = t.min(over);
                Some(from * ramp + (to - from) * ramp * ramp / (2.0 * over) + to * (t - ramp))
            }
        }
    }

    /// Whether units are due by the clock.
    #[must_use]
    pub fn is_open_loop(&self) -> bool {
        !matches!(self, Self::AsAnswered)
    }
}

/// After `t` seconds of a ramp `from t + (to - from) t^2 / (2 over)` units are due; this is its inverse.
fn ramp_due(index: f64, from: f64, to: f64, over: f64) -> Option<f64> {
    let slope = (to - from) / over;
    let ramped = (from + to) / 2.0 * over;
    if index > ramped {
        return (to > 0.0).then(|| over + (index - ramped) / to);
    }
    // The root that is stable when the slope is near 0.
    let root = (from * from + 2.0 * slope * index).max(0.0).sqrt();
    let sum = from + root;
    Some(if sum > 0.0 { 2.0 * index / sum } else { 0.0 })
}

/// The units that are left, shared by all connections: one atomic counter.
#[derive(Debug)]
pub struct Budget {
    next: AtomicU64,
    forgone: AtomicU64,
    count: u64,
}

impl Budget {
    /// All units that `stop` allows.
    #[must_use]
    pub fn new(stop: &StopRule) -> Self {
        Self { next: AtomicU64::new(0), forgone: AtomicU64::new(0), count: stop.count.unwrap_or(u64::MAX) }
    }

    /// Takes the next unit; returns its number, counted from 0.
    #[must_use]
    pub fn take(&self) -> Option<u64> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        let left = self.count.saturating_sub(self.forgone.load(Ordering::Relaxed));
        (index < left).then_some(index)
    }

    /// One unit less: an attempt before the start has failed, and counts as any other.
    pub fn forgo(&self) {
        self.forgone.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn a_steady_rate_spaces_units_evenly() {
        let schedule = Schedule::Steady { per_s: 4.0 };
        assert_eq!(schedule.due(0), Some(Duration::ZERO));
        assert_eq!(schedule.due(6), Some(S * 3 / 2));
        assert_eq!(schedule.units_within(S * 3), Some(12.0));
    }

    #[test]
    fn a_ramp_begins_slow_ends_fast_and_then_stays() {
        let ramp = Schedule::Ramp { from: 0.0, to: 10.0, over: S * 10 };
        assert_eq!(ramp.units_within(S * 10), Some(50.0));
        assert_eq!(ramp.due(50), Some(S * 10));
        assert_eq!(ramp.due(60), Some(S * 11));
        let down = Schedule::Ramp { from: 10.0, to: 0.0, over: S * 10 };
        assert_eq!(down.due(51), None, "a rate of 0 brings no more");
    }

    #[test]
    fn a_budget_is_spent_once() {
        let budget = Budget::new(&StopRule { count: Some(2), duration: None });
        assert_eq!([budget.take(), budget.take(), budget.take()], [Some(0), Some(1), None]);
    }

    #[test]
    fn a_unit_that_is_forgone_is_not_taken() {
        let budget = Budget::new(&StopRule { count: Some(2), duration: None });
        budget.forgo();
        assert_eq!([budget.take(), budget.take()], [Some(0), None]);
        let none = Budget::new(&StopRule { count: Some(1), duration: None });
        (0..3).for_each(|_| none.forgo());
        assert_eq!(none.take(), None);
    }

    proptest! {
        #[test]
        fn due_times_never_go_back_and_agree_with_the_count(
            from in 0.0..1000.0, to in 0.0..1000.0, over in 1u64..100, index in 0u64..10_000
        ) {
            let schedule = Schedule::Ramp { from, to, over: S * u32::try_from(over).unwrap() };
            if let (Some(this), Some(next)) = (schedule.due(index), schedule.due(index + 1)) {
                prop_assert!(this <= next);
                let within = schedule.units_within(this).unwrap();
                prop_assert!((within - index as f64).abs() < 0.01 + index as f64 * 1e-6, "{} {}", within, index);
            }
        }
    }
}
