//! What happened within a second or so of a run.

use std::time::Duration;

use hdrhistogram::{CreationError, Histogram};

use super::failure::Class;
use crate::device::ready::Stat;

/// What happened within a second or so.
#[derive(Debug, Clone)]
pub struct Interval {
    /// When it ended, after the start of the run.
    pub at: Duration,
    /// Whole units.
    pub total: Histogram<u32>,
    /// Units that succeeded.
    pub completed: u64,
    /// Failures by class.
    pub failures: Vec<(Class, u64)>,
    /// Full handshakes.
    pub full: u64,
    /// Resumed handshakes.
    pub resumed: u64,
    /// TCP payload bytes, both ways.
    pub bytes: u64,
    /// The device's own figures, if it was asked.
    pub stat: Option<Stat>,
}

impl Interval {
    /// Nothing within an interval that ends at `at`.
    ///
    /// # Errors
    /// As [`super::sample::Totals::new`].
    pub fn new(at: Duration) -> Result<Self, CreationError> {
        let total = Histogram::new_with_bounds(1, LONGEST_US, COARSE_DIGITS)?;
        let failures = Vec::new();
        Ok(Self { at, total, completed: 0, failures, full: 0, resumed: 0, bytes: 0, stat: None })
    }

    /// Units that failed, without those that this machine could not make.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failures.iter().filter(|(class, _)| *class != Class::Local).map(|(_, count)| count).sum()
    }

    /// Units that did not succeed, whoever was to blame.
    #[must_use]
    pub fn unsuccessful(&self) -> u64 {
        self.failures.iter().map(|(_, count)| count).sum()
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.completed == 0
            && self.failures.is_empty()
            && self.full + self.resumed == 0
            && self.bytes == 0
            && self.stat.is_none()
    }

    /// Adds what another thread, or the next interval, has to tell.
    pub fn add(&mut self, other: &Self) {
        let _ = self.total.add(&other.total);
        self.completed += other.completed;
        self.bytes += other.bytes;
        self.full += other.full;
        self.resumed += other.resumed;
        for (class, count) in &other.failures {
            bump(&mut self.failures, *class, *count);
        }
        self.at = self.at.max(other.at);
        self.stat = other.stat.clone().or(self.stat.take());
    }
}

/// Adds to the count of a key.
pub(super) fn bump<K: PartialEq>(counts: &mut Vec<(K, u64)>, key: K, by: u64) {
    match counts.iter_mut().find(|(known, _)| *known == key) {
        Some((_, count)) => *count += by,
        None => counts.push((key, by)),
    }
}

/// An hour, in microseconds: the longest time that a histogram holds.
pub(super) const LONGEST_US: u64 = 3_600_000_000;
/// Significant digits of histograms that are kept for every second, or for every class of failures.
pub(super) const COARSE_DIGITS: u8 = 2;
