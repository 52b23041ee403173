//! What the reports of a run have in common: times, sizes, and the words for what happened.

use crate::{
    hil::{
        log_event::{Blame, LogEventKind},
        outcome::{BoardRun, FindingKind, HilRun, LabFailure, Progress, StepOutcome},
        state::StepState,
    },
    report::load::duration,
};

/// A span of time for a person.
pub(super) fn span(us: u64) -> String {
    let seconds = us / 1_000_000;
    match seconds {
        0..60 => duration(us),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A size for a person.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 10_000 { format!("{bytes} bytes") } else { format!("{:.1} KiB", bytes as f64 / 1024.0) }
}

/// A step with the board that it ran on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'r> {
    /// The board's place in the run, from 0.
    pub(super) board_index: usize,
    /// The board.
    pub(super) board: &'r BoardRun,
    /// The step's place on the board, from 0.
    pub(super) step_index: usize,
    /// The step.
    pub(super) step: &'r StepOutcome,
}

/// All steps of all boards.
pub(super) fn places(run: &HilRun) -> impl Iterator<Item = Place<'_>> {
    run.boards.iter().enumerate().flat_map(|(board_index, board)| {
        let steps = board.steps.iter().enumerate();
        steps.map(move |(step_index, step)| Place { board_index, board, step_index, step })
    })
}

/// The steps that did not pass, the most urgent first, and among those the earliest.
pub(super) fn failures(run: &HilRun) -> Vec<Place<'_>> {
    let mut failed: Vec<Place<'_>> = places(run).filter(|place| place.step.state.is_failure()).collect();
    failed.sort_by_key(|place| (std::cmp::Reverse(place.step.state), place.step.start_us));
    failed
}

/// How many steps there are in each state, the most urgent state first.
pub(super) fn counts(run: &HilRun) -> Vec<(StepState, usize)> {
    let of = |state| places(run).filter(|place| place.step.state == state).count();
    let counted = StepState::ALL.into_iter().rev().map(|state| (state, of(state)));
    counted.filter(|(_, count)| *count > 0).collect()
}

/// A number of steps in a state.
pub(super) fn count_of(state: StepState, count: usize) -> String {
    let words = match state {
        StepState::Regression => "regression",
        StepState::Lab => "lab failure",
        StepState::Scenario => "scenario error",
        StepState::Bug => "bug",
        state => return format!("{count} {}", state.words()),
    };
    format!("{count} {words}{}", if count == 1 { "" } else { "s" })
}

/// The counts as a sentence without a full stop.
pub(super) fn counted(run: &HilRun) -> String {
    let told: Vec<String> = counts(run).into_iter().map(|(state, count)| count_of(state, count)).collect();
    if told.is_empty() { "no steps".to_owned() } else { told.join(", ") }
}

/// What the run amounts to, in one sentence.
pub(super) fn verdict(run: &HilRun) -> &'static str {
    match (run.state, run.lab_failure) {
        _ if run.progress == Progress::Running => {
            "The run has not ended. If it was killed, this is what it had found until then."
        }
        (StepState::Passed | StepState::Skipped | StepState::NotRun, _) => "Nothing is wrong.",
        (StepState::CouldNotTell, _) => "It could not be told whether the firmware is right.",
        (StepState::Lab, LabFailure::Fail) => {
            "The lab is at fault. What failed says nothing about the firmware."
        }
        (StepState::Lab, LabFailure::Skip) => {
            "The lab is at fault, and --lab-failure skip lets that pass. What failed says nothing about the firmware."
        }
        (StepState::Scenario, _) => "The scenario asks for something that can't be done.",
        (StepState::Regression, _) => "The firmware is at fault.",
        (StepState::Bug, _) => "There is a bug in esp-https.",
        (StepState::Interrupted, _) => "A signal ended the run before its last step.",
    }
}

/// What kind of event it is, for a person.
pub(super) fn event(kind: LogEventKind) -> &'static str {
    match kind {
        LogEventKind::Ready => "ready",
        LogEventKind::Reset => "reset",
        LogEventKind::Panic => "panic",
        LogEventKind::Fault => "fault",
        LogEventKind::HeapLow => "heap",
        LogEventKind::PortGone => "port gone",
        LogEventKind::PortBack => "port back",
    }
}

/// Whose doing it is, for a person.
pub(super) fn blame(blame: Blame) -> &'static str {
    match blame {
        Blame::None => "",
        Blame::Lab => "the lab's",
        Blame::Firmware => "the firmware's",
    }
}

/// What kind of finding it is, for a person.
pub(super) fn finding(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Check => "check failed",
        FindingKind::CheckUnknown => "check not decided",
        FindingKind::Finding => "finding",
    }
}

/// Why a step did not pass, in a few words: its error, or what it says.
pub(super) fn reason(step: &StepOutcome) -> &str {
    let error = step.error.as_ref().map(|error| error.what.as_str());
    error.or(step.says.as_deref()).unwrap_or_else(|| step.state.words())
}

/// When it began, to the second.
pub(super) fn begun(started: &str) -> String {
    let second = started.split('.').next().unwrap_or_default().trim_end_matches('Z');
    format!("{} UTC", second.replacen('T', " ", 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::hil::sample;

    #[test]
    fn long_times_are_told_in_minutes_and_hours() {
        let told = [999, 59_999_000, 60_000_000, 754_000_000, 7_260_000_000].map(span);
        assert_eq!(told, ["999 us", "60.0 s", "1 min 00 s", "12 min 34 s", "2 h 01 min"]);
        assert_eq!([9_999, 10_240].map(size), ["9999 bytes", "10.0 KiB"]);
        assert_eq!(begun("2026-11-27T09:14:03.512Z"), "2026-11-27 09:14:03 UTC");
    }

    #[test]
    fn a_run_is_judged_in_one_sentence() {
        let said = |run: serde_json::Value| verdict(&serde_json::from_value(run).unwrap());
        assert_eq!(said(sample::green()), "Nothing is wrong.");
        let mut run = sample::interrupted();
        assert_eq!(said(run.clone()), "A signal ended the run before its last step.");
        run["progress"] = "running".into();
        assert!(said(run).starts_with("The run has not ended."));
    }

    #[test]
    fn failures_are_told_in_the_order_of_their_urgency() {
        let run: HilRun = serde_json::from_value(sample::regression()).unwrap();
        let told: Vec<_> = failures(&run).iter().map(|place| place.step.name.clone()).collect();
        assert_eq!(told, ["look", "load", "no-panic"]);
        assert_eq!(counted(&run), "2 regressions, 1 could not tell, 2 not run, 2 skipped, 15 passed");
    }
}
