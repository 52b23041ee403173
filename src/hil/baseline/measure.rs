//! What is compared: a table with the figure of each measure, which way is worse, and how much is noise.

use crate::hil::{
    comparison::{Amount, Measure},
    outcome::StepOutcome,
};

/// Which way is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worse {
    /// More of it.
    More,
    /// Less of it.
    Less,
}

/// A measure that is a number, and that may be worse by a tolerance.
#[derive(Debug, Clone, Copy)]
pub struct MeasureRow {
    /// The measure.
    pub measure: Measure,
    /// Its word for `--tolerance`.
    pub word: &'static str,
    /// What it is, for help and docs, without a full stop.
    pub help: &'static str,
    /// Which way is worse.
    pub worse: Worse,
    /// Whether it is a time, or a count in a time.
    pub is_time: bool,
    /// A difference that is no larger than this is noise, whatever share of the figure it is.
    pub floor: f64,
    /// The figure of a step.
    pub of: fn(&StepOutcome) -> Option<Amount>,
}

/// All measures that have a tolerance.
pub const MEASURES: &[MeasureRow] = &[
    MeasureRow {
        measure: Measure::DurationUs,
        word: "duration",
        help: "How long a step took",
        worse: Worse::More,
        is_time: true,
        floor: 500_000.0,
        // What was tried again took longer because of the lab.
        of: |step| if step.attempts == 1 { step.duration_us.map(Amount::Whole) } else { None },
    },
    MeasureRow {
        measure: Measure::HandshakeUs,
        word: "handshake",
        help: "How long a handshake took; the median of a load",
        worse: Worse::More,
        is_time: true,
        floor: 10_000.0,
        of: |step| step.figures.handshake_us.map(Amount::Whole),
    },
    MeasureRow {
        measure: Measure::RequestUs,
        word: "request",
        help: "How long a request took until its answer was complete; the median of a load",
        worse: Worse::More,
        is_time: true,
        floor: 10_000.0,
        of: |step| step.figures.request_us.map(Amount::Whole),
    },
    MeasureRow {
        measure: Measure::ReadyUs,
        word: "ready",
        help: "The time from the start of the board to READY",
        worse: Worse::More,
        is_time: true,
        floor: 500_000.0,
        of: |step| step.figures.ready_us.map(Amount::Whole),
    },
    MeasureRow {
        measure: Measure::Rate,
        word: "rate",
        help: "Units of load that succeeded in a second",
        worse: Worse::Less,
        is_time: true,
        floor: 0.0,
        of: |step| step.figures.rate.map(Amount::Real),
    },
    MeasureRow {
        measure: Measure::FailedPercent,
        word: "failed",
        help: "Units of load that failed, as a share of all",
        worse: Worse::More,
        is_time: false,
        floor: 1.0,
        of: failed_percent,
    },
    MeasureRow {
        measure: Measure::HeapMin,
        word: "heap",
        help: "The least heap that the board had free",
        worse: Worse::Less,
        is_time: false,
        floor: 1024.0,
        of: |step| step.figures.heap_min.map(Amount::Whole),
    },
];

fn failed_percent(step: &StepOutcome) -> Option<Amount> {
    let (failed, succeeded) = (step.figures.failed?, step.figures.succeeded?);
    let all = failed.saturating_add(succeeded);
    (all > 0).then(|| Amount::Real(failed as f64 * 100.0 / all as f64))
}

/// Kinds of steps whose duration is the doing of this machine or of the lab: a random search for primes, a compiler, a
/// flash chip behind a cable, a time that the scenario gives.
const LAB_KINDS: &[&str] = &["certgen", "flash", "wait"];

/// Whether this figure of such a step is not the firmware's doing.
pub(super) fn is_lab_s(row: &MeasureRow, step_kind: &str) -> bool {
    row.measure == Measure::DurationUs && LAB_KINDS.contains(&step_kind)
}
