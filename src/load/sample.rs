//! What is recorded: histograms and counts, in memory that does not grow with the run. The same record serves a thread,
//! a run and several machines; adding two is exact.

use std::time::Duration;

use hdrhistogram::{CreationError, Histogram};

use super::{
    client::{Agreed, Answered, HandshakeKind, Opened, Traffic},
    failure::{Class, Failure, Stage},
    interval::{COARSE_DIGITS, Interval, LONGEST_US, bump},
    shortage::Shortage,
};
use crate::duration::micros;

/// Everything that was counted and timed. Times are in microseconds.
#[derive(Debug, Clone)]
pub struct Totals {
    /// From the first SYN to the open connection.
    pub tcp: Histogram<u64>,
    /// Full handshakes.
    pub tls_full: Histogram<u64>,
    /// Resumed handshakes.
    pub tls_resumed: Histogram<u64>,
    /// From the request to the first byte of the answer.
    pub first_byte: Histogram<u64>,
    /// Whole units, from when they were due, or in a closed loop from when they began.
    pub total: Histogram<u64>,
    /// Whole units of an open loop from when they began, which hides what waited for others: the uncorrected figure.
    pub uncorrected: Histogram<u64>,
    /// Full handshakes that took two hellos.
    pub retried: u64,
    /// Units that succeeded.
    pub completed: u64,
    /// Requests that were sent again, because a kept connection had ended under them.
    pub repeated: u64,
    /// Units that were cut off when the run was interrupted: neither a success nor a failure.
    pub cut: u64,
    /// TCP payload bytes.
    pub traffic: Traffic,
    /// Failures by class and stage.
    pub failures: Vec<Tally>,
    /// Whole answers by status.
    pub statuses: Vec<(u16, u64)>,
    /// Handshakes by what was agreed.
    pub agreed: Vec<(Agreed, u64)>,
    /// When the last unit ended, after the start.
    pub last_at: Duration,
    /// The generator's own worst lag: how late its event loop was.
    pub lag: Duration,
    /// How late units of an open loop began that waited for nothing but their time.
    pub start_lag: Histogram<u32>,
    /// The sum of the event loop's lags, and how often it was measured.
    pub lags: (Duration, u32),
    /// How often the device was asked for its figures.
    pub stat_attempts: u64,
}

/// Failures of one kind.
#[derive(Debug, Clone)]
pub struct Tally {
    /// The class and what was under way.
    pub failure: Failure,
    /// When the first came, after the start.
    pub first_at: Duration,
    /// How long the attempts took until they failed.
    pub took: Histogram<u64>,
}

/// What became of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// When it was due; `None` in a closed loop.
    pub since_due: Option<Duration>,
    /// How long it took from when it began.
    pub since_begun: Duration,
}

/// The record of one thread: its totals, and what happened since it last told.
#[derive(Debug, Clone)]
pub struct Recorder {
    /// All of it.
    pub totals: Totals,
    /// Since it last told.
    pub interval: Interval,
}

impl Totals {
    /// Nothing yet.
    ///
    /// # Errors
    /// Never for the bounds that are used here; the library says so with a result.
    pub fn new() -> Result<Self, CreationError> {
        let empty = histogram()?;
        let six = || empty.clone();
        let (tcp, tls_full, tls_resumed, first_byte, total, uncorrected) =
            (six(), six(), six(), six(), six(), six());
        Ok(Self {
            tcp,
            tls_full,
            tls_resumed,
            first_byte,
            total,
            uncorrected,
            retried: 0,
            completed: 0,
            repeated: 0,
            cut: 0,
            traffic: Traffic::default(),
            failures: Vec::new(),
            statuses: Vec::new(),
            agreed: Vec::new(),
            last_at: Duration::ZERO,
            lag: Duration::ZERO,
            start_lag: Histogram::new_with_bounds(1, LONGEST_US, COARSE_DIGITS)?,
            lags: (Duration::ZERO, 0),
            stat_attempts: 0,
        })
    }

    /// Adds another record; exact, since all histograms have the same buckets.
    pub fn add(&mut self, other: &Self) {
        for (ours, theirs) in self.histograms_mut().into_iter().zip(other.histograms()) {
            // Histograms of the same bounds always add.
            let _ = ours.add(theirs);
        }
        self.retried += other.retried;
        self.completed += other.completed;
        self.repeated += other.repeated;
        self.cut += other.cut;
        self.traffic.sent += other.traffic.sent;
        self.traffic.received += other.traffic.received;
        for tally in &other.failures {
            self.add_tally(tally);
        }
        for (status, count) in &other.statuses {
            bump(&mut self.statuses, *status, *count);
        }
        for (agreed, count) in &other.agreed {
            bump(&mut self.agreed, *agreed, *count);
        }
        self.last_at = self.last_at.max(other.last_at);
        self.lag = self.lag.max(other.lag);
        let _ = self.start_lag.add(&other.start_lag);
        self.lags = (self.lags.0 + other.lags.0, self.lags.1 + other.lags.1);
        self.stat_attempts += other.stat_attempts;
    }

    /// Units that failed, without those that this machine could not make.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failures.iter().filter(|tally| !tally.failure.is_ours()).map(|tally| tally.took.len()).sum()
    }

    /// Units that this machine could not make.
    #[must_use]
    pub fn unmade(&self) -> u64 {
        self.failures.iter().filter(|tally| tally.failure.is_ours()).map(|tally| tally.took.len()).sum()
    }

    /// All handshakes, full and resumed.
    #[must_use]
    pub fn handshakes(&self) -> Histogram<u64> {
        let mut all = self.tls_full.clone();
        let _ = all.add(&self.tls_resumed);
        all
    }

    /// The failure that came first, without this machine's own.
    #[must_use]
    pub fn first_failure(&self) -> Option<&Tally> {
        self.failures.iter().filter(|tally| !tally.failure.is_ours()).min_by_key(|tally| tally.first_at)
    }

    /// The mean of the event loop's lags.
    #[must_use]
    pub fn mean_lag(&self) -> Duration {
        let (sum, count) = self.lags;
        sum.checked_div(count).unwrap_or_default()
    }

    /// What this machine lacked first.
    #[must_use]
    pub fn shortage(&self) -> Option<Shortage> {
        let first =
            self.failures.iter().filter(|tally| tally.failure.is_ours()).min_by_key(|tally| tally.first_at);
        first.and_then(|tally| tally.failure.shortage)
    }

    fn histograms(&self) -> [&Histogram<u64>; 6] {
        [&self.tcp, &self.tls_full, &self.tls_resumed, &self.first_byte, &self.total, &self.uncorrected]
    }

    fn histograms_mut(&mut self) -> [&mut Histogram<u64>; 6] {
        let Self { tcp, tls_full, tls_resumed, first_byte, total, uncorrected, .. } = self;
        [tcp, tls_full, tls_resumed, first_byte, total, uncorrected]
    }

    fn add_tally(&mut self, tally: &Tally) {
        match self.failures.iter_mut().find(|known| known.failure == tally.failure) {
            Some(known) => {
                known.first_at = known.first_at.min(tally.first_at);
                let _ = known.took.add(&tally.took);
            }
            None => self.failures.push(tally.clone()),
        }
    }
}

impl Recorder {
    /// Nothing yet.
    ///
    /// # Errors
    /// As [`Totals::new`].
    pub fn new() -> Result<Self, CreationError> {
        Ok(Self { totals: Totals::new()?, interval: Interval::new(Duration::ZERO)? })
    }

    /// A handshake succeeded.
    pub fn opened(&mut self, opened: &Opened) {
        let totals = &mut self.totals;
        totals.tcp.saturating_record(micros(opened.tcp));
        let (tls, count) = match opened.kind {
            HandshakeKind::Full | HandshakeKind::FullRetried => {
                (&mut totals.tls_full, &mut self.interval.full)
            }
            HandshakeKind::Resumed => (&mut totals.tls_resumed, &mut self.interval.resumed),
        };
        *count += 1;
        tls.saturating_record(micros(opened.tls));
        totals.retried += u64::from(opened.kind == HandshakeKind::FullRetried);
        bump(&mut totals.agreed, opened.agreed, 1);
    }

    /// A whole answer came.
    pub fn answered(&mut self, answered: &Answered) {
        self.totals.first_byte.saturating_record(micros(answered.first_byte));
        bump(&mut self.totals.statuses, answered.status, 1);
    }

    /// A unit succeeded, at `now` after the start.
    pub fn completed(&mut self, done: Done, now: Duration) {
        let totals = &mut self.totals;
        let total = micros(done.since_due.unwrap_or(done.since_begun));
        totals.total.saturating_record(total);
        if done.since_due.is_some() {
            totals.uncorrected.saturating_record(micros(done.since_begun));
        }
        totals.completed += 1;
        totals.last_at = now;
        self.interval.total.saturating_record(total);
        self.interval.completed += 1;
    }

    /// A unit failed after `took`, at `now` after the start.
    pub fn failed(&mut self, failure: Failure, took: Duration, now: Duration) {
        let known = self.totals.failures.iter().position(|tally| tally.failure == failure);
        let index = known.unwrap_or_else(|| {
            // The library gives no histogram only for bounds that make none.
            if let Ok(empty) = failure_histogram() {
                self.totals.failures.push(Tally { failure, first_at: now, took: empty });
            }
            self.totals.failures.len().saturating_sub(1)
        });
        if let Some(tally) = self.totals.failures.get_mut(index) {
            tally.took.saturating_record(micros(took));
        }
        self.totals.last_at = now;
        bump(&mut self.interval.failures, failure.class, 1);
    }

    /// Bytes travelled.
    pub fn travelled(&mut self, traffic: Traffic) {
        self.totals.traffic.sent += traffic.sent;
        self.totals.traffic.received += traffic.received;
        self.interval.bytes += traffic.sent + traffic.received;
    }

    /// What happened since this was last asked, at `now` after the start.
    pub fn tell(&mut self, now: Duration) -> Interval {
        let told = self.interval.clone();
        self.interval.total.reset();
        self.interval.completed = 0;
        self.interval.failures.clear();
        (self.interval.full, self.interval.resumed, self.interval.bytes) = (0, 0, 0);
        self.interval.stat = None;
        Interval { at: now, ..told }
    }
}

impl Done {
    /// A unit that ended at `now`.
    #[must_use]
    pub fn new(due: Option<Duration>, begun: Duration, now: Duration) -> Self {
        Self { since_due: due.map(|due| now.saturating_sub(due)), since_begun: now.saturating_sub(begun) }
    }
}

impl Failure {
    /// What a whole answer of this status amounts to: a failure from 400 on.
    #[must_use]
    pub fn of_status(status: u16) -> Option<Self> {
        (status >= FIRST_ERROR_STATUS).then(|| Self::new(Class::Http(status), Stage::Request))
    }
}

/// The buckets of all phases: microseconds to an hour in three digits.
///
/// # Errors
/// As [`Totals::new`].
pub(super) fn histogram() -> Result<Histogram<u64>, CreationError> {
    Histogram::new_with_bounds(1, LONGEST_US, FINE_DIGITS)
}

/// The buckets of failures: the same in two digits.
fn failure_histogram() -> Result<Histogram<u64>, CreationError> {
    Histogram::new_with_bounds(1, LONGEST_US, COARSE_DIGITS)
}

const FINE_DIGITS: u8 = 3;
const FIRST_ERROR_STATUS: u16 = 400;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn recorded(values: &[u32]) -> Recorder {
        let mut recorder = Recorder::new().unwrap();
        for value in values {
            recorder.completed(Done { since_due: None, since_begun: MS * *value }, MS);
        }
        recorder
    }

    #[test]
    fn adding_two_records_is_as_if_one_had_recorded_all() {
        let mut one = recorded(&[1, 5, 90]);
        let mut two = recorded(&[2, 2000]);
        let reset = Failure::new(Class::ResetInHandshake, Stage::Handshake);
        one.failed(reset, MS, MS * 7);
        two.failed(reset, MS * 3, MS * 2);
        two.failed(Failure::new(Class::Http(503), Stage::Request), MS, MS);
        one.totals.add(&two.totals);
        assert_eq!(one.totals.total, recorded(&[1, 5, 90, 2, 2000]).totals.total);
        assert_eq!((one.totals.completed, one.totals.failed()), (5, 3));
        assert_eq!(one.totals.failures[0].first_at, MS * 2);
        assert_eq!(one.totals.first_failure().unwrap().failure.class, Class::Http(503));
    }

    #[test]
    fn a_recorder_tells_each_event_once() {
        let mut recorder = recorded(&[1, 2]);
        assert_eq!(recorder.tell(MS).completed, 2);
        assert_eq!(recorder.tell(MS * 2).completed, 0);
        assert_eq!(recorder.totals.completed, 2);
    }

    #[test]
    fn a_unit_counts_from_when_it_was_due() {
        let done = Done::new(Some(MS * 10), MS * 30, MS * 35);
        assert_eq!((done.since_due, done.since_begun), (Some(MS * 25), MS * 5));
    }
}
