//! `--tolerance`: how much worse than before a figure may be.

use super::measure::{MEASURES, MeasureRow, is_lab_s};
use crate::hil::{
    comparison::{ChangeVerdict, Measure},
    outcome::TargetKind,
};

/// How much worse each figure may be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tolerance {
    all: Option<f64>,
    of: Vec<(Measure, f64)>,
}

/// How much worse one figure may be, and what it means when it is worse still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The tolerance, in percent of what it was.
    pub percent: f64,
    /// What it means.
    pub verdict: ChangeVerdict,
}

/// A text that is no tolerance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToleranceError {
    /// Not a percentage.
    #[error("{0:?} is not a percentage from 0 to 1000, such as 20%")]
    NotAPercentage(String),
    /// Not a measure.
    #[error("{0:?} is not a figure that is compared: these are {words}", words = words())]
    NotAMeasure(String),
    /// Given twice.
    #[error("there are two tolerances for {0}")]
    Twice(String),
}

impl Tolerance {
    /// Reads `20%`, for all figures, and `heap=5%`, for one.
    ///
    /// # Errors
    /// [`ToleranceError`].
    pub fn parse<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, ToleranceError> {
        let mut read = Self::default();
        for text in texts {
            match text.split_once('=') {
                None => {
                    let before = read.all.replace(percentage(text)?);
                    before.map_or(Ok(()), |_| Err(ToleranceError::Twice("all figures".to_owned())))?;
                }
                Some((word, percent)) => {
                    let row = MEASURES.iter().find(|row| row.word == word.trim());
                    let row = row.ok_or_else(|| ToleranceError::NotAMeasure(word.trim().to_owned()))?;
                    if read.of.iter().any(|(measure, _)| *measure == row.measure) {
                        return Err(ToleranceError::Twice(row.word.to_owned()));
                    }
                    read.of.push((row.measure, percentage(percent)?));
                }
            }
        }
        Ok(read)
    }

    /// How much worse this figure may be in a step of that kind: by its own tolerance, that of all, or the default.
    #[must_use]
    pub fn limit(&self, row: &MeasureRow, target: TargetKind, step_kind: &str) -> Limit {
        let own = self.of.iter().find(|(measure, _)| *measure == row.measure).map(|(_, percent)| *percent);
        let asked = own.or(self.all);
        // The emulated board is as fast as this machine is idle: who wants its times to decide says how much they may differ.
        let is_machine_s = row.is_time && target == TargetKind::Emulated && asked.is_none();
        let verdict = if is_machine_s || is_lab_s(row, step_kind) {
            ChangeVerdict::Lab
        } else {
            ChangeVerdict::Regression
        };
        Limit { percent: asked.unwrap_or(DEFAULT_PERCENT), verdict }
    }
}

fn percentage(text: &str) -> Result<f64, ToleranceError> {
    let digits = text.trim();
    let digits = digits.strip_suffix('%').unwrap_or(digits).trim_end();
    let plain = !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit() || digit == '.');
    let number = if plain { digits.parse().ok() } else { None };
    let number = number.filter(|number: &f64| *number <= MOST_PERCENT);
    number.ok_or_else(|| ToleranceError::NotAPercentage(text.trim().to_owned()))
}

/// The words for single figures.
fn words() -> String {
    MEASURES.iter().map(|row| row.word).collect::<Vec<_>>().join(", ")
}

/// What a figure may be worse by when nothing is said, in percent.
pub const DEFAULT_PERCENT: f64 = 20.0;
const MOST_PERCENT: f64 = 1000.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(texts: &[&str], target: TargetKind, kind: &str) -> Vec<(&'static str, f64, ChangeVerdict)> {
        let tolerance = Tolerance::parse(texts.iter().copied()).unwrap();
        let limit = |row: &MeasureRow| {
            let limit = tolerance.limit(row, target, kind);
            (row.word, limit.percent, limit.verdict)
        };
        MEASURES.iter().map(limit).collect()
    }

    #[test]
    fn one_for_all_and_some_for_one() {
        for (word, percent, _) in limits(&[], TargetKind::Board, "load") {
            assert_eq!(percent, DEFAULT_PERCENT, "{word}");
        }
        assert!(limits(&["7.5 %"], TargetKind::Board, "load").iter().all(|(_, percent, _)| *percent == 7.5));
        for (word, percent, _) in limits(&["heap=0", "50", "rate = 10%"], TargetKind::Board, "load") {
            let expected = match word {
                "heap" => 0.0,
                "rate" => 10.0,
                _ => 50.0,
            };
            assert_eq!(percent, expected, "{word}");
        }
    }

    #[test]
    fn the_times_of_an_emulated_board_decide_only_when_a_tolerance_is_given_for_them() {
        let deciding = |texts: &[&str], target, kind| {
            let found = limits(texts, target, kind).into_iter();
            let found = found.filter(|(_, _, verdict)| *verdict == ChangeVerdict::Regression);
            found.map(|(word, ..)| word).collect::<Vec<_>>().join(" ")
        };
        let all = "duration handshake request ready rate failed heap";
        assert_eq!(deciding(&[], TargetKind::Board, "load"), all);
        assert_eq!(deciding(&[], TargetKind::Address, "load"), all);
        assert_eq!(deciding(&[], TargetKind::Emulated, "load"), "failed heap");
        assert_eq!(deciding(&["20%"], TargetKind::Emulated, "load"), all);
        assert_eq!(deciding(&["handshake=50%"], TargetKind::Emulated, "load"), "handshake failed heap");
        assert_eq!(deciding(&["20%"], TargetKind::Board, "certgen"), all.replace("duration ", ""));
    }

    #[test]
    fn what_is_no_tolerance_is_refused_with_what_is() {
        let refused = |texts: &[&str]| Tolerance::parse(texts.iter().copied()).unwrap_err().to_string();
        for text in ["", "%", "-1", "+5", "NaN", "inf", "1e3", "20%%", "2000", "twenty", "1.2.3", "heap="] {
            let said = refused(&[text]);
            assert!(said.ends_with("is not a percentage from 0 to 1000, such as 20%"), "{text}: {said}");
        }
        assert_eq!(
            refused(&["speed=5"]),
            "\"speed\" is not a figure that is compared: these are duration, handshake, request, ready, rate, failed, heap"
        );
        assert_eq!(refused(&["5", "6"]), "there are two tolerances for all figures");
        assert_eq!(refused(&["heap=5", "heap=6"]), "there are two tolerances for heap");
    }
}
