//! The result of a run: plain data, which serialises to JSON and reads back exactly enough to be merged.

use std::{net::SocketAddr, time::Duration};

use base64ct::{Base64, Encoding as _};
use hdrhistogram::{
    Histogram,
    serialization::{Deserializer, Serializer as _, V2Serializer},
};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    client::{Agreed, Traffic},
    engine::Ended,
    failure::{Class, Failure, Stage},
    gate::Verdict,
    generator::Generator,
    plan::Mode,
    sample::{Tally, Totals},
    schedule::{Schedule, StopRule},
    series::Row,
    tls::Resume,
};
use crate::{
    device::ready::Stat,
    probe::{registry, timing::micros},
};

/// What a load found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What kind of result this is.
    pub kind: RunKind,
    /// Who was loaded.
    pub target: Target,
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
    /// The gates and how they went.
    pub gates: Vec<Verdict>,
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
pub struct Target {
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
    /// Not at all; the handshake signature was verified.
    NotChecked,
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
    /// Failed.
    pub failed: u64,
    /// Under way when the run was interrupted: neither.
    pub cut: u64,
    /// Failed ones of all that ended, 0 to 1.
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

impl Rate {
    /// Compares what a run of an open loop did with what it was asked for, until it was stopped at `cut_at` or had run
    /// its course; `None` for a closed loop.
    #[must_use]
    pub fn new(
        schedule: Schedule,
        stop: StopRule,
        totals: &Totals,
        cut_at: Option<Duration>,
    ) -> Option<Self> {
        if !schedule.is_open_loop() {
            return None;
        }
        let ended = totals.completed + totals.failed();
        let limit = stop.duration.unwrap_or(Duration::MAX).min(cut_at.unwrap_or(Duration::MAX));
        // A run that its count has ended was asked for no more than that, in the time that this takes.
        let (due, time) = match stop.count.and_then(|count| Some((count, schedule.due(count)?))) {
            Some((count, time)) if time <= limit => (count as f64, time),
            _ => (schedule.units_within(limit)?, limit),
        };
        let due = due.round().max(1.0);
        let late = time.as_secs_f64() / time.max(totals.last_at).as_secs_f64().max(f64::MIN_POSITIVE);
        Some(Self { due: due as u64, ended, rate_ratio: (ended as f64 / due).min(1.0) * late })
    }
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
    pub tcp_connect: Option<Phase>,
    /// Full handshakes.
    pub tls_full: Option<Phase>,
    /// Resumed handshakes.
    pub tls_resumed: Option<Phase>,
    /// From the request to the first byte of its answer.
    pub first_byte: Option<Phase>,
    /// Whole units, in an open loop from when they were due (corrected for coordinated omission).
    pub total: Option<Phase>,
    /// Whole units of an open loop from when they began (uncorrected).
    pub total_uncorrected: Option<Phase>,
}

/// One phase's times in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
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
    /// The whole histogram: HdrHistogram V2, uncompressed, in base64.
    pub hdr_v2: String,
}

/// Failures of one class at one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRow {
    /// The class.
    pub class: Class,
    /// What was under way.
    pub stage: Stage,
    /// When the first came, after the start.
    pub first_at_us: u64,
    /// How many there were, and how long the attempts took until they failed.
    pub took: Phase,
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
    /// The least heap that was free at any reading, or ever if that fell during the run, in bytes.
    pub heap_min: u64,
    /// The most sessions at any reading.
    pub sessions_max: u64,
    /// Heap that was free before and is not afterwards, in bytes; negative when more is free.
    pub leak: Option<i64>,
}

/// A finding or a warning: a stable name, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// A stable name for scripts.
    pub code: String,
    /// What it means, in one sentence.
    pub text: String,
}

/// What a summary is made from, totals apart.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who was loaded.
    pub target: Target,
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

impl Summary {
    /// Sums a run up. Remarks and gates are judged by their own modules, afterwards.
    #[must_use]
    pub fn new(totals: &Totals, context: Context) -> Self {
        let Context { target, load, schedule, stop, started_at, elapsed, ended, device, generator, series } =
            context;
        let seconds = totals.last_at.as_secs_f64();
        let per_second = |count: u64| if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
        let handshakes = handshakes(totals);
        Self {
            kind: RunKind::Run,
            rate: Rate::new(schedule, stop, totals, (ended != Ended::Done).then_some(elapsed)),
            target,
            load,
            started_at: started_at.format(&Rfc3339).unwrap_or_default(),
            elapsed_us: micros(totals.last_at),
            ended,
            units: units(totals),
            per_s: rounded(per_second(totals.completed)),
            handshakes_per_s: rounded(per_second(handshakes.full + handshakes.resumed)),
            bytes: Bytes { sent: totals.traffic.sent, received: totals.traffic.received },
            handshakes,
            latency: latency(totals),
            errors: errors(totals),
            statuses: statuses(totals),
            device,
            generator,
            findings: Vec::new(),
            warnings: Vec::new(),
            gates: Vec::new(),
            series,
        }
    }

    /// The record that this summary was made from, but for what only a single run has.
    ///
    /// # Errors
    /// [`HistogramError`].
    pub fn totals(&self) -> Result<Totals, HistogramError> {
        let mut totals = Totals::new().map_err(|error| HistogramError::Format(error.to_string()))?;
        let Latency { tcp_connect, tls_full, tls_resumed, first_byte, total, total_uncorrected } =
            &self.latency;
        for (phase, histogram) in [
            (tcp_connect, &mut totals.tcp),
            (tls_full, &mut totals.tls_full),
            (tls_resumed, &mut totals.tls_resumed),
            (first_byte, &mut totals.first_byte),
            (total, &mut totals.total),
            (total_uncorrected, &mut totals.uncorrected),
        ] {
            if let Some(phase) = phase {
                histogram
                    .add(phase.histogram()?)
                    .map_err(|error| HistogramError::Format(error.to_string()))?;
            }
        }
        for row in &self.errors {
            totals.failures.push(Tally {
                failure: Failure::new(row.class, row.stage),
                first_at: Duration::from_micros(row.first_at_us),
                took: row.took.histogram()?,
            });
        }
        totals.retried = self.handshakes.retried;
        totals.completed = self.units.completed;
        totals.cut = self.units.cut;
        totals.traffic = Traffic { sent: self.bytes.sent, received: self.bytes.received };
        totals.statuses = self.statuses.iter().map(|row| (row.status, row.count)).collect();
        totals.agreed = self.handshakes.agreed.iter().map(|row| (row.agreed(), row.count)).collect();
        totals.last_at = Duration::from_micros(self.elapsed_us);
        Ok(totals)
    }
}

impl AgreedRow {
    fn agreed(&self) -> Agreed {
        let (version, suite, group) = self.ids;
        Agreed { version, suite, group }
    }
}

impl Phase {
    /// Sums a histogram up; `None` when it is empty.
    #[must_use]
    pub fn new(histogram: &Histogram<u64>) -> Option<Self> {
        if histogram.is_empty() {
            return None;
        }
        let at = |quantile| histogram.value_at_quantile(quantile);
        Some(Self {
            count: histogram.len(),
            min_us: histogram.min(),
            mean_us: histogram.mean().round() as u64,
            stdev_us: histogram.stdev().round() as u64,
            p50_us: at(0.5),
            p75_us: at(0.75),
            p90_us: at(0.9),
            p95_us: at(0.95),
            p99_us: at(0.99),
            p99_9_us: at(0.999),
            max_us: histogram.max(),
            hdr_v2: encode(histogram),
        })
    }

    /// The whole histogram.
    ///
    /// # Errors
    /// [`HistogramError`] when the text was tampered with.
    pub fn histogram(&self) -> Result<Histogram<u64>, HistogramError> {
        let bytes = Base64::decode_vec(&self.hdr_v2).map_err(|_| HistogramError::Base64)?;
        Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|error| HistogramError::Format(format!("{error:?}")))
    }
}

fn encode(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    // Writing to memory does not fail for counts of 64 bits.
    match V2Serializer::new().serialize(histogram, &mut bytes) {
        Ok(_) => Base64::encode_string(&bytes),
        Err(_) => String::new(),
    }
}

fn units(totals: &Totals) -> Units {
    let (completed, failed) = (totals.completed, totals.failed());
    let ended = completed + failed;
    let error_rate = if ended > 0 { failed as f64 / ended as f64 } else { 0.0 };
    Units { completed, failed, cut: totals.cut, error_rate }
}

fn handshakes(totals: &Totals) -> Handshakes {
    let mut agreed: Vec<AgreedRow> =
        totals.agreed.iter().map(|(agreed, count)| agreed_row(*agreed, *count)).collect();
    agreed.sort_by_key(|row| (std::cmp::Reverse(row.count), row.ids));
    Handshakes {
        full: totals.tls_full.len(),
        resumed: totals.tls_resumed.len(),
        retried: totals.retried,
        agreed,
    }
}

fn agreed_row(agreed: Agreed, count: u64) -> AgreedRow {
    let Agreed { version, suite, group } = agreed;
    let version_name = match version {
        TLS_1_2 => "TLS 1.2".to_owned(),
        TLS_1_3 => "TLS 1.3".to_owned(),
        other => format!("0x{other:04x}"),
    };
    let name = rustls::CipherSuite::from(suite).as_str().map(|name| name.replacen("TLS13_", "TLS_", 1));
    AgreedRow {
        version: version_name,
        suite: name.unwrap_or_else(|| format!("0x{suite:04x}")),
        group: if group == 0 { "none".to_owned() } else { registry::named_group(group) },
        ids: (version, suite, group),
        count,
    }
}

fn latency(totals: &Totals) -> Latency {
    Latency {
        tcp_connect: Phase::new(&totals.tcp),
        tls_full: Phase::new(&totals.tls_full),
        tls_resumed: Phase::new(&totals.tls_resumed),
        first_byte: Phase::new(&totals.first_byte),
        total: Phase::new(&totals.total),
        total_uncorrected: Phase::new(&totals.uncorrected),
    }
}

fn errors(totals: &Totals) -> Vec<ErrorRow> {
    let mut rows: Vec<ErrorRow> = totals
        .failures
        .iter()
        .filter_map(|tally| {
            let Failure { class, stage } = tally.failure;
            Some(ErrorRow {
                class,
                stage,
                first_at_us: micros(tally.first_at),
                took: Phase::new(&tally.took)?,
            })
        })
        .collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.took.count), row.class, row.stage));
    rows
}

fn statuses(totals: &Totals) -> Vec<StatusRow> {
    let mut rows: Vec<StatusRow> =
        totals.statuses.iter().map(|&(status, count)| StatusRow { status, count }).collect();
    rows.sort_by_key(|row| row.status);
    rows
}

/// Three decimals are more than any rate is worth.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

const TLS_1_2: u16 = 0x0303;
const TLS_1_3: u16 = 0x0304;
