//! Gates: expectations that a run must meet, as written on the command line (`tls.p99>2500ms` fails the run).
//!
//! The tables at the end of this file and of `metric.rs` name everything that a gate may hold. The parser, its errors and the
//! help text of `--fail-if` are derived from them, and a test compares `docs/load.md` with them.

mod metric;

use std::{fmt, str::FromStr};

use self::metric::{Metric, expected_limit, joined};
use super::{
    sample::Totals,
    summary::{GateResult, GateVerdict, Summary},
};

/// An expression that fails a run when it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    text: String,
    metric: Metric,
    comparison: Comparison,
    limit: f64,
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
    #[error("it has no comparison: one of < <= > >= is missing")]
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
        expected: String,
    },
}

impl Gate {
    /// Whether it is about the device's own figures.
    #[must_use]
    pub fn looks_at_device(&self) -> bool {
        matches!(self.metric, Metric::HeapMin | Metric::HeapFree | Metric::Leak)
    }

    /// Whether there is a value for which it fails a run: what is below 0 for a figure that can't be negative, or above 1 for a
    /// rate of errors, never comes.
    #[must_use]
    pub fn can_fail(&self) -> bool {
        let (least, most) = self.metric.bounds();
        match self.comparison {
            Comparison::Less => least < self.limit,
            Comparison::LessOrEqual => least <= self.limit,
            Comparison::Greater => most > self.limit,
            Comparison::GreaterOrEqual => most >= self.limit,
        }
    }

    /// Whether there is a value for which it passes a run.
    #[must_use]
    pub fn can_pass(&self) -> bool {
        let (least, most) = self.metric.bounds();
        match self.comparison {
            Comparison::Less => most >= self.limit,
            Comparison::LessOrEqual => most > self.limit,
            Comparison::Greater => least <= self.limit,
            Comparison::GreaterOrEqual => least < self.limit,
        }
    }

    /// Judges a run.
    #[must_use]
    pub fn judge(&self, totals: &Totals, summary: &Summary) -> GateResult {
        let measured = self.metric.value(totals, summary);
        let value = measured.or_else(|| self.bound(summary));
        let verdict = match value {
            None => GateVerdict::NotMeasured,
            Some(value) if self.comparison.holds(value, self.limit) => GateVerdict::Failed,
            Some(_) => GateVerdict::Passed,
        };
        // A load that this machine could not make fails the server only by what the server did, and passes nobody.
        let is_whole =
            summary.units.unmade == 0 || (verdict == GateVerdict::Failed && self.metric.is_server_s());
        let verdict = if is_whole { verdict } else { GateVerdict::NotMeasured };
        GateResult { fail_if: self.text.clone(), unit: self.metric.unit(), value, verdict }
    }

    /// The least heap of the run is not known when it was lower before the run. It was not below that, though, which passes a
    /// gate that wants it to be above a limit further down.
    fn bound(&self, summary: &Summary) -> Option<f64> {
        let device = summary.device.as_ref().filter(|_| self.metric == Metric::HeapMin)?;
        let bound = device.after.as_ref()?.heap_min as f64;
        let wants_more = matches!(self.comparison, Comparison::Less | Comparison::LessOrEqual);
        (wants_more && !self.comparison.holds(bound, self.limit)).then_some(bound)
    }
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        let at = text.find(['<', '>']).ok_or(GateError::NoComparison)?;
        let (metric, rest) = text.split_at(at);
        let (comparison, limit) = Comparison::split(rest).ok_or(GateError::NoComparison)?;
        let (metric, limit) = (metric.trim(), limit.trim());
        let metric = Metric::named(metric).ok_or_else(|| GateError::Metric { metric: shown(metric) })?;
        let refuse = || GateError::Limit { limit: shown(limit), expected: expected_limit(metric.unit()) };
        let limit = metric.limit(limit).ok_or_else(refuse)?;
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
        COMPARISONS.iter().find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?)))
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

/// Everything that a gate may hold, for the help text of `--fail-if`, its errors, and `docs/load.md`: lines of at most
/// 100 columns.
#[must_use]
pub fn accepted() -> String {
    let mut lines = metric::accepted();
    lines.push(format!("Compare with {}.", joined(COMPARISONS.iter().map(|(sign, _)| *sign))));
    lines.join("\n")
}

/// A part of what the user typed, without control characters.
fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}

/// The longer signs first: `<` is the beginning of `<=`.
const COMPARISONS: [(&str, Comparison); 4] = [
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use proptest::prelude::*;

    use super::{
        metric::{COUNT, ERRORS, FIGURES, PHASES, STATISTICS, Statistic, TimedPhase, suffixes},
        *,
    };
    use crate::load::failure::Class;

    fn parsed(text: &str) -> Result<(Metric, f64), String> {
        text.parse::<Gate>().map(|gate| (gate.metric, gate.limit)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_gates_of_the_documentation_are_understood() {
        let p99 = Metric::Time(TimedPhase::Tls, Statistic::Percentile(99.0));
        assert_eq!(parsed("tls.p99>2500ms"), Ok((p99, 2_500_000.0)));
        assert_eq!(parsed(" error_rate >= 1% "), Ok((Metric::ErrorRate, 0.01)));
        assert_eq!(parsed("rps<5"), Ok((Metric::UnitsPerSecond, 5.0)));
        assert_eq!(parsed("device.heap_min<20000"), Ok((Metric::HeapMin, 20_000.0)));
        assert_eq!(
            parsed("errors.alert:internal_error>0"),
            Ok((Metric::Errors(Some(Class::Alert(crate::tls::AlertDescription::INTERNAL_ERROR))), 0.0))
        );
        let p99_9 = Metric::Time(TimedPhase::Total, Statistic::Percentile(99.9));
        assert_eq!(parsed("total.p99.9>1.5s"), Ok((p99_9, 1_500_000.0)));
    }

    #[test]
    fn what_is_no_gate_is_refused_with_its_reason() {
        for (text, reason) in [
            ("tls.p99", "it has no comparison: one of < <= > >= is missing"),
            ("tls.p99=5ms", "it has no comparison: one of < <= > >= is missing"),
            ("tsl.p99>5ms", "there is no figure `tsl.p99`"),
            ("tls.p101>5ms", "there is no figure `tls.p101`"),
            ("errors.odd>5", "there is no figure `errors.odd`"),
            ("tls.p99>5", "`5` is not a number with a unit (us, ms, s), such as 2500ms"),
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

    #[test]
    fn the_documentation_and_the_examples_say_what_the_parser_accepts() {
        let read = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let documentation = read("docs/load.md");
        for line in accepted().lines() {
            assert!(line.len() <= 100, "{line}");
            assert!(documentation.contains(&format!("    {line}\n")), "docs/load.md does not say: {line}");
        }
        let mut examples = 0;
        for path in ["README.md", "docs/load.md", "src/cli/load.rs", "CHANGELOG.md"] {
            for gate in read(path).split("--fail-if '").skip(1).filter_map(|rest| rest.split('\'').next()) {
                assert!(gate.parse::<Gate>().is_ok(), "{path} has the example {gate}");
                examples += 1;
            }
        }
        assert!(examples >= 4, "{examples}");
    }

    #[test]
    fn each_figure_of_the_tables_can_be_compared() {
        let statistics = STATISTICS.iter().map(|(name, _)| *name).chain([COUNT, "p0", "p99.9", "p100"]);
        let timed =
            statistics.flat_map(|name| PHASES.iter().map(move |(phase, _)| format!("{phase}.{name}")));
        let errors =
            [Class::Refused, Class::Alert(crate::tls::AlertDescription::INTERNAL_ERROR), Class::Http(503)]
                .map(|class| format!("{ERRORS}.{class}"));
        let named = FIGURES.iter().map(|figure| figure.name.to_owned());
        for name in timed.chain(errors).chain(named) {
            let metric = Metric::named(&name).unwrap();
            for (sign, _) in COMPARISONS {
                for (suffix, _) in suffixes(metric.unit()) {
                    let text = format!("{name}{sign}5{suffix}");
                    assert_eq!(text.parse::<Gate>().map(|gate| gate.metric), Ok(metric), "{text}");
                }
            }
        }
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
