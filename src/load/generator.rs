//! What this machine itself used: a load test must report when it was the limit, not the server.

use std::{fs, time::Duration};

use serde::{Deserialize, Serialize};

/// The generator's own figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// Threads that made load.
    pub threads: usize,
    /// Processor time of this process during the run.
    pub cpu_us: u64,
    /// The share of its threads' time that the processor time is, 0 to about 1.
    pub cpu_share: f64,
    /// How late its event loop was at worst; up to 2 ms is the timer's grain.
    pub worst_lag_us: u64,
    /// How late it began units of an open loop that had to wait for nothing but their time, the median; null when there were
    /// none.
    #[serde(default)]
    pub start_lag_p50_us: Option<u64>,
}

/// How far this machine kept a run from its processors.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OwnDelay {
    /// How long its threads waited for a processor each time that they were woken, the mean; `None` where the system does not say.
    pub mean_wait: Option<Duration>,
    /// The share of all processors' time that the host of a virtual machine kept to itself; `None` likewise.
    pub stolen_share: Option<f64>,
    /// The share of all processors' time that nothing used; `None` likewise.
    pub idle_share: Option<f64>,
}

/// The processors' time so far, in ticks: all of it, what the host of a virtual machine kept to itself, and what nothing used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessorTicks {
    all: u64,
    stolen: u64,
    idle: u64,
}

impl ProcessorTicks {
    /// Those up to now; `None` where `/proc` has none.
    #[must_use]
    pub fn now() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// The share of the time since `before` that was kept from this machine, 0 to 1.
    #[must_use]
    pub fn stolen_since(self, before: Self) -> f64 {
        self.share_since(before, |ticks| ticks.stolen)
    }

    /// The share of the time since `before` that nothing used, 0 to 1.
    #[must_use]
    pub fn idle_since(self, before: Self) -> f64 {
        self.share_since(before, |ticks| ticks.idle)
    }

    fn share_since(self, before: Self, part: fn(Self) -> u64) -> f64 {
        let all = self.all.saturating_sub(before.all).max(1);
        part(self).saturating_sub(part(before)) as f64 / all as f64
    }

    /// The first line of proc(5)'s stat: user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user.
    fn parse(stat: &str) -> Option<Self> {
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> =
            line.split_ascii_whitespace().take(8).map_while(|field| field.parse().ok()).collect();
        Some(Self { all: ticks.iter().sum(), stolen: *ticks.get(7)?, idle: ticks.get(3)? + ticks.get(4)? })
    }
}

/// How long a thread has waited for a processor, and how often it got one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThreadWait {
    waited: Duration,
    turns: u32,
}

impl ThreadWait {
    /// The calling thread's so far; `None` where `/proc` does not say.
    #[must_use]
    pub fn now() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/thread-self/schedstat").ok()?)
    }

    /// That of two threads.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { waited: self.waited + other.waited, turns: self.turns.saturating_add(other.turns) }
    }

    /// The mean wait.
    #[must_use]
    pub fn mean(self) -> Duration {
        self.waited.checked_div(self.turns).unwrap_or_default()
    }

    /// schedstat: nanoseconds on a processor, nanoseconds in the run queue, turns.
    fn parse(schedstat: &str) -> Option<Self> {
        let mut fields = schedstat.split_ascii_whitespace().skip(1);
        let waited = Duration::from_nanos(fields.next()?.parse().ok()?);
        Some(Self { waited, turns: fields.next()?.parse().ok()? })
    }
}

/// The processor time that this process has used so far, user and system; `None` where `/proc` has none.
#[must_use]
pub fn cpu_time() -> Option<Duration> {
    parse(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Fields 14 and 15 of proc(5)'s stat, in ticks of 10 ms; the command, which may hold spaces, ends with `)`.
fn parse(stat: &str) -> Option<Duration> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Duration::from_millis((user + system) * TICK_MS))
}

/// Linux counts these in `USER_HZ`, which is 100 on every architecture it is used on.
const TICK_MS: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_time_is_read_behind_any_command_name() {
        let stat = "7 (a) b (c) R 1 7 7 0 -1 4194304 96 0 0 0 150 25 0 0 20 0 1 0 100 1 1";
        assert_eq!(parse(stat), Some(Duration::from_millis(1750)));
        assert_eq!(parse("7 (x) R"), None);
    }

    #[test]
    fn what_was_kept_from_us_is_a_share_of_all_ticks() {
        let before = ProcessorTicks::parse("cpu  10 0 10 70 0 0 0 10 5 0\ncpu0 1 1\n").unwrap();
        let after = ProcessorTicks::parse("cpu  20 0 20 100 10 0 0 50 9 0\n").unwrap();
        assert_eq!((before.all, before.stolen), (100, 10));
        assert!((after.stolen_since(before) - 0.4).abs() < 1e-9);
        assert!((after.idle_since(before) - 0.4).abs() < 1e-9, "waiting for a disk is idle, too");
        assert_eq!(ProcessorTicks::parse("intr 1 2"), None);
        let waited = ThreadWait::parse("123 4500000 9\n").unwrap();
        assert_eq!(waited.mean(), Duration::from_micros(500));
        assert_eq!(waited.and(ThreadWait::default()), waited);
        assert_eq!((ThreadWait::parse("123"), ThreadWait::default().mean()), (None, Duration::ZERO));
    }
}
