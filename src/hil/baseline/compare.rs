//! Compares two runs, step by step.

use super::{
    Baseline,
    measure::{MEASURES, MeasureRow, Worse},
    tolerance::{Limit, Tolerance},
};
use crate::hil::{
    comparison::{Amount, Change, ChangeVerdict, Comparison, Measure},
    log_event::{Blame, LogEventKind},
    outcome::{BoardRun, FindingKind, HilRun, StepOutcome},
    state::StepState,
};

/// What has become of the older run's figures.
#[must_use]
pub fn compare(baseline: &Baseline, run: &HilRun, tolerance: &Tolerance) -> Comparison {
    let old = &baseline.run;
    let mut found = Comparison {
        file: baseline.file.clone(),
        started: old.started.clone(),
        version: old.version.clone(),
        compared: 0,
        changes: Vec::new(),
        not_compared: Vec::new(),
    };
    for board in &run.boards {
        let Some(was) = counterpart(old, run, board) else {
            found.not_compared.push(format!("the older run was not on {}", board.board.name));
            continue;
        };
        if let (Some(mac), Some(is)) = (&was.board.mac, &board.board.mac)
            && !mac.eq_ignore_ascii_case(is)
        {
            found
                .not_compared
                .push(format!("{} was another board then, with the MAC address {mac}", board.board.name));
        }
        boards(was, board, &|row, kind| tolerance.limit(row, run.target_kind, kind), &mut found);
    }
    found
}

/// The same board in the older run: by its MAC address, by its name, or because each run has one board.
fn counterpart<'o>(old: &'o HilRun, run: &HilRun, board: &BoardRun) -> Option<&'o BoardRun> {
    let mac = board.board.mac.as_deref();
    let by_mac = old.boards.iter().find(|was| mac.is_some() && was.board.mac.as_deref() == mac);
    let by_name = || old.boards.iter().find(|was| was.board.name == board.board.name);
    let only = || old.boards.first().filter(|_| old.boards.len() == 1 && run.boards.len() == 1);
    by_mac.or_else(by_name).or_else(only)
}

type Limits<'l> = &'l dyn Fn(&MeasureRow, &str) -> Limit;

fn boards(was: &BoardRun, is: &BoardRun, limits: Limits<'_>, found: &mut Comparison) {
    let board = is.board.name.as_str();
    for step in &is.steps {
        match was.steps.iter().find(|old| old.name == step.name) {
            None if step.attempts > 0 => {
                found.not_compared.push(format!("{board}: the older run had no step {}", step.name));
            }
            None => {}
            Some(old) => match pairing(old, step) {
                Pairing::Good => Steps { board, was: old, is: step }.compare(limits, found),
                Pairing::NeitherRan => {}
                Pairing::Bad(why) => found.not_compared.push(format!("{board}: {}: {why}", step.name)),
            },
        }
    }
    let gone = was.steps.iter().filter(|old| is.steps.iter().all(|step| step.name != old.name));
    found.not_compared.extend(gone.map(|old| format!("{board}: this run has no step {}", old.name)));
}

/// Whether two steps of the same name can be compared.
enum Pairing {
    Good,
    NeitherRan,
    /// They can't, for this reason.
    Bad(String),
}

fn pairing(was: &StepOutcome, is: &StepOutcome) -> Pairing {
    let told = |state| matches!(state, StepState::Passed | StepState::Regression);
    if was.attempts == 0 && is.attempts == 0 {
        Pairing::NeitherRan
    } else if was.kind != is.kind {
        Pairing::Bad(format!("it was a step {} and is a step {}", was.kind, is.kind))
    } else if !told(was.state) {
        Pairing::Bad(format!("in the older run it ended as \"{}\"", was.state.words()))
    } else if !told(is.state) {
        Pairing::Bad(format!("in this run it ended as \"{}\"", is.state.words()))
    } else {
        Pairing::Good
    }
}

/// A step in both runs.
struct Steps<'s> {
    board: &'s str,
    was: &'s StepOutcome,
    is: &'s StepOutcome,
}

impl Steps<'_> {
    fn compare(&self, limits: Limits<'_>, found: &mut Comparison) {
        for row in MEASURES {
            if row.measure == Measure::DurationUs && !self.both_passed() {
                continue;
            }
            let (Some(was), Some(is)) = ((row.of)(self.was), (row.of)(self.is)) else { continue };
            found.compared += 1;
            found.changes.extend(self.figure(row, limits(row, &self.is.kind), was, is));
        }
        found.compared += 1;
        found.changes.extend(self.restarts());
        found.changes.extend(self.findings());
    }

    /// A step that fails ends early, or late.
    fn both_passed(&self) -> bool {
        self.was.state == StepState::Passed && self.is.state == StepState::Passed
    }

    fn figure(&self, row: &MeasureRow, limit: Limit, was: Amount, is: Amount) -> Option<Change> {
        let more = is.value() - was.value();
        let worse = if row.worse == Worse::More { more } else { -more };
        let noise = (was.value() * limit.percent / 100.0).max(row.floor);
        let verdict = match worse {
            worse if worse > noise => limit.verdict,
            worse if -worse > noise => ChangeVerdict::Better,
            _ => return None,
        };
        let percent = (was.value() > 0.0).then(|| more / was.value() * 100.0);
        let change = self.change(row.measure, verdict);
        Some(Change {
            was: Some(was),
            is: Some(is),
            percent,
            tolerance_percent: Some(limit.percent),
            ..change
        })
    }

    fn restarts(&self) -> Option<Change> {
        let (was, is) = (self.was.figures.restarts, self.is.figures.restarts);
        let verdict = match is.cmp(&was) {
            std::cmp::Ordering::Equal => return None,
            std::cmp::Ordering::Less => ChangeVerdict::Better,
            std::cmp::Ordering::Greater if self.are_restarts_the_lab_s() => ChangeVerdict::Lab,
            std::cmp::Ordering::Greater => ChangeVerdict::Regression,
        };
        let change = self.change(Measure::Restarts, verdict);
        Some(Change { was: Some(Amount::Whole(was)), is: Some(Amount::Whole(is)), ..change })
    }

    fn are_restarts_the_lab_s(&self) -> bool {
        let resets = || self.is.events.iter().filter(|event| event.kind == LogEventKind::Reset);
        let any = |blame| resets().any(|event| event.blame == blame);
        any(Blame::Lab) && !any(Blame::Firmware)
    }

    fn findings(&self) -> Vec<Change> {
        let new = only_in(self.is, self.was).map(|id| (id, ChangeVerdict::Regression));
        let gone = only_in(self.was, self.is).map(|id| (id, ChangeVerdict::Better));
        let change = |(id, verdict): (&str, _)| Change {
            finding: Some(id.to_owned()),
            ..self.change(Measure::Finding, verdict)
        };
        new.chain(gone).map(change).collect()
    }

    fn change(&self, measure: Measure, verdict: ChangeVerdict) -> Change {
        Change {
            board: self.board.to_owned(),
            step: self.is.name.clone(),
            measure,
            finding: None,
            was: None,
            is: None,
            percent: None,
            tolerance_percent: None,
            verdict,
        }
    }
}

/// The findings that one step has and the other has not, each once. What could not be told is no finding.
fn only_in<'s>(step: &'s StepOutcome, other: &'s StepOutcome) -> impl Iterator<Item = &'s str> {
    let ids = |step: &'s StepOutcome| {
        let told = step.findings.iter().filter(|finding| finding.kind != FindingKind::CheckUnknown);
        told.map(|finding| finding.id.as_str())
    };
    let open = other.findings.iter().filter(|finding| finding.kind == FindingKind::CheckUnknown);
    let mut seen: Vec<&str> = ids(other).chain(open.map(|finding| finding.id.as_str())).collect();
    ids(step).filter(move |id| {
        let is_new = !seen.contains(id);
        if is_new {
            seen.push(id);
        }
        is_new
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::hil::sample;

    /// What is found when the run is a change of the green one on a board, and the change is not in the older run.
    fn found(change: impl FnOnce(&mut Value), tolerance: &str) -> Comparison {
        let on_board = || {
            let mut run = sample::green();
            run["target_kind"] = json!("board");
            run
        };
        let (was, mut is) = (on_board(), on_board());
        change(&mut is);
        compared(was, is, tolerance)
    }

    fn compared(was: Value, is: Value, tolerance: &str) -> Comparison {
        let baseline =
            Baseline { file: "old/hil.json".to_owned(), run: serde_json::from_value(was).unwrap() };
        let tolerance = Tolerance::parse(tolerance.split_whitespace()).unwrap();
        compare(&baseline, &serde_json::from_value(is).unwrap(), &tolerance)
    }

    fn told(found: &Comparison) -> Vec<(String, Measure, ChangeVerdict)> {
        found.changes.iter().map(|it| (it.step.clone(), it.measure, it.verdict)).collect()
    }

    fn step(run: &mut Value, index: usize) -> &mut Value {
        &mut run["boards"][0]["steps"][index]
    }

    #[test]
    fn a_run_beside_itself_has_no_change() {
        let same = found(|_| (), "0%");
        assert_eq!((told(&same).len(), same.not_compared.len(), same.state()), (0, 0, StepState::Passed));
        assert!(same.compared > 20, "{}", same.compared);
    }

    #[test]
    fn what_is_worse_by_more_than_the_tolerance_is_a_regression() {
        use ChangeVerdict::{Better, Regression};
        // The handshake of `load` was 91 200 us, its rate 11.1, its heap 71 104 bytes.
        let (handshake, rate, heap) = ("handshake_us", "rate", "heap_min");
        for (figure, value, expected) in [
            (handshake, json!(109_440), None),
            (handshake, json!(109_441), Some((Measure::HandshakeUs, Regression))),
            (handshake, json!(60_000), Some((Measure::HandshakeUs, Better))),
            (rate, json!(8.9), None),
            (rate, json!(8.8), Some((Measure::Rate, Regression))),
            (rate, json!(20), Some((Measure::Rate, Better))),
            (heap, json!(56_884), None),
            (heap, json!(56_883), Some((Measure::HeapMin, Regression))),
            ("failed", json!(2), None),
            ("failed", json!(3), Some((Measure::FailedPercent, Regression))),
            ("restarts", json!(1), Some((Measure::Restarts, Regression))),
        ] {
            let found = found(|run| step(run, 6)["figures"][figure] = value.clone(), "");
            let expected: Vec<_> =
                expected.into_iter().map(|(it, verdict)| ("load".to_owned(), it, verdict)).collect();
            assert_eq!(told(&found), expected, "{figure} {value}");
            let is_worse = expected.iter().any(|(.., verdict)| *verdict == Regression);
            assert_eq!(found.state() == StepState::Regression, is_worse, "{figure} {value}");
        }
    }

    #[test]
    fn a_small_difference_is_noise_whatever_the_tolerance() {
        let found = found(
            |run| {
                step(run, 6)["figures"]["handshake_us"] = json!(101_200);
                step(run, 6)["figures"]["heap_min"] = json!(70_080);
                step(run, 3)["duration_us"] = json!(810_000);
            },
            "0%",
        );
        assert_eq!(told(&found), []);
    }

    #[test]
    fn what_is_the_lab_s_or_this_machine_s_doing_is_told_and_decides_nothing() {
        let flash = found(|run| step(run, 1)["duration_us"] = json!(60_000_000), "");
        assert_eq!(told(&flash), [("flash".to_owned(), Measure::DurationUs, ChangeVerdict::Lab)]);
        assert_eq!(flash.state(), StepState::Passed);
        let brownout = found(
            |run| {
                step(run, 6)["figures"]["restarts"] = json!(1);
                step(run, 6)["events"] =
                    json!([{"at_us": 1, "kind": "reset", "blame": "lab", "text": "BROWNOUT_RST"}]);
            },
            "",
        );
        assert_eq!(told(&brownout), [("load".to_owned(), Measure::Restarts, ChangeVerdict::Lab)]);
        let (was, mut is) = (sample::green(), sample::green());
        step(&mut is, 6)["figures"]["handshake_us"] = json!(500_000);
        let emulated = compared(was.clone(), is.clone(), "");
        assert_eq!(told(&emulated), [("load".to_owned(), Measure::HandshakeUs, ChangeVerdict::Lab)]);
        assert_eq!(compared(was, is, "20%").state(), StepState::Regression);
    }

    #[test]
    fn a_step_that_the_lab_spoiled_is_not_compared() {
        let again = found(
            |run| {
                step(run, 3)["attempts"] = json!(2);
                step(run, 3)["duration_us"] = json!(30_000_000);
            },
            "",
        );
        assert_eq!(told(&again), [], "its duration has the attempts that the lab spoiled");
        let failed = found(
            |run| {
                step(run, 6)["state"] = json!("lab");
                step(run, 6)["figures"]["handshake_us"] = json!(900_000);
            },
            "",
        );
        assert_eq!(told(&failed), []);
        assert_eq!(failed.not_compared, ["emulated: load: in this run it ended as \"lab\""]);
    }

    #[test]
    fn findings_are_new_or_gone_once_each_and_open_checks_are_neither() {
        let finding = |id: &str, kind: &str| json!({"id": id, "kind": kind, "says": "", "wanted": null});
        let findings =
            json!([finding("new", "finding"), finding("new", "finding"), finding("open", "check_unknown")]);
        let found = found(|run| step(run, 5)["findings"] = findings, "");
        let told: Vec<_> = found.changes.iter().map(|it| (it.finding.clone().unwrap(), it.verdict)).collect();
        assert_eq!(
            told,
            [
                ("new".to_owned(), ChangeVerdict::Regression),
                ("certificate.validity_long".to_owned(), ChangeVerdict::Better)
            ]
        );
    }

    #[test]
    fn boards_are_paired_by_mac_then_by_name_and_others_are_told() {
        let was = sample::lab_failure();
        let mut is = sample::lab_failure();
        is["boards"][0]["board"]["name"] = json!("renamed");
        is["boards"][2]["board"]["mac"] = json!("7c:df:a1:00:00:09");
        is["boards"][2]["board"]["name"] = json!("new");
        let found = compared(was, is, "");
        assert!(
            found.not_compared.contains(&"the older run was not on new".to_owned()),
            "{:?}",
            found.not_compared
        );
        assert!(!found.not_compared.iter().any(|it| it.contains("renamed")), "{:?}", found.not_compared);
        assert!(found.compared > 0);
    }

    #[test]
    fn runs_without_a_common_figure_tell_nothing() {
        let found = found(
            |run| {
                for index in 0..11 {
                    let kind = if index % 2 == 0 { "wait" } else { "run" };
                    step(run, index)["kind"] = json!(kind);
                    step(run, index)["attempts"] = json!(1);
                }
                step(run, 10)["kind"] = json!("wait");
            },
            "",
        );
        assert_eq!((found.compared, found.state()), (0, StepState::CouldNotTell), "{found:?}");
    }
}
