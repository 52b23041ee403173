//! Runs the steps of a scenario on one board: in which order, how often, and what each amounts to. What a step does is behind
//! a trait, so that all of this is tried in memory.

use std::time::Duration;

use super::{
    classify::{self, Served},
    log_event::{Blame, LogEvent, LogEventKind},
    outcome::{BoardRun, Figures, StepError, StepFile, StepFinding, StepOutcome},
    scenario::{Always, Scenario, Step},
    state::StepState,
};
use crate::{
    duration::micros,
    error::{Code, Fault},
};

/// What does the steps on a board, and reads what it prints.
pub trait Bench {
    /// Why a step is left out on this target; `None` when it is not.
    fn skips(&self, step: &Step) -> Option<String>;

    /// Does a step once, and ends it after this time.
    fn attempt(&mut self, step: &Step, index: usize, limit: Duration) -> impl Future<Output = Attempt>;

    /// What the board has printed since this was last called. After an error it waits a moment for what the board says about it.
    fn events(&mut self, error: Option<&StepError>) -> impl Future<Output = Vec<LogEvent>>;

    /// Runs a hook that brings the lab into order. Its own failure is only told.
    fn recover(&mut self, command: &str) -> impl Future<Output = ()>;

    /// Whether the board has served in this run.
    fn served(&self) -> Served;

    /// The time since the start of the run.
    fn elapsed(&self) -> Duration;

    /// Updates what is known of the board.
    fn describe(&self, run: &mut BoardRun);
}

/// Follows a run from outside.
pub trait Follower {
    /// A step begins, the `index`th of all from 0.
    fn begins(&mut self, step: &Step, index: usize);

    /// A step has ended, or was left out; the run up to here.
    fn ended(&mut self, run: &BoardRun, index: usize);
}

/// What one attempt of a step gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attempt {
    /// Why it failed.
    pub error: Option<StepError>,
    /// One sentence for a person.
    pub says: Option<String>,
    /// The command line that does the same by hand.
    pub command: Option<String>,
    /// Its figures.
    pub figures: Figures,
    /// What it found.
    pub findings: Vec<StepFinding>,
    /// The files that it wrote.
    pub files: Vec<StepFile>,
}

/// Why the steps that are left are not run.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Halt {
    /// They are run.
    No,
    /// A step failed.
    Failed(String),
    /// The time is over.
    TimeOver,
}

/// The run of one board before its first step.
#[must_use]
pub fn planned(scenario: &Scenario, mut run: BoardRun) -> BoardRun {
    run.steps = scenario.steps.iter().map(not_begun).collect();
    run
}

/// Runs all steps on one board. `run` is what [`planned`] gave.
pub async fn run(
    scenario: &Scenario,
    max_time: Option<Duration>,
    mut run: BoardRun,
    bench: &mut impl Bench,
    follower: &mut impl Follower,
) -> BoardRun {
    let mut halt = Halt::No;
    for (index, step) in scenario.steps.iter().enumerate() {
        let left = max_time.map(|limit| limit.saturating_sub(bench.elapsed()));
        if left.is_some_and(|left| left.is_zero()) && halt == Halt::No {
            halt = Halt::TimeOver;
        }
        let outcome = match (bench.skips(step), not_run(&halt, step)) {
            (_, Some(why)) => StepOutcome { says: Some(why), ..not_begun(step) },
            (Some(why), None) => {
                StepOutcome { state: StepState::Skipped, says: Some(why), ..not_begun(step) }
            }
            (None, None) => {
                follower.begins(step, index);
                // A step that cleans up has its own time, however late it is.
                let left = left.filter(|_| step.always == Always::No || halt == Halt::No);
                one_step(scenario, step, index, left, bench).await
            }
        };
        if outcome.state.is_failure() && halt == Halt::No {
            halt = Halt::Failed(step.name.clone());
        }
        if let Some(slot) = run.steps.get_mut(index) {
            *slot = outcome;
        }
        bench.describe(&mut run);
        run.state =
            StepState::worst(run.steps.iter().map(|step| step.state).filter(|state| state.is_failure()));
        follower.ended(&run, index);
    }
    if halt == Halt::TimeOver && !run.state.is_failure() {
        run.state = StepState::CouldNotTell;
    }
    run
}

/// Does a step until it passes, fails for good, or the lab has failed too often.
async fn one_step(
    scenario: &Scenario,
    step: &Step,
    index: usize,
    left: Option<Duration>,
    bench: &mut impl Bench,
) -> StepOutcome {
    let start = bench.elapsed();
    let end = left.map(|left| start + left);
    let retries = step.retry.unwrap_or(scenario.lab.retries);
    let (mut attempts, mut earlier, mut events) = (0, Vec::new(), Vec::new());
    loop {
        attempts += 1;
        let time = |end: Duration| end.saturating_sub(bench.elapsed());
        let limit = end.map_or(step.timeout, |end| step.timeout.min(time(end)));
        let mut attempt = bench.attempt(step, index, limit).await;
        let new = bench.events(attempt.error.as_ref()).await;
        let state = classify::state(attempt.error.as_ref(), &new, bench.served());
        blame_board(&mut attempt, &new, state);
        events.extend(new);
        let is_over = end.is_some_and(|end| bench.elapsed() >= end);
        if state != StepState::Lab || attempts > retries || is_over {
            let outcome = StepOutcome { attempts, earlier_errors: earlier, events, ..not_begun(step) };
            return complete(outcome, attempt, state, start, bench.elapsed());
        }
        earlier.extend(attempt.error);
        for command in &scenario.lab.recover {
            bench.recover(command).await;
        }
    }
}

/// A step that found nothing wrong, while the board panicked or restarted, gets an error that says so.
fn blame_board(attempt: &mut Attempt, events: &[LogEvent], state: StepState) {
    let restarts =
        events.iter().filter(|event| event.kind == LogEventKind::Reset && event.blame != Blame::None);
    attempt.figures.restarts += restarts.count() as u64;
    let is_unexplained = attempt.error.as_ref().is_none_or(classify::is_unreachable);
    if state == StepState::Regression
        && is_unexplained
        && let Some(event) = classify::culprit(events)
    {
        let error = StepError::new(
            Fault::Finding,
            Code::HIL_BOARD_RESTARTED,
            "following what the board prints",
            &event.text,
        );
        let before = attempt.error.take();
        attempt.error =
            Some(StepError { evidence: before.into_iter().map(|error| error.what).collect(), ..error });
    }
}

fn complete(
    outcome: StepOutcome,
    attempt: Attempt,
    state: StepState,
    start: Duration,
    end: Duration,
) -> StepOutcome {
    StepOutcome {
        state,
        says: attempt.says,
        command: attempt.command,
        start_us: Some(micros(start)),
        duration_us: Some(micros(end.saturating_sub(start))),
        error: attempt.error,
        figures: attempt.figures,
        findings: attempt.findings,
        files: attempt.files,
        ..outcome
    }
}

fn not_run(halt: &Halt, step: &Step) -> Option<String> {
    match halt {
        _ if step.always == Always::Yes => None,
        Halt::No => None,
        Halt::Failed(name) => Some(format!("not run, because \"{name}\" failed")),
        Halt::TimeOver => Some("not run, because the time of the run was over".to_owned()),
    }
}

fn not_begun(step: &Step) -> StepOutcome {
    StepOutcome {
        name: step.name.clone(),
        kind: step.kind.word().to_owned(),
        line: Some(step.place.line),
        state: StepState::NotRun,
        says: None,
        command: None,
        attempts: 0,
        start_us: None,
        duration_us: None,
        error: None,
        earlier_errors: Vec::new(),
        figures: Figures::default(),
        findings: Vec::new(),
        events: Vec::new(),
        files: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::hil::{
        kind::StepKind,
        outcome::BoardIdentity,
        scenario::{LabTable, Place},
    };

    /// The error of an attempt, and what the board prints meanwhile.
    type Scripted = (Option<(Fault, Code)>, Vec<LogEvent>);

    /// A bench that does what its script says; each attempt takes a second.
    #[derive(Default)]
    struct Script {
        attempts: VecDeque<Scripted>,
        events: Vec<LogEvent>,
        now: Duration,
        done: Vec<String>,
        skipped: Vec<&'static str>,
    }

    impl Bench for Script {
        fn skips(&self, step: &Step) -> Option<String> {
            self.skipped.contains(&step.name.as_str()).then(|| "left out".to_owned())
        }

        async fn attempt(&mut self, step: &Step, _: usize, limit: Duration) -> Attempt {
            self.done.push(step.name.clone());
            self.now += limit.min(Duration::from_secs(1));
            let (error, events) = self.attempts.pop_front().unwrap_or_default();
            self.events = events;
            let error = error.map(|(fault, code)| StepError::new(fault, code, "doing", "what"));
            Attempt { error, ..Attempt::default() }
        }

        async fn events(&mut self, _: Option<&StepError>) -> Vec<LogEvent> {
            std::mem::take(&mut self.events)
        }

        async fn recover(&mut self, command: &str) {
            self.done.push(command.to_owned());
        }

        fn served(&self) -> Served {
            Served::No
        }

        fn elapsed(&self) -> Duration {
            self.now
        }

        fn describe(&self, _: &mut BoardRun) {}
    }

    /// Counts how often the run was to be saved.
    #[derive(Default)]
    struct Saved(usize);

    impl Follower for Saved {
        fn begins(&mut self, _: &Step, _: usize) {}

        fn ended(&mut self, run: &BoardRun, index: usize) {
            assert_eq!(run.steps.len(), 4);
            assert_eq!(index, self.0, "after each step");
            self.0 += 1;
        }
    }

    fn scenario(names: [&str; 4]) -> Scenario {
        let step = |name: &str| Step {
            name: name.to_owned(),
            kind: StepKind::Wait,
            fields: Vec::new(),
            timeout: Duration::from_secs(9),
            always: if name == "clean" { Always::Yes } else { Always::No },
            retry: None,
            place: Place { line: 1, column: 1 },
        };
        Scenario {
            name: "test".to_owned(),
            target: None,
            targets: Vec::new(),
            max_time: None,
            lab: LabTable { recover: vec!["hook".to_owned()], retries: 1 },
            steps: names.iter().map(|name| step(name)).collect(),
        }
    }

    async fn states(bench: &mut Script, max_time: Option<Duration>) -> (Vec<StepState>, StepState) {
        let scenario = scenario(["a", "b", "c", "clean"]);
        let name = "board".to_owned();
        let board =
            BoardIdentity { name, mac: None, port: None, address: None, firmware: None, cert_sha256: None };
        let empty = BoardRun {
            board,
            state: StepState::Passed,
            steps: Vec::new(),
            heap: Vec::new(),
            serial_log: None,
        };
        let mut saved = Saved::default();
        let done = run(&scenario, max_time, planned(&scenario, empty), bench, &mut saved).await;
        assert_eq!(saved.0, 4);
        (done.steps.iter().map(|step| step.state).collect(), done.state)
    }

    #[tokio::test]
    async fn a_failure_ends_the_run_except_for_what_always_runs() {
        use StepState::{NotRun, Passed, Regression};
        let mut bench = Script::default();
        bench.attempts.push_back((None, Vec::new()));
        bench.attempts.push_back((Some((Fault::Finding, Code::LOAD_GATE)), Vec::new()));
        assert_eq!(states(&mut bench, None).await, (vec![Passed, Regression, NotRun, Passed], Regression));
        assert_eq!(bench.done, ["a", "b", "clean"], "a regression is not tried again, and no hook runs");
    }

    #[tokio::test]
    async fn the_lab_is_tried_again_after_its_hooks_as_often_as_it_says() {
        use StepState::{Lab, NotRun, Passed};
        let lab = || (Some((Fault::Environment, Code::PORT_BUSY)), Vec::new());
        let mut once = Script { attempts: [lab()].into(), ..Script::default() };
        assert_eq!(states(&mut once, None).await, (vec![Passed; 4], Passed));
        assert_eq!(once.done, ["a", "hook", "a", "b", "c", "clean"]);
        let mut twice = Script { attempts: [lab(), lab()].into(), ..Script::default() };
        assert_eq!(states(&mut twice, None).await, (vec![Lab, NotRun, NotRun, Passed], Lab));
        assert_eq!(twice.done, ["a", "hook", "a", "clean"]);
    }

    #[tokio::test]
    async fn no_step_begins_after_the_time_of_the_run_but_what_cleans_up() {
        use StepState::{CouldNotTell, NotRun, Passed};
        let mut bench = Script::default();
        let limit = Some(Duration::from_millis(1500));
        assert_eq!(states(&mut bench, limit).await, (vec![Passed, Passed, NotRun, Passed], CouldNotTell));
        assert_eq!(bench.done, ["a", "b", "clean"]);
        assert_eq!(
            bench.now,
            Duration::from_millis(2500),
            "the second step has what is left, the last one its own time"
        );
    }

    #[tokio::test]
    async fn a_panic_fails_the_step_that_it_fell_into_and_what_is_left_out_fails_nothing() {
        use StepState::{NotRun, Passed, Regression, Skipped};
        let panic =
            LogEvent { at_us: 1, kind: LogEventKind::Panic, blame: Blame::Firmware, text: "oh".to_owned() };
        let mut bench =
            Script { attempts: [(None, vec![panic])].into(), skipped: vec!["a"], ..Script::default() };
        assert_eq!(states(&mut bench, None).await, (vec![Skipped, Regression, NotRun, Passed], Regression));
    }
}
