//! The results of `hil check` and `hil plan`, as data.

use serde::Serialize;

use super::{
    fault::ScenarioFault,
    kind::StepKind,
    outcome::{BoardIdentity, TargetKind},
    scenario::{Always, Scenario, Step},
    shown::without_secret,
};
use crate::duration::micros;

/// What `hil check` found.
#[derive(Debug, Serialize)]
pub struct CheckedScenario {
    /// The scenario's file.
    pub file: String,
    /// What it is called; null when it can't be read.
    pub scenario: Option<String>,
    /// The names of its steps.
    pub steps: Vec<String>,
    /// The names of its targets.
    pub targets: Vec<String>,
    /// All that is wrong with it, in the order of the lines.
    pub faults: Vec<ScenarioFault>,
}

impl CheckedScenario {
    /// A scenario in which nothing is wrong.
    #[must_use]
    pub fn good(file: &str, scenario: &Scenario) -> Self {
        Self {
            file: file.to_owned(),
            scenario: Some(scenario.name.clone()),
            steps: scenario.steps.iter().map(|step| step.name.clone()).collect(),
            targets: scenario.targets.iter().map(|target| target.name.clone()).collect(),
            faults: Vec::new(),
        }
    }

    /// One in which something is.
    #[must_use]
    pub fn bad(file: &str, faults: Vec<ScenarioFault>) -> Self {
        Self { file: file.to_owned(), scenario: None, steps: Vec::new(), targets: Vec::new(), faults }
    }
}

/// What a run would do.
#[derive(Debug, Serialize)]
pub struct PlannedRun {
    /// The scenario's file.
    pub file: String,
    /// What the scenario is called.
    pub scenario: String,
    /// The name of the target.
    pub target: String,
    /// What it is.
    pub target_kind: TargetKind,
    /// The boards, as far as they are known without asking them.
    pub boards: Vec<BoardIdentity>,
    /// How long all of it may take, in microseconds.
    pub max_time_us: Option<u64>,
    /// The steps, in their order.
    pub steps: Vec<PlannedStep>,
}

/// What a step would do.
#[derive(Debug, Serialize)]
pub struct PlannedStep {
    /// Its name.
    pub name: String,
    /// The word of its kind.
    pub kind: String,
    /// Its fields as they would be on a command line; references are not replaced, and secrets are not shown.
    pub words: Vec<String>,
    /// Why it would be left out on this target.
    pub skipped: Option<String>,
    /// Whether it runs although a step before it failed.
    pub always: bool,
    /// How long one attempt may take, in microseconds.
    pub timeout_us: u64,
    /// How often it is tried again when the lab is at fault.
    pub retries: u32,
}

impl PlannedRun {
    /// The plan of a scenario on a target.
    #[must_use]
    pub fn new(
        file: &str,
        scenario: &Scenario,
        target: &str,
        target_kind: TargetKind,
        boards: Vec<BoardIdentity>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            scenario: scenario.name.clone(),
            target: target.to_owned(),
            target_kind,
            boards,
            max_time_us: scenario.max_time.map(micros),
            steps: scenario.steps.iter().map(|step| planned(scenario, step, target_kind)).collect(),
        }
    }
}

/// Why a step is left out on a target.
#[must_use]
pub fn left_out(kind: StepKind, target: TargetKind) -> Option<String> {
    let is_for_boards = matches!(kind, StepKind::Flash | StepKind::Restart | StepKind::Serial);
    (is_for_boards && target == TargetKind::Address)
        .then(|| format!("a server at an address is left as it is: no {}", kind.word()))
}

fn planned(scenario: &Scenario, step: &Step, target: TargetKind) -> PlannedStep {
    let mut words = Vec::new();
    for field in &step.fields {
        if field.values.is_empty() {
            words.push(format!("--{}", field.name));
        }
        words.extend(field.values.iter().map(|value| format!("--{}={value}", field.name)));
    }
    PlannedStep {
        name: step.name.clone(),
        kind: step.kind.word().to_owned(),
        words: words.iter().map(|word| without_secret(word)).collect(),
        skipped: left_out(step.kind, target),
        always: step.always == Always::Yes,
        timeout_us: micros(step.timeout),
        retries: step.retry.unwrap_or(scenario.lab.retries),
    }
}
