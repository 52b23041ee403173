//! Durations as results have them.

use std::time::Duration;

/// A duration in whole microseconds; what is longer than 584 000 years is that long.
#[must_use]
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
