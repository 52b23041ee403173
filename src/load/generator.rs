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
}
