//! `load`: a case for the run itself, one for each gate, and one for each finding.

use std::time::Duration;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Case, CaseOutcome, Suite};
use crate::{
    authority::host_and_port,
    error::{Error, Fault},
    load::{
        limit::SearchResult,
        remark::Remark,
        summary::{GateResult, GateVerdict, LoadedTarget, Summary},
    },
    report::load::gate_value,
};

impl Suite {
    /// The suite of a run, which ended with this error.
    #[must_use]
    pub fn of_run(summary: &Summary, error: Option<&Error>) -> Self {
        let judged = summary.gates.iter().map(gate).chain(summary.findings.iter().map(finding)).collect();
        let says = format!("{} units completed, {} failed", summary.units.completed, summary.units.failed);
        let took = Duration::from_micros(summary.elapsed_us);
        suite(&summary.target, &summary.started_at, took, run("load", error, judged, took, says))
    }

    /// The suite of a search for limits, which ended with this error.
    #[must_use]
    pub fn of_search(search: &SearchResult, error: Option<&Error>) -> Self {
        let took = Duration::from_micros(search.elapsed_us);
        let judged = search.findings.iter().map(finding).collect();
        let says = format!("{} steps", search.limits.steps.len());
        suite(&search.target, &search.started_at, took, run("find_limit", error, judged, took, says))
    }
}

fn suite(target: &LoadedTarget, started_at: &str, took: Duration, cases: Vec<Case>) -> Suite {
    let started = OffsetDateTime::parse(started_at, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    Suite {
        name: format!("{}{}", host_and_port(&target.host, target.port), target.path),
        started,
        took,
        cases,
    }
}

/// The run's own case before the others. An error that one of them tells is not told twice.
fn run(name: &str, error: Option<&Error>, judged: Vec<Case>, took: Duration, says: String) -> Vec<Case> {
    let is_judgement = error.is_some_and(|error| matches!(error.fault, Fault::Finding | Fault::Inconclusive));
    let is_told = is_judgement && judged.iter().any(|case| case.outcome != CaseOutcome::Passed);
    let outcome = if is_told { CaseOutcome::Passed } else { CaseOutcome::of(error) };
    let own = Case::new(name, outcome).took(took).says(says);
    [own].into_iter().chain(judged).collect()
}

fn gate(gate: &GateResult) -> Case {
    let says = format!("{} is true: the value is {}", gate.fail_if, gate_value(gate));
    let outcome = match gate.verdict {
        GateVerdict::Passed => CaseOutcome::Passed,
        GateVerdict::Failed => CaseOutcome::Failed(says),
        GateVerdict::NotMeasured => CaseOutcome::Error("the figure was not measured".to_owned()),
    };
    Case::new(format!("fail_if {}", gate.fail_if), outcome).says(gate_value(gate))
}

fn finding(finding: &Remark) -> Case {
    let name = serde_json::to_value(finding.code).ok();
    let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or("finding");
    Case::new(name, CaseOutcome::Failed(finding.text.clone()))
}
