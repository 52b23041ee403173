//! What has changed since an older run, for a person.

use super::words::{size, span};
use crate::hil::comparison::{Amount, Change, ChangeVerdict, Comparison, Measure};

/// The changes in lines: those for the worse first.
#[must_use]
pub fn changes(comparison: &Comparison) -> Vec<String> {
    let lines = |verdict: ChangeVerdict| {
        comparison.of(verdict).map(move |change| {
            format!("{}: {}, {}: {}", word(verdict), change.board, change.step, sentence(change))
        })
    };
    let in_order = [ChangeVerdict::Regression, ChangeVerdict::Lab, ChangeVerdict::Better];
    let mut told: Vec<String> = in_order.into_iter().flat_map(lines).collect();
    told.extend(comparison.not_compared.iter().map(|why| format!("not compared: {why}")));
    told
}

/// What a change means, in a word or two.
pub(super) fn word(verdict: ChangeVerdict) -> &'static str {
    match verdict {
        ChangeVerdict::Regression => "worse",
        ChangeVerdict::Lab => "worse by the lab's doing",
        ChangeVerdict::Better => "better",
    }
}

/// A change, in one sentence without a full stop.
#[must_use]
pub fn sentence(change: &Change) -> String {
    let what = name(change.measure);
    if let Some(finding) = &change.finding {
        let is = if change.verdict == ChangeVerdict::Better { "is gone" } else { "is new" };
        return format!("the finding {finding} {is}");
    }
    let (was, is) = (shown(change.measure, change.was), shown(change.measure, change.is));
    match (by(change), change.tolerance_percent) {
        (Some(by), Some(tolerance)) => {
            format!("{what} {is}, was {was}: {by}, with a tolerance of {}", percent(tolerance))
        }
        (Some(by), None) => format!("{what} {is}, was {was}: {by}"),
        (None, _) => format!("{what} {is}, was {was}"),
    }
}

/// What is compared, for a person.
pub(super) fn name(measure: Measure) -> &'static str {
    match measure {
        Measure::DurationUs => "duration",
        Measure::HandshakeUs => "handshake",
        Measure::RequestUs => "request",
        Measure::ReadyUs => "start to READY",
        Measure::Rate => "a second",
        Measure::FailedPercent => "failed",
        Measure::HeapMin => "heap at its lowest",
        Measure::Restarts => "restarts",
        Measure::Finding => "finding",
    }
}

/// A figure with its unit.
pub(super) fn shown(measure: Measure, amount: Option<Amount>) -> String {
    match (measure, amount) {
        (_, None) => "-".to_owned(),
        (Measure::FailedPercent, Some(amount)) => format!("{:.1} %", amount.value()),
        (_, Some(Amount::Real(value))) => format!("{value:.1}"),
        (Measure::HeapMin, Some(Amount::Whole(bytes))) => size(bytes),
        (Measure::Restarts, Some(Amount::Whole(count))) => count.to_string(),
        (_, Some(Amount::Whole(us))) => span(us),
    }
}

/// By how much it changed.
pub(super) fn by(change: &Change) -> Option<String> {
    let by = change.percent?;
    Some(format!("{} {}", percent(by.abs()), if by < 0.0 { "less" } else { "more" }))
}

/// A percentage without a decimal that says nothing.
pub(super) fn percent(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.fract() == 0.0 || rounded >= 10.0 {
        format!("{rounded:.0} %")
    } else {
        format!("{rounded:.1} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hil::outcome::HilRun, report::hil::sample};

    #[test]
    fn what_got_worse_comes_first_with_its_figures() {
        let run: HilRun = serde_json::from_value(sample::regression()).unwrap();
        let told = changes(&run.comparison.unwrap());
        assert_eq!(
            told,
            [
                "worse: c3-lab-2, load: handshake 141 ms, was 92.0 ms: 54 % more, with a tolerance of 20 %",
                "worse: c3-lab-2, load: heap at its lowest 9216 bytes, was 69.4 KiB: 87 % less, with a tolerance of 20 %",
                "worse: c3-lab-2, load: restarts 1, was 0",
                "worse: c3-lab-2, look: the finding tls.no_tls13 is new",
                "worse by the lab's doing: c3-lab-2, flash: duration 6.92 s, was 3.10 s: 123 % more, with a tolerance of 20 %",
                "better: c3-lab-1, soak: a second 29.3, was 22.5: 30 % more, with a tolerance of 20 %",
                "not compared: c3-lab-2: soak: in this run it ended as \"not run\"",
            ]
        );
    }
}
