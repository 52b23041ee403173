//! What the facts of a run mean to the person who wanted it.

use std::{io, path::Path};

use crate::{
    error::{Code, Error, Fault},
    hil::{
        baseline::{BaselineError, ToleranceError},
        comparison::ChangeVerdict,
        fault::ScenarioFault,
        outcome::{HilRun, LabFailure, Progress, StepOutcome},
        state::StepState,
    },
    interrupt::Signal,
    os_error::in_words,
    report,
};

pub(super) fn no_scenario() -> Error {
    let what = "there is no hil.toml in this folder, nor in one above it";
    Error::new(Fault::Usage, Code::HIL_SCENARIO, "looking for a scenario", what)
        .hint("name one: esp-https hil SCENARIO")
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Error {
    let doing = format!("reading the scenario {}", path.display());
    Error::new(Fault::Usage, Code::HIL_SCENARIO, doing, in_words(error))
        .hint("check the path of the scenario")
}

pub(super) fn faults(path: &Path, faults: &[ScenarioFault]) -> Error {
    let what = match faults {
        [one] => format!("it has a fault: {one}"),
        several => format!("it has {} faults", several.len()),
    };
    let error = Error::new(
        Fault::Usage,
        Code::HIL_SCENARIO,
        format!("reading the scenario {}", path.display()),
        what,
    )
    .hint("correct the lines that are named");
    if faults.len() > 1 { error.evidence(faults.iter().map(ToString::to_string)) } else { error }
}

pub(super) fn no_target(name: &str, known: &[&str], reason: &str) -> Error {
    let what = format!("the scenario has no target of this name, and as an address: {reason}");
    Error::new(
        Fault::Usage,
        Code::HIL_TARGET,
        format!("looking for the target {}", name.escape_debug()),
        what,
    )
    .hint(format!("take one of {}, or an address such as 192.168.1.7", known.join(", ")))
}

/// A target that is nearly one that there is: more likely a slip than a host of the network.
pub(super) fn misspelt_target(name: &str, meant: &str) -> Error {
    Error::new(
        Fault::Usage,
        Code::HIL_TARGET,
        format!("looking for the target {name}"),
        format!("the scenario has no target of this name; did you mean \"{meant}\"?"),
    )
    .hint(format!("for a host of this name give its port too: --target {name}:443"))
}

pub(super) fn out(path: &Path, what: impl Into<String>) -> Error {
    Error::new(Fault::Usage, Code::HIL_OUT, format!("preparing the folder {}", path.display()), what)
        .hint("name another folder with --out, or an empty one")
}

pub(super) fn unwritten(path: &Path, error: &io::Error) -> Error {
    Error::new(Fault::Environment, Code::HIL_OUT, format!("writing {}", path.display()), in_words(error))
        .hint("free some space, or name another folder with --out")
}

/// The error that a run ends with; `None` where it ends well, or where a failure of the lab is not to count.
pub(super) fn ended(run: &HilRun) -> Option<Error> {
    if run.progress == Progress::Running {
        let what = "steps are left to run; the result has those that have ended";
        let doing = format!("running the scenario {}", run.scenario);
        return Some(Error::new(Fault::Inconclusive, Code::HIL_UNFINISHED, doing, what));
    }
    if run.state == StepState::Lab && run.lab_failure == LabFailure::Skip {
        return None;
    }
    let fault = run.state.fault()?;
    let code = match run.state {
        StepState::CouldNotTell => Code::HIL_COULD_NOT_TELL,
        StepState::Lab => Code::HIL_LAB,
        StepState::Scenario => Code::HIL_SCENARIO,
        StepState::Regression => Code::HIL_REGRESSION,
        StepState::Bug => Code::HIL_BUG,
        _ => Code::HIL_INTERRUPTED,
    };
    let failed: Vec<(&str, &StepOutcome)> = run
        .boards
        .iter()
        .flat_map(|board| board.steps.iter().map(|step| (board.board.name.as_str(), step)))
        .filter(|(_, step)| step.state == run.state)
        .collect();
    let doing = format!("running the scenario {} on {}", run.scenario, run.target);
    if let Some(error) = failed.is_empty().then(|| compared(run)).flatten() {
        return Some(error);
    }
    let Some((board, step)) = failed.first() else {
        let what = "the time of the run was over before all steps had run";
        return Some(
            Error::new(fault, code, doing, what).hint("raise --max-time, or max-time of the scenario"),
        );
    };
    let on = if run.boards.len() > 1 { format!(" on {board}") } else { String::new() };
    let why =
        step.error.as_ref().map_or_else(String::new, |error| format!(": {}: {}", error.doing, error.what));
    let more = match failed.len() - 1 {
        0 => String::new(),
        1 => "; and one more step".to_owned(),
        more => format!("; and {more} more steps"),
    };
    let whose = match run.state {
        StepState::Lab => "the lab is at fault, not the firmware: ",
        StepState::Scenario => "the scenario is at fault: ",
        _ => "",
    };
    let what = format!("{whose}the step \"{}\"{on}{why}{more}", step.name);
    let error = Error::new(fault, code, doing, what);
    let hint = step.error.as_ref().and_then(|error| error.hint.clone());
    Some(match hint {
        Some(hint) => error.hint(hint),
        None => error,
    })
}

/// The error of a run in which no step failed, and that is worse than an older one, or has nothing in common with it.
fn compared(run: &HilRun) -> Option<Error> {
    let found = run.comparison.as_ref()?;
    let doing = format!("comparing the run with {}", found.file);
    match found.state() {
        StepState::Regression => {
            let mut worse = found.of(ChangeVerdict::Regression);
            let first = worse.next()?;
            let more = match worse.count() {
                0 => String::new(),
                1 => "; and one more figure".to_owned(),
                more => format!("; and {more} more figures"),
            };
            let what = format!(
                "the step \"{}\" on {}: {}{more}",
                first.step,
                first.board,
                report::hil::sentence(first)
            );
            let hint = "if the change is intended, keep this run's hil.json as the baseline; --tolerance says how much worse a figure may be";
            Some(Error::new(Fault::Finding, Code::HIL_WORSE, doing, what).hint(hint))
        }
        StepState::CouldNotTell => {
            let what = "no figure is in both runs";
            let hint = "give the hil.json of a run whose steps have passed";
            Some(Error::new(Fault::Inconclusive, Code::HIL_NOT_COMPARED, doing, what).hint(hint))
        }
        _ => None,
    }
}

pub(super) fn tolerance(error: &ToleranceError) -> Error {
    Error::new(Fault::Usage, Code::HIL_TOLERANCE, "reading --tolerance", error.to_string())
        .hint("for example --tolerance 20%, or --tolerance heap=5%")
}

pub(super) fn unread_baseline(path: &Path, error: io::Error) -> Error {
    let doing = format!("reading --baseline {}", path.display());
    Error::new(Fault::Usage, Code::HIL_BASELINE, doing, in_words(&error)).hint("check the path").source(error)
}

pub(super) fn baseline(path: &Path, error: &BaselineError) -> Error {
    let doing = format!("reading --baseline {}", path.display());
    let hint = match error {
        BaselineError::Newer { .. } => "run that version of esp-https, or make a baseline with this one",
        BaselineError::Truncated => "get the file again; hil writes it whole, so it was cut off later",
        BaselineError::Target { .. } => "give the hil.json of a run on the same kind of target",
        BaselineError::NoStep { .. } => "give the hil.json of an older run of this scenario",
        _ => "give the hil.json that a run of `esp-https hil` left in its folder",
    };
    Error::new(Fault::Usage, Code::HIL_BASELINE, doing, error.to_string()).hint(hint)
}

pub(super) fn stopped(signal: Option<Signal>) -> Error {
    let by = signal.map_or("a signal", Signal::name);
    Error::new(Fault::Interrupted, Code::HIL_INTERRUPTED, "waiting for the board", format!("by {by}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hil::outcome::{BoardIdentity, BoardRun, Figures, StepError, TargetKind};

    fn run(state: StepState, error: Option<StepError>) -> HilRun {
        let step = StepOutcome {
            name: "handshake".to_owned(),
            kind: "probe".to_owned(),
            line: Some(1),
            state,
            says: None,
            command: None,
            attempts: 1,
            start_us: Some(0),
            duration_us: Some(1),
            error,
            earlier_errors: Vec::new(),
            figures: Figures::default(),
            findings: Vec::new(),
            events: Vec::new(),
            files: Vec::new(),
        };
        let name = "bench".to_owned();
        let board =
            BoardIdentity { name, mac: None, port: None, address: None, firmware: None, cert_sha256: None };
        let board = BoardRun { board, state, steps: vec![step], heap: Vec::new(), serial_log: None };
        HilRun {
            scenario: "smoke".to_owned(),
            file: "hil.toml".to_owned(),
            target: "bench".to_owned(),
            target_kind: TargetKind::Board,
            version: "0.1.0".to_owned(),
            started: "2026-11-27T12:00:00.000Z".to_owned(),
            duration_us: 1,
            progress: Progress::Ended,
            state,
            lab_failure: LabFailure::Fail,
            boards: vec![board],
            comparison: None,
            out: "hil-out".to_owned(),
        }
    }

    #[test]
    fn the_error_of_a_run_says_whose_fault_it_is_and_names_the_step() {
        let busy =
            || StepError::new(Fault::Environment, Code::PORT_BUSY, "opening /dev/ttyACM0", "it is busy");
        insta::assert_snapshot!(ended(&run(StepState::Lab, Some(busy().hint("close it")))).unwrap().told(), @r#"
        4 hil.lab: running the scenario smoke on bench: the lab is at fault, not the firmware: the step "handshake": opening /dev/ttyACM0: it is busy
          try: close it
        "#);
        assert_eq!(ended(&run(StepState::Bug, None)).unwrap().code, Code::HIL_BUG);
        let skipped = HilRun { lab_failure: LabFailure::Skip, ..run(StepState::Lab, Some(busy())) };
        assert!(ended(&skipped).is_none());
        assert!(ended(&run(StepState::Passed, None)).is_none());
        let running = HilRun { progress: Progress::Running, ..run(StepState::Passed, None) };
        assert_eq!(ended(&running).unwrap().code, Code::HIL_UNFINISHED);
    }
}
