//! What happened over time, in bounded memory: when the rows are used up, each two become one.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::{failure::Class, interval::Interval};
use crate::{device::ready::Stat, duration::micros};

/// A run's rows as they come, at most 150 of them.
#[derive(Debug, Clone)]
pub struct Series {
    rows: Vec<Interval>,
    per_row: usize,
    in_last: usize,
}

/// One row, for a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// When the row ends, after the start of the run.
    pub at_us: u64,
    /// Units that succeeded in it.
    pub completed: u64,
    /// Units that failed in it.
    pub failed: u64,
    /// The failures by class.
    pub errors: Vec<ErrorCount>,
    /// TCP payload bytes, both ways.
    pub bytes: u64,
    /// The median of the units' time; null when none succeeded.
    pub p50_us: Option<u64>,
    /// Their 99th percentile.
    pub p99_us: Option<u64>,
    /// The longest.
    pub max_us: Option<u64>,
    /// The device's own figures, when it told some in this row.
    pub device: Option<Stat>,
}

/// Failures of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorCount {
    /// The class.
    pub class: Class,
    /// How many.
    pub count: u64,
}

impl Default for Series {
    fn default() -> Self {
        Self { rows: Vec::new(), per_row: 1, in_last: 0 }
    }
}

impl Series {
    /// Adds what happened in a further second.
    pub fn push(&mut self, interval: &Interval) {
        match self.rows.last_mut() {
            Some(last) if interval.at < last.at + LEAST_APART => {
                last.add(interval);
                return;
            }
            Some(last) if self.in_last < self.per_row => last.add(interval),
            _ => {
                if self.rows.len() >= MOST_ROWS {
                    self.halve();
                }
                self.rows.push(interval.clone());
                self.in_last = 0;
            }
        }
        self.in_last += 1;
    }

    /// The rows for a report.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        self.rows.iter().map(Row::from).collect()
    }

    fn halve(&mut self) {
        let mut halved: Vec<Interval> = Vec::with_capacity(self.rows.len().div_ceil(2));
        for pair in self.rows.chunks(2) {
            if let [first, second @ ..] = pair {
                let mut row = first.clone();
                second.iter().for_each(|second| row.add(second));
                halved.push(row);
            }
        }
        self.rows = halved;
        self.per_row *= 2;
    }
}

impl From<&Interval> for Row {
    fn from(interval: &Interval) -> Self {
        let quantile = |quantile| quantile_of(&interval.total, quantile);
        Self {
            at_us: micros(interval.at),
            completed: interval.completed,
            failed: interval.failed(),
            errors: interval.failures.iter().map(|&(class, count)| ErrorCount { class, count }).collect(),
            bytes: interval.bytes,
            p50_us: quantile(0.5),
            p99_us: quantile(0.99),
            max_us: quantile(1.0),
            device: interval.stat.clone(),
        }
    }
}

impl Row {
    /// When the row ends, after the start of the run.
    #[must_use]
    pub fn at(&self) -> Duration {
        Duration::from_micros(self.at_us)
    }
}

fn quantile_of(histogram: &Histogram<u32>, quantile: f64) -> Option<u64> {
    (!histogram.is_empty()).then(|| histogram.value_at_quantile(quantile))
}

const MOST_ROWS: usize = 150;
/// The end of a run makes no row of its own when it follows another closely.
const LEAST_APART: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stay_few_and_lose_nothing_however_long_the_run() {
        let mut series = Series::default();
        for second in 1..=10_000 {
            let mut interval = Interval::new(Duration::from_secs(second)).unwrap();
            interval.completed = 3;
            interval.failures = vec![(Class::Refused, 1)];
            series.push(&interval);
        }
        let rows = series.rows();
        assert!((MOST_ROWS / 2..=MOST_ROWS).contains(&rows.len()), "{}", rows.len());
        assert_eq!(rows.iter().map(|row| row.completed).sum::<u64>(), 30_000);
        assert_eq!(rows.iter().flat_map(|row| &row.errors).map(|error| error.count).sum::<u64>(), 10_000);
        assert_eq!(rows.last().unwrap().at(), Duration::from_secs(10_000));
        assert!(rows.windows(2).all(|pair| pair[0].at_us < pair[1].at_us));
    }
}
