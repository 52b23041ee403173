//! Durations as results have them.

use std::time::Duration;

use time::OffsetDateTime;

/// A duration in whole microseconds; what is longer than 584 000 years is that long.
#[must_use]
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// When something began, and how long it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its beginning, by this machine's clock.
    pub started: OffsetDateTime,
    /// To its end.
    pub took: Duration,
}

impl Span {
    /// From then until now. A clock that was set back in between gives no time at all.
    #[must_use]
    pub fn since(started: OffsetDateTime) -> Self {
        let took = Duration::try_from(OffsetDateTime::now_utc() - started).unwrap_or_default();
        Self { started, took }
    }
}
