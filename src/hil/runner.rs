//! Runs the steps of a scenario on one board: in which order, how often, and what each amounts to. What a step does is behind
//! a trait, so that all of this is tried in memory.

use std::time::Duration;

use super::{
    classify::{self, Served},
    log_event::{LogEvent, LogEventKind},
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
    let restarts = events
        .iter()
        .filter(|event| event.kind == LogEventKind::Reset && event.blame != super::log_event::Blame::None);
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
