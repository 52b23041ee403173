//! The figures that a gate can name: tables of their names, and what was measured of each.

use hdrhistogram::Histogram;

use crate::load::{
    failure::{self, Class},
    sample::Totals,
    summary::{FigureUnit, Summary},
};

/// What a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Metric {
    Time(TimedPhase, Statistic),
    Count(TimedPhase),
    ErrorRate,
    Errors(Option<Class>),
    Completed,
    Repeated,
    UnitsPerSecond,
    HandshakesPerSecond,
    RateRatio,
    Resumed,
    HeapMin,
    HeapFree,
    Leak,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimedPhase {
    Tcp,
    Tls,
    TlsFull,
    TlsResumed,
    FirstByte,
    Total,
    TotalUncorrected,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Statistic {
    Min,
    Mean,
    Max,
    Percentile(f64),
}

impl Metric {
    /// The metric of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        if let Some(figure) = FIGURES.iter().find(|figure| figure.name == name) {
            return Some(figure.metric);
        }
        let (phase, statistic) = name.split_once('.')?;
        if phase == ERRORS {
            return statistic.parse().ok().map(|class| Self::Errors(Some(class)));
        }
        let (_, phase) = PHASES.iter().find(|(name, _)| *name == phase)?;
        match statistic {
            COUNT => Some(Self::Count(*phase)),
            _ => Statistic::named(statistic).map(|statistic| Self::Time(*phase, statistic)),
        }
    }

    /// What its value is counted in.
    pub(super) fn unit(self) -> FigureUnit {
        match self {
            Self::Time(..) => FigureUnit::Microseconds,
            Self::Count(_) | Self::Errors(_) | Self::Completed | Self::Repeated | Self::Resumed => {
                FigureUnit::Count
            }
            Self::ErrorRate | Self::RateRatio => FigureUnit::Ratio,
            Self::UnitsPerSecond | Self::HandshakesPerSecond => FigureUnit::PerSecond,
            Self::HeapMin | Self::HeapFree | Self::Leak => FigureUnit::Bytes,
        }
    }

    /// The least and the largest value that it can have.
    pub(super) fn bounds(self) -> (f64, f64) {
        match self {
            Self::Leak => (f64::NEG_INFINITY, f64::INFINITY),
            Self::ErrorRate => (0.0, 1.0),
            _ => (0.0, f64::INFINITY),
        }
    }

    /// Whether its value comes from the server alone, however little load reached it.
    pub(super) fn is_server_s(self) -> bool {
        matches!(
            self,
            Self::ErrorRate | Self::Errors(_) | Self::Repeated | Self::HeapMin | Self::HeapFree | Self::Leak
        )
    }

    /// Reads the limit that stands after the comparison. Times are in microseconds, whatever unit they are given in.
    pub(super) fn limit(self, text: &str) -> Option<f64> {
        let split = text.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(text.len());
        let (number, suffix) = text.split_at(split);
        let number: f64 = number.trim().parse().ok()?;
        let (_, factor) = suffixes(self.unit()).iter().find(|(known, _)| *known == suffix)?;
        number.is_finite().then_some(number * factor)
    }

    /// Whether a limit is among the values that it can have: a ratio is never below 0 or above 1.
    pub(super) fn can_be(self, limit: f64) -> bool {
        self.unit() != FigureUnit::Ratio || (0.0..=1.0).contains(&limit)
    }

    /// What was measured of it; `None` when nothing was.
    pub(super) fn value(self, totals: &Totals, summary: &Summary) -> Option<f64> {
        let device = summary.device.as_ref();
        let ended = summary.units.completed + summary.units.failed;
        Some(match self {
            Self::Time(phase, statistic) => statistic.of(&phase.of(totals))?,
            Self::Count(phase) => phase.of(totals).len() as f64,
            Self::ErrorRate => (ended > 0).then_some(summary.units.error_rate)?,
            Self::Errors(None) => summary.units.failed as f64,
            Self::Errors(Some(class)) => {
                let of_class = summary.errors.iter().filter(|row| row.class == class);
                of_class.map(|row| row.took.count).sum::<u64>() as f64
            }
            Self::Completed => summary.units.completed as f64,
            Self::Repeated => summary.units.repeated as f64,
            Self::UnitsPerSecond => summary.per_s,
            Self::HandshakesPerSecond => summary.handshakes_per_s,
            Self::RateRatio => summary.rate?.rate_ratio,
            Self::Resumed => summary.handshakes.resumed as f64,
            Self::HeapMin => device?.heap_min? as f64,
            Self::HeapFree => device?.after.as_ref()?.heap_free as f64,
            Self::Leak => device?.leak? as f64,
        })
    }
}

impl TimedPhase {
    fn of(self, totals: &Totals) -> Histogram<u64> {
        match self {
            Self::Tcp => totals.tcp.clone(),
            Self::Tls => totals.handshakes(),
            Self::TlsFull => totals.tls_full.clone(),
            Self::TlsResumed => totals.tls_resumed.clone(),
            Self::FirstByte => totals.first_byte.clone(),
            Self::Total => totals.total.clone(),
            Self::TotalUncorrected => totals.uncorrected.clone(),
        }
    }
}

impl Statistic {
    fn named(word: &str) -> Option<Self> {
        if let Some((_, statistic)) = STATISTICS.iter().find(|(name, _)| *name == word) {
            return Some(*statistic);
        }
        let percentile: f64 = word.strip_prefix('p')?.parse().ok()?;
        (0.0..=100.0).contains(&percentile).then_some(Self::Percentile(percentile))
    }

    fn of(self, histogram: &Histogram<u64>) -> Option<f64> {
        if histogram.is_empty() {
            return None;
        }
        Some(match self {
            Self::Min => histogram.min() as f64,
            Self::Mean => histogram.mean(),
            Self::Max => histogram.max() as f64,
            Self::Percentile(percentile) => histogram.value_at_percentile(percentile) as f64,
        })
    }
}

/// All names, each with its meaning, and how limits are written: lines of at most 78 columns, so that they fit a terminal of 80
/// columns when they are indented.
pub(super) fn accepted() -> Vec<String> {
    let phases: Vec<String> = PHASES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut lines = vec!["PHASE.STATISTIC  PHASE is one of:".to_owned()];
    lines.extend(listed(&phases));
    lines.push(format!(
        "{:17}STATISTIC is {}, {COUNT}, or p0 to p100, e.g. p99.9",
        "",
        joined(STATISTICS.iter().map(|(name, _)| *name))
    ));
    lines.extend(FIGURES.iter().map(|figure| format!("{:<16} {}", figure.name, figure.meaning)));
    lines.push(format!("{ERRORS}.CLASS     the units that failed with CLASS:"));
    lines.extend(listed(&failure::class_words()));
    for (unit, name) in [(FigureUnit::Microseconds, "A time"), (FigureUnit::Ratio, "A ratio")] {
        lines.push(format!("{name} is {}.", expected_limit(unit)));
    }
    lines
}

/// Words with commas between them, in indented lines.
fn listed(words: &[String]) -> impl Iterator<Item = String> {
    let lines: Vec<String> = words.chunks(WORDS_A_LINE).map(|words| words.join(", ")).collect();
    let last = lines.len().saturating_sub(1);
    let ended = move |index| if index < last { "," } else { "" };
    lines.into_iter().enumerate().map(move |(index, line)| format!("{:17}{line}{}", "", ended(index)))
}

/// The suffixes of a limit of this unit, and what the number before them is multiplied with.
pub(super) fn suffixes(unit: FigureUnit) -> &'static [(&'static str, f64)] {
    match unit {
        FigureUnit::Microseconds => &[("us", 1.0), ("ms", 1e3), ("s", 1e6)],
        FigureUnit::Ratio => &[("", 1.0), ("%", 0.01)],
        FigureUnit::Count | FigureUnit::PerSecond | FigureUnit::Bytes => &[("", 1.0)],
    }
}

/// What a limit of this unit looks like, in words.
pub(super) fn expected_limit(unit: FigureUnit) -> String {
    let names: Vec<&str> =
        suffixes(unit).iter().map(|(name, _)| *name).filter(|name| !name.is_empty()).collect();
    match unit {
        FigureUnit::Microseconds => format!("a number with a unit ({}), such as 2500ms", names.join(", ")),
        FigureUnit::Ratio => format!("a number, such as 0.01, or one with {}, such as 1%", names.join(", ")),
        FigureUnit::Count | FigureUnit::PerSecond | FigureUnit::Bytes => "a number".to_owned(),
    }
}

/// Names with commas between them.
pub(super) fn joined<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// A figure that is named by one word.
pub(super) struct Figure {
    pub(super) name: &'static str,
    metric: Metric,
    meaning: &'static str,
}

pub(super) const FIGURES: [Figure; 11] = [
    Figure {
        name: "error_rate",
        metric: Metric::ErrorRate,
        meaning: "failed units over all that ended, 0 to 1",
    },
    Figure { name: ERRORS, metric: Metric::Errors(None), meaning: "the units that failed" },
    Figure { name: "completed", metric: Metric::Completed, meaning: "the units that succeeded" },
    Figure {
        name: "repeated",
        metric: Metric::Repeated,
        meaning: "the requests sent again since a kept connection had ended",
    },
    Figure { name: "rps", metric: Metric::UnitsPerSecond, meaning: "successful units a second" },
    Figure { name: "handshakes_per_s", metric: Metric::HandshakesPerSecond, meaning: "handshakes a second" },
    Figure {
        name: "rate_ratio",
        metric: Metric::RateRatio,
        meaning: "the rate that was reached over the one asked for, 0 to 1",
    },
    Figure { name: "resumed", metric: Metric::Resumed, meaning: "the handshakes that resumed a session" },
    Figure {
        name: "device.heap_min",
        metric: Metric::HeapMin,
        meaning: "the device's least free heap during the run, in bytes",
    },
    Figure {
        name: "device.heap_free",
        metric: Metric::HeapFree,
        meaning: "the device's free heap after the run, in bytes",
    },
    Figure {
        name: "device.leak",
        metric: Metric::Leak,
        meaning: "bytes of heap missing after the run, without a first use",
    },
];

pub(super) const PHASES: [(&str, TimedPhase); 7] = [
    ("tcp", TimedPhase::Tcp),
    ("tls", TimedPhase::Tls),
    ("tls_full", TimedPhase::TlsFull),
    ("tls_resumed", TimedPhase::TlsResumed),
    ("first_byte", TimedPhase::FirstByte),
    ("total", TimedPhase::Total),
    ("total_uncorrected", TimedPhase::TotalUncorrected),
];

pub(super) const STATISTICS: [(&str, Statistic); 3] =
    [("min", Statistic::Min), ("mean", Statistic::Mean), ("max", Statistic::Max)];

pub(super) const ERRORS: &str = "errors";
/// How many were timed: no statistic of times, but one of the words in its place.
pub(super) const COUNT: &str = "count";
const WORDS_A_LINE: usize = 4;
