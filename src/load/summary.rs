//! The result of a run: plain data, which serialises to JSON and reads back exactly enough to be merged.

use std::{net::SocketAddr, time::Duration};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    engine::Ended,
    failure::{Class, Stage},
    generator::Generator,
    missing_heap::SecondRound,
    plan::Mode,
    remark::Remark,
    schedule::{Schedule, StopRule},
    series::Row,
    shortage::Shortage,
};
use crate::client::trusting::Resume;
use crate::device::ready::Stat;

/// What a load found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What kind of result this is.
    pub kind: RunKind,
    /// Who was loaded.
    pub target: LoadedTarget,
    /// With what.
    pub load: Load,
    /// When it began, RFC 3339 in UTC.
    pub started_at: String,
    /// How long it lasted, to the end of the last unit.
    pub elapsed_us: u64,
    /// Why it ended.
    pub ended: Ended,
    /// Units of load.
    pub units: Units,
    /// Successful units a second.
    pub per_s: f64,
    /// Handshakes a second.
    pub handshakes_per_s: f64,
    /// The rate that was asked for and the one that came about; null in a closed loop.
    pub rate: Option<Rate>,
    /// TCP payload.
    pub bytes: Bytes,
    /// Handshakes by kind, as the TLS library counts them.
    pub handshakes: Handshakes,
    /// Times by phase; each null when nothing was timed.
    pub latency: Latency,
    /// Failures by class and stage, the most frequent first.
    pub errors: Vec<ErrorRow>,
    /// Whole answers by status.
    pub statuses: Vec<StatusRow>,
    /// The device's own figures; null when it has none.
    pub device: Option<Device>,
    /// What the generator itself used; null when several machines' results are merged.
    pub generator: Option<Generator>,
    /// What is wrong with the device, gates apart.
    pub findings: Vec<Remark>,
    /// What is doubtful about the measurement.
    pub warnings: Vec<Remark>,
    /// The gates and how they went. They are not read back: whoever merges results judges gates of its own.
    #[serde(skip_deserializing)]
    pub gates: Vec<GateResult>,
    /// What happened over time, in at most 150 rows; empty when results are merged.
    pub series: Vec<Row>,
}

/// How a run's result came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// By one run of one machine.
    Run,
    /// By adding up the runs of several machines.
    Merged,
}

/// Who was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedTarget {
    /// The host as named.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The path.
    pub path: String,
    /// The addresses that were connected to.
    pub addresses: Vec<SocketAddr>,
    /// How long looking the name up took; null for an address.
    pub dns_us: Option<u64>,
    /// How the certificate was checked.
    pub trust: TrustBasis,
}

/// How a certificate was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustBasis {
    /// Not at all, since nothing was said; the handshake signature was verified.
    NotChecked,
    /// Not at all, as was asked; the handshake signature was verified.
    Insecure,
    /// By pin.
    Pin,
    /// By CA and name.
    Ca,
}

/// With what it was loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// The mode.
    pub mode: Mode,
    /// The request's method.
    pub method: String,
    /// Connections at once.
    pub connections: usize,
    /// Units asked for; null when time alone ends it.
    pub count: Option<u64>,
    /// The time after which no unit begins; null when a count alone ends it.
    pub duration_us: Option<u64>,
    /// Units a second at the start; null in a closed loop.
    pub rate_from: Option<f64>,
    /// Units a second at the end.
    pub rate_to: Option<f64>,
    /// Which sessions were to be resumed.
    pub resume: Resume,
}

/// Units of load by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Units {
    /// Whole, with a good answer.
    pub completed: u64,
    /// Failed, by the server or on the way to it.
    pub failed: u64,
    /// Not made, because this machine could not (class `local`): neither a success nor a failure of the server.
    #[serde(default)]
    pub unmade: u64,
    /// Sent again on a new connection, because the server had ended a kept one as they went out. What became of them then is
    /// what counts.
    #[serde(default)]
    pub repeated: u64,
    /// Under way when the run was interrupted: neither.
    pub cut: u64,
    /// Failed ones of those that completed or failed, 0 to 1.
    pub error_rate: f64,
}

/// An open loop's rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Units that were due within the run.
    pub due: u64,
    /// Units that ended, well or not.
    pub ended: u64,
    /// The rate that came about over the one asked for: below 1 when the server, or the connections, or this machine
    /// did not keep up, with units that ended late counted as late.
    pub rate_ratio: f64,
}

/// TCP payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bytes {
    /// Sent.
    pub sent: u64,
    /// Received.
    pub received: u64,
}

/// Handshakes by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshakes {
    /// With certificate and signature.
    pub full: u64,
    /// Resumed.
    pub resumed: u64,
    /// Full ones after a HelloRetryRequest.
    pub retried: u64,
    /// By what was agreed.
    pub agreed: Vec<AgreedRow>,
}

/// Handshakes with one agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreedRow {
    /// The version, e.g. `TLS 1.3`.
    pub version: String,
    /// The cipher suite, by its number in hex.
    pub suite: String,
    /// The named group.
    pub group: String,
    /// The three numbers as registered.
    pub ids: (u16, u16, u16),
    /// How many.
    pub count: u64,
}

/// Times by phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// From the first SYN to the open connection.
    pub tcp_connect: Option<PhaseTimes>,
    /// Full handshakes.
    pub tls_full: Option<PhaseTimes>,
    /// Resumed handshakes.
    pub tls_resumed: Option<PhaseTimes>,
    /// From the request to the first byte of its answer.
    pub first_byte: Option<PhaseTimes>,
    /// Whole units, in an open loop from when they were due (corrected for coordinated omission).
    pub total: Option<PhaseTimes>,
    /// Whole units of an open loop from when they began (uncorrected).
    pub total_uncorrected: Option<PhaseTimes>,
}

/// One phase's times in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseTimes {
    /// How many were timed.
    pub count: u64,
    /// The shortest.
    pub min_us: u64,
    /// The mean.
    pub mean_us: u64,
    /// The standard deviation.
    pub stdev_us: u64,
    /// Percentiles.
    pub p50_us: u64,
    /// The 75th.
    pub p75_us: u64,
    /// The 90th.
    pub p90_us: u64,
    /// The 95th.
    pub p95_us: u64,
    /// The 99th.
    pub p99_us: u64,
    /// The 99.9th.
    pub p99_9_us: u64,
    /// The longest.
    pub max_us: u64,
    /// The whole histogram: HdrHistogram V2, compressed, in base64, as its readers in other languages take it.
    pub hdr_v2: String,
}

/// Failures of one class at one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRow {
    /// The class.
    pub class: Class,
    /// What was under way.
    pub stage: Stage,
    /// What this machine lacked; null unless the class is `local`.
    #[serde(default)]
    pub shortage: Option<Shortage>,
    /// When the first came, after the start.
    pub first_at_us: u64,
    /// How many there were, and how long the attempts took until they failed.
    pub took: PhaseTimes,
}

/// Answers of one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRow {
    /// The status.
    pub status: u16,
    /// How many.
    pub count: u64,
}

/// The device's own figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Before the run.
    pub before: Stat,
    /// After it; null when it no longer told.
    pub after: Option<Stat>,
    /// How often it told during the run.
    pub readings: u64,
    /// How often it was asked during the run.
    #[serde(default)]
    pub attempts: u64,
    /// The least heap that was free during the run, in bytes: the device's own least, which it counts from its start, if that fell
    /// during the run; null when it did not.
    pub heap_min: Option<u64>,
    /// The most sessions at any reading.
    pub sessions_max: u64,
    /// Heap that was free before and is not afterwards, in bytes, without what is known to be a first use; negative when more is free.
    /// Null when that can't be told, because other clients have more sessions than before.
    pub leak: Option<i64>,
    /// Heap that the device took once in the run, and keeps, in bytes: missing after the run, while a second round took no more of it. Null
    /// when there was no second round, or when it was too short for a leak to show.
    #[serde(default)]
    pub first_use: Option<i64>,
    /// The same load once more; null when no heap was missing, or when it may not be repeated.
    #[serde(default)]
    pub second_round: Option<SecondRound>,
}

/// How a gate went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GateResult {
    /// The expression as given.
    pub fail_if: String,
    /// What the value is counted in. Not in the document: the expression tells it.
    #[serde(skip)]
    pub unit: FigureUnit,
    /// The value that was measured, times in microseconds; null when none was.
    pub value: Option<f64>,
    /// Whether the run passed it.
    pub verdict: GateVerdict,
}

/// What the figure of a gate is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureUnit {
    /// A time, in microseconds.
    Microseconds,
    /// A number of units, handshakes or failures.
    Count,
    /// A share, 0 to 1.
    Ratio,
    /// A number a second.
    PerSecond,
    /// Bytes of the device's memory.
    Bytes,
}

/// Whether a run passed a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GateVerdict {
    /// The expression does not hold.
    Passed,
    /// The expression holds.
    Failed,
    /// There is nothing to compare: such a gate passes nobody.
    NotMeasured,
}

/// What a summary is made from, totals apart.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who was loaded.
    pub target: LoadedTarget,
    /// With what.
    pub load: Load,
    /// The schedule.
    pub schedule: Schedule,
    /// The stop rule.
    pub stop: StopRule,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// How long it lasted.
    pub elapsed: Duration,
    /// Why it ended.
    pub ended: Ended,
    /// The device's own figures.
    pub device: Option<Device>,
    /// The generator's.
    pub generator: Option<Generator>,
    /// What happened over time.
    pub series: Vec<Row>,
}

/// Why a result can't be merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistogramError {
    /// The text is not base64.
    #[error("a histogram is not base64")]
    Base64,
    /// The bytes are no histogram of the V2 format.
    #[error("a histogram can't be read: {0}")]
    Format(String),
}
