//! What a search found, as plain data.

use serde::{Deserialize, Serialize};

use crate::load::{
    failure::{Class, Stage},
    plan::Mode,
    remark::Remark,
    shortage::Shortage,
    summary::{Device, LoadedTarget},
};

/// What a device takes, as far as a search has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Sessions at once; null until that was tried.
    pub sessions: Option<Sessions>,
    /// Handshakes a second.
    pub handshakes: Option<SaturationPoint>,
    /// Requests a second on kept connections.
    pub requests: Option<SaturationPoint>,
    /// The first failure of the whole search.
    pub first_failure: Option<FirstFailure>,
    /// What this machine could not do for the search; null when it could do all.
    pub own_limit: Option<OwnLimit>,
    /// Whether the time of the search was up before it was complete.
    pub time_up: bool,
    /// Whether the device took connections again afterwards.
    pub recovery: Option<Recovery>,
    /// Every step, in order.
    pub steps: Vec<SearchStep>,
}

/// A limit of this machine that the search ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLimit {
    /// What there was no more of.
    pub shortage: Shortage,
    /// How many connections there were to be then.
    pub connections: usize,
}

/// How far the passes of one step are apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The fewest units a second of a pass.
    pub least: f64,
    /// The most.
    pub most: f64,
    /// The number of passes.
    pub passes: usize,
}

/// How far a figure can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The median of the passes has settled.
    Stable,
    /// It had not settled when the passes or the time were used up.
    Unstable,
    /// This machine had too little processor time for the load: the figure may be its own.
    Starved,
}

/// How many sessions a device holds at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    /// So many were open at once, and each answered a request.
    pub most: usize,
    /// What happened with one more, twice in a row; null when no more were tried, or this machine could not.
    pub beyond: Option<Beyond>,
}

/// What one session too many brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beyond {
    /// Which failure.
    pub class: Class,
    /// What was under way.
    pub stage: Stage,
    /// Whose it was.
    pub victim: Victim,
}

/// Which session fails when there is one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Victim {
    /// The new one is not let in.
    Newcomer,
    /// An older one is given up for it.
    Older,
}

/// The most that came without a failure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SaturationPoint {
    /// Units a second: the median of the passes.
    pub per_s: f64,
    /// How far these passes are apart.
    pub spread: Spread,
    /// With so many connections.
    pub connections: usize,
    /// The highest rate that most passes kept up in an open loop, as it came about; null when none was.
    pub steady_per_s: Option<f64>,
    /// How far the passes at that rate are apart.
    pub steady_spread: Option<Spread>,
    /// The median time at this rate, in microseconds.
    pub p50_us: u64,
    /// The 99th percentile.
    pub p99_us: u64,
    /// What ended the steps.
    pub ended_by: EndedBy,
    /// How far the figures can be relied on.
    pub certainty: Certainty,
}

/// What ended the steps of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// Units failed.
    Errors,
    /// A gate failed.
    Gate,
    /// The rate that was asked for did not come about.
    RateNotReached,
    /// There were no more steps.
    NoMoreSteps,
    /// This machine could not make the load.
    OwnLimit,
    /// The time was up.
    TimeUp,
}

/// A failure and when it came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FirstFailure {
    /// Which.
    pub class: Class,
    /// What was under way.
    pub stage: Stage,
    /// How many connections there were.
    pub connections: usize,
    /// At which rate; null without one.
    pub rate: Option<f64>,
}

/// How a device recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// How long after the last step it answered again; null when it did not.
    pub after_us: Option<u64>,
}

/// One step of load.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SearchStep {
    /// The mode.
    pub mode: Mode,
    /// Connections at once.
    pub connections: usize,
    /// The rate that was asked for; null as fast as answers come.
    pub rate: Option<f64>,
    /// Units a second that came.
    pub per_s: f64,
    /// Units that succeeded.
    pub completed: u64,
    /// Units that failed.
    pub failed: u64,
    /// The share of the units due that ended in time; null without a rate.
    pub rate_ratio: Option<f64>,
    /// The median time, in microseconds.
    pub p50_us: u64,
    /// The 99th percentile.
    pub p99_us: u64,
    /// How long this machine's threads waited for a processor each time that they were woken, the mean; null where the
    /// system does not say.
    pub mean_wait_us: Option<u64>,
    /// The share of all processors' time that the host of a virtual machine kept to itself; null likewise.
    pub stolen_share: Option<f64>,
    /// The share of all processors' time that nothing used, where the server is on this machine too; null elsewhere.
    pub idle_share: Option<f64>,
    /// How late this machine's event loop was, the mean.
    pub mean_lag_us: u64,
}

impl SearchStep {
    /// Whether this machine had too little processor time to make the load as it was meant: what it waits for a processor is part
    /// of each unit's time, once or more.
    #[must_use]
    pub fn is_starved(&self) -> bool {
        let late = self.mean_wait_us.unwrap_or(self.mean_lag_us.saturating_sub(TIMER_GRAIN_US));
        late > self.p50_us / STARVED_PART
            || self.stolen_share.is_some_and(|share| share > STARVED_SHARE)
            || self.shares_busy_processors()
    }

    /// Whether the server runs on this machine's processors, and these were busy with it and with others.
    #[must_use]
    pub fn shares_busy_processors(&self) -> bool {
        self.idle_share.is_some_and(|share| share < LEAST_IDLE_SHARE)
    }
}

/// A tenth of a unit's time.
const STARVED_PART: u64 = 10;
const STARVED_SHARE: f64 = 0.2;
const LEAST_IDLE_SHARE: f64 = 0.1;
/// What the event loop's own timer may be late on an idle machine.
const TIMER_GRAIN_US: u64 = 2000;

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchResult {
    /// What kind of result this is.
    pub kind: LimitKind,
    /// Who was loaded.
    pub target: LoadedTarget,
    /// When it began, RFC 3339 in UTC.
    pub started_at: String,
    /// How long it lasted.
    pub elapsed_us: u64,
    /// What the device takes.
    pub limits: Limits,
    /// The device's own figures; null when it has none.
    pub device: Option<Device>,
    /// What is wrong with the device.
    pub findings: Vec<Remark>,
    /// What is doubtful about the measurement.
    pub warnings: Vec<Remark>,
}

/// The kind of a search's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// What a device takes.
    Limits,
}
