//! Heap that is missing after a run: what is lost with each unit, and what the device took once and keeps.

use serde::{Deserialize, Serialize};

/// The same load once more, made because heap was missing after the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondRound {
    /// How many units it had.
    pub units: u64,
    /// The device's free heap after it, in bytes.
    pub heap_free: u64,
}

/// Heap that is missing after a run, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingHeap {
    /// What is lost, in bytes; negative when more is free than before. All of it where nothing tells the two apart.
    pub leak: i64,
    /// What was used for the first time and is kept, in bytes; `None` where nothing tells the two apart.
    pub first_use: Option<i64>,
}

impl MissingHeap {
    /// Of a run after which `missing` bytes less are free, nothing more being known.
    #[must_use]
    pub fn untold(missing: i64) -> Self {
        Self { leak: missing, first_use: None }
    }

    /// Of a run of `units`, by what the second round took: a leak takes as much again, as many units as there are; a first use takes
    /// nothing. [`Self::untold`] where the second round was too short for a leak to show.
    #[must_use]
    pub fn told_apart(missing: i64, units: u64, heap_free: u64, second: SecondRound) -> Self {
        let share = second.units as f64 / units.max(1) as f64;
        if share * (missing as f64) < LEAST_ALLOCATION {
            return Self::untold(missing);
        }
        let taken = signed(heap_free).saturating_sub(signed(second.heap_free)).max(0);
        let leak = ((taken as f64 / share).round() as i64).min(missing);
        Self { leak, first_use: Some(missing - leak) }
    }
}

/// A count of bytes, to subtract from.
#[must_use]
pub fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What an allocation takes of the emulated board's heap at least, in bytes: a leak that would take less in the second round need not show
/// in it.
const LEAST_ALLOCATION: f64 = 32.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn told_apart(missing: i64, units: u64, second: (u64, u64)) -> (i64, Option<i64>) {
        let (units_again, taken) = second;
        let second = SecondRound { units: units_again, heap_free: 90_000 - taken };
        let MissingHeap { leak, first_use } = MissingHeap::told_apart(missing, units, 90_000, second);
        (leak, first_use)
    }

    #[test]
    fn what_goes_on_falling_is_a_leak_and_what_does_not_a_first_use() {
        assert_eq!(told_apart(512, 3000, (3000, 0)), (0, Some(512)));
        assert_eq!(told_apart(2000, 20, (20, 2000)), (2000, Some(0)));
        assert_eq!(told_apart(2000, 20, (10, 1000)), (2000, Some(0)), "half as many units take half as much");
        assert_eq!(told_apart(2512, 20, (20, 2000)), (2000, Some(512)), "both");
        assert_eq!(told_apart(500, 20, (20, 800)), (500, Some(0)), "no more than is missing");
    }

    #[test]
    fn a_round_in_which_a_leak_need_not_show_tells_nothing() {
        assert_eq!(told_apart(512, 3000, (180, 0)), (512, None));
        assert_eq!(told_apart(512, 3000, (0, 0)), (512, None));
        assert_eq!(told_apart(512, 0, (0, 0)), (512, None));
        assert_eq!(told_apart(512, 3000, (190, 0)), (0, Some(512)));
    }

    #[test]
    fn more_free_heap_than_before_needs_no_second_round() {
        assert_eq!(MissingHeap::untold(-300), MissingHeap { leak: -300, first_use: None });
    }
}
