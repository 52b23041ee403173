//! Gates: expectations that a run must meet, as written on the command line (`tls.p99>2500ms` fails the run).

use std::{fmt, str::FromStr};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::{failure::Class, sample::Totals, summary::Summary};

/// An expression that fails a run when it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    text: String,
    metric: Metric,
    comparison: Comparison,
    limit: f64,
}

/// How a gate went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The expression as given.
    pub fail_if: String,
    /// The value that was measured, in the unit of the expression's limit (times in microseconds); null when none was.
    pub value: Option<f64>,
    /// Whether the run passed it.
    pub verdict: Passed,
}

/// Whether a run passed a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// The expression does not hold.
    Passed,
    /// The expression holds.
    Failed,
    /// There is nothing to compare: such a gate passes nobody.
    NotMeasured,
}

/// What a gate looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Metric {
    Time(Phase, Statistic),
    Count(Phase),
    ErrorRate,
    Errors(Option<Class>),
    Completed,
    UnitsPerSecond,
    HandshakesPerSecond,
    RateRatio,
    Resumed,
    HeapMin,
    HeapFree,
    Leak,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Tcp,
    Tls,
    TlsFull,
    TlsResumed,
    FirstByte,
    Total,
    TotalUncorrected,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Statistic {
    Min,
    Mean,
    Max,
    Percentile(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Why a text is no gate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// None of `<`, `<=`, `>`, `>=` is in it.
    #[error("it compares nothing: one of < <= > >= is missing")]
    NoComparison,
    /// What is to be compared is not known.
    #[error("there is no figure `{metric}`")]
    Metric {
        /// What stood before the comparison.
        metric: String,
    },
    /// The limit is not a number, or has a unit that does not fit.
    #[error("`{limit}` is not {expected}")]
    Limit {
        /// What stood after the comparison.
        limit: String,
        /// What would be.
        expected: &'static str,
    },
}

impl Gate {
    /// Whether it is about the device's own figures.
    #[must_use]
    pub fn looks_at_device(&self) -> bool {
        matches!(self.metric, Metric::HeapMin | Metric::HeapFree | Metric::Leak)
    }

    /// Judges a run.
    #[must_use]
    pub fn judge(&self, totals: &Totals, summary: &Summary) -> Verdict {
        let value = self.metric.value(totals, summary);
        let verdict = match value {
            None => Passed::NotMeasured,
            Some(value) if self.comparison.holds(value, self.limit) => Passed::Failed,
            Some(_) => Passed::Passed,
        };
        Verdict { fail_if: self.text.clone(), value, verdict }
    }
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        let at = text.find(['<', '>']).ok_or(GateError::NoComparison)?;
        let (metric, rest) = text.split_at(at);
        let (comparison, limit) = Comparison::split(rest).ok_or(GateError::NoComparison)?;
        let metric = Metric::parse(metric.trim())?;
        let limit = metric.limit(limit.trim())?;
        Ok(Self { text: text.to_owned(), metric, comparison, limit })
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Comparison {
    fn split(text: &str) -> Option<(Self, &str)> {
        [("<=", Self::LessOrEqual), (">=", Self::GreaterOrEqual), ("<", Self::Less), (">", Self::Greater)]
            .into_iter()
            .find_map(|(sign, comparison)| Some((comparison, text.strip_prefix(sign)?)))
    }

    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
        }
    }
}

impl Metric {
    fn parse(word: &str) -> Result<Self, GateError> {
        let unknown =
            || GateError::Metric { metric: word.chars().take(40).flat_map(char::escape_debug).collect() };
        if let Some((_, metric)) = PLAIN.iter().find(|(name, _)| *name == word) {
            return Ok(*metric);
        }
        let (phase, statistic) = word.split_once('.').ok_or_else(unknown)?;
        if phase == "errors" {
            return statistic.parse().map(|class| Self::Errors(Some(class))).map_err(|_| unknown());
        }
        let (_, phase) = PHASES.iter().find(|(name, _)| *name == phase).ok_or_else(unknown)?;
        match statistic {
            "count" => Ok(Self::Count(*phase)),
            _ => {
                Statistic::parse(statistic).map(|statistic| Self::Time(*phase, statistic)).ok_or_else(unknown)
            }
        }
    }

    /// Times in microseconds, whatever unit they are given in.
    fn limit(self, text: &str) -> Result<f64, GateError> {
        let expected = match self {
            Self::Time(..) => "a time such as 2500ms, 2.5s or 800us",
            _ => "a number",
        };
        let refuse = || GateError::Limit {
            limit: text.chars().take(40).flat_map(char::escape_debug).collect(),
            expected,
        };
        let split = text.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let number: f64 = number.trim().parse().map_err(|_| refuse())?;
        let factor = match (self, unit) {
            (Self::Time(..), "us") => 1.0,
            (Self::Time(..), "ms") => 1e3,
            (Self::Time(..), "s") => 1e6,
            (Self::ErrorRate | Self::RateRatio, "%") => 0.01,
            (Self::Time(..), _) => return Err(refuse()),
            (_, "") => 1.0,
            _ => return Err(refuse()),
        };
        if number.is_finite() { Ok(number * factor) } else { Err(refuse()) }
    }

    fn value(self, totals: &Totals, summary: &Summary) -> Option<f64> {
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
            Self::UnitsPerSecond => summary.per_s,
            Self::HandshakesPerSecond => summary.handshakes_per_s,
            Self::RateRatio => summary.rate?.rate_ratio,
            Self::Resumed => summary.handshakes.resumed as f64,
            Self::HeapMin => device?.heap_min as f64,
            Self::HeapFree => device?.after.as_ref()?.heap_free as f64,
            Self::Leak => device?.leak? as f64,
        })
    }
}

impl Phase {
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
    fn parse(word: &str) -> Option<Self> {
        match word {
            "min" => Some(Self::Min),
            "mean" => Some(Self::Mean),
            "max" => Some(Self::Max),
            _ => {
                let percentile: f64 = word.strip_prefix('p')?.parse().ok()?;
                (0.0..=100.0).contains(&percentile).then_some(Self::Percentile(percentile))
            }
        }
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

/// The figures that a gate can name, for help texts.
pub const FIGURES: &str = "\
tcp|tls|tls_full|tls_resumed|first_byte|total|total_uncorrected .min|mean|p50..p99.9|max|count,
error_rate, errors, errors.CLASS, completed, rps, handshakes_per_s, rate_ratio, resumed,
device.heap_min, device.heap_free, device.leak";

const PLAIN: [(&str, Metric); 10] = [
    ("error_rate", Metric::ErrorRate),
    ("errors", Metric::Errors(None)),
    ("completed", Metric::Completed),
    ("rps", Metric::UnitsPerSecond),
    ("handshakes_per_s", Metric::HandshakesPerSecond),
    ("rate_ratio", Metric::RateRatio),
    ("resumed", Metric::Resumed),
    ("device.heap_min", Metric::HeapMin),
    ("device.heap_free", Metric::HeapFree),
    ("device.leak", Metric::Leak),
];

const PHASES: [(&str, Phase); 7] = [
    ("tcp", Phase::Tcp),
    ("tls", Phase::Tls),
    ("tls_full", Phase::TlsFull),
    ("tls_resumed", Phase::TlsResumed),
    ("first_byte", Phase::FirstByte),
    ("total", Phase::Total),
    ("total_uncorrected", Phase::TotalUncorrected),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Result<(Metric, f64), String> {
        text.parse::<Gate>().map(|gate| (gate.metric, gate.limit)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_gates_of_the_documentation_are_understood() {
        let p99 = Metric::Time(Phase::Tls, Statistic::Percentile(99.0));
        assert_eq!(parsed("tls.p99>2500ms"), Ok((p99, 2_500_000.0)));
        assert_eq!(parsed(" error_rate >= 1% "), Ok((Metric::ErrorRate, 0.01)));
        assert_eq!(parsed("rps<5"), Ok((Metric::UnitsPerSecond, 5.0)));
        assert_eq!(parsed("device.heap_min<20000"), Ok((Metric::HeapMin, 20_000.0)));
        assert_eq!(
            parsed("errors.alert:internal_error>0"),
            Ok((Metric::Errors(Some(Class::Alert(crate::tls::AlertDescription::INTERNAL_ERROR))), 0.0))
        );
        let p99_9 = Metric::Time(Phase::Total, Statistic::Percentile(99.9));
        assert_eq!(parsed("total.p99.9>1.5s"), Ok((p99_9, 1_500_000.0)));
    }

    #[test]
    fn what_is_no_gate_is_refused_with_its_reason() {
        for (text, reason) in [
            ("tls.p99", "it compares nothing: one of < <= > >= is missing"),
            ("tls.p99=5ms", "it compares nothing: one of < <= > >= is missing"),
            ("tsl.p99>5ms", "there is no figure `tsl.p99`"),
            ("tls.p101>5ms", "there is no figure `tls.p101`"),
            ("errors.odd>5", "there is no figure `errors.odd`"),
            ("tls.p99>5", "`5` is not a time such as 2500ms, 2.5s or 800us"),
            ("rps<5ms", "`5ms` is not a number"),
            ("rps<inf", "`inf` is not a number"),
        ] {
            assert_eq!(parsed(text), Err(reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_limit_is_on_the_side_that_its_sign_says() {
        use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
        let holds = |value| [Less, LessOrEqual, Greater, GreaterOrEqual].map(|sign| sign.holds(value, 5.0));
        assert_eq!(holds(4.0), [true, true, false, false]);
        assert_eq!(holds(5.0), [false, true, false, true]);
        assert_eq!(holds(6.0), [false, false, true, true]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*|(tls|total|errors)\\.\\PC{0,9}[<>]=?\\PC{0,9}") {
            if let Err(error) = text.parse::<Gate>() {
                prop_assert!(!error.to_string().chars().any(char::is_control));
            }
        }
    }
}
