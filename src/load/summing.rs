//! How a summary is made from a record, and the record from a summary.

use std::{cmp::Reverse, time::Duration};

use base64ct::{Base64, Encoding as _};
use hdrhistogram::{
    Histogram,
    serialization::{Deserializer, Serializer as _, V2DeflateSerializer},
};
use time::format_description::well_known::Rfc3339;

use super::{
    client::{Agreed, Traffic},
    engine::Ended,
    failure::{Class, Failure},
    sample::{Tally, Totals},
    schedule::{Schedule, StopRule},
    shortage::Shortage,
    summary::{
        AgreedRow, Bytes, Context, ErrorRow, Handshakes, HistogramError, Latency, PhaseTimes, Rate, RunKind,
        StatusRow, Summary, Units,
    },
};
use crate::duration::micros;

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
            statuses: status_rows(&totals.statuses),
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
                failure: Failure { class: row.class, stage: row.stage, shortage: row.shortage },
                first_at: Duration::from_micros(row.first_at_us),
                took: row.took.histogram()?,
            });
        }
        totals.retried = self.handshakes.retried;
        totals.completed = self.units.completed;
        totals.repeated = self.units.repeated;
        totals.cut = self.units.cut;
        totals.traffic = Traffic { sent: self.bytes.sent, received: self.bytes.received };
        totals.statuses = self.statuses.iter().map(|row| (row.status, row.count)).collect();
        totals.agreed = self.handshakes.agreed.iter().map(|row| (row.agreed(), row.count)).collect();
        totals.last_at = Duration::from_micros(self.elapsed_us);
        Ok(totals)
    }
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

impl PhaseTimes {
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

impl Summary {
    /// What this machine lacked when units could not be made; `None` when all were made.
    #[must_use]
    pub fn shortage(&self) -> Option<Shortage> {
        let ours = self.errors.iter().find(|row| row.class == Class::Local)?;
        Some(ours.shortage.unwrap_or(Shortage::Other))
    }
}

impl Latency {
    /// The phases by their names in the document.
    #[must_use]
    pub fn phases(&self) -> [(&'static str, Option<&PhaseTimes>); 6] {
        [
            ("tcp_connect", self.tcp_connect.as_ref()),
            ("tls_full", self.tls_full.as_ref()),
            ("tls_resumed", self.tls_resumed.as_ref()),
            ("first_byte", self.first_byte.as_ref()),
            ("total", self.total.as_ref()),
            ("total_uncorrected", self.total_uncorrected.as_ref()),
        ]
    }
}

impl AgreedRow {
    fn agreed(&self) -> Agreed {
        let (version, suite, group) = self.ids;
        Agreed { version, suite, group }
    }
}

fn encode(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    // Writing to memory does not fail for counts of 64 bits.
    match V2DeflateSerializer::new().serialize(histogram, &mut bytes) {
        Ok(_) => Base64::encode_string(&bytes),
        Err(_) => String::new(),
    }
}

fn units(totals: &Totals) -> Units {
    let (completed, failed) = (totals.completed, totals.failed());
    let ended = completed + failed;
    let error_rate = if ended > 0 { failed as f64 / ended as f64 } else { 0.0 };
    let &Totals { repeated, cut, .. } = totals;
    Units { completed, failed, unmade: totals.unmade(), repeated, cut, error_rate }
}

fn handshakes(totals: &Totals) -> Handshakes {
    let mut agreed: Vec<AgreedRow> =
        totals.agreed.iter().map(|(agreed, count)| agreed_row(*agreed, *count)).collect();
    agreed.sort_by_key(|row| (Reverse(row.count), row.ids));
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
        group: if group == 0 { "none".to_owned() } else { crate::tls::NamedGroup(group).to_string() },
        ids: (version, suite, group),
        count,
    }
}

fn latency(totals: &Totals) -> Latency {
    Latency {
        tcp_connect: PhaseTimes::new(&totals.tcp),
        tls_full: PhaseTimes::new(&totals.tls_full),
        tls_resumed: PhaseTimes::new(&totals.tls_resumed),
        first_byte: PhaseTimes::new(&totals.first_byte),
        total: PhaseTimes::new(&totals.total),
        total_uncorrected: PhaseTimes::new(&totals.uncorrected),
    }
}

fn errors(totals: &Totals) -> Vec<ErrorRow> {
    let mut rows: Vec<ErrorRow> = totals
        .failures
        .iter()
        .filter_map(|tally| {
            let Failure { class, stage, shortage } = tally.failure;
            Some(ErrorRow {
                class,
                stage,
                shortage,
                first_at_us: micros(tally.first_at),
                took: PhaseTimes::new(&tally.took)?,
            })
        })
        .collect();
    rows.sort_by_key(|row| (Reverse(row.took.count), row.class, row.stage));
    rows
}

/// Counts of answers by status, in the order of the statuses.
fn status_rows(counts: &[(u16, u64)]) -> Vec<StatusRow> {
    let mut rows: Vec<StatusRow> =
        counts.iter().map(|&(status, count)| StatusRow { status, count }).collect();
    rows.sort_by_key(|row| row.status);
    rows
}

/// Three decimals are more than any rate is worth.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

const TLS_1_2: u16 = 0x0303;
const TLS_1_3: u16 = 0x0304;
