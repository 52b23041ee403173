//! Steps that look at what the board prints, or only let time pass.

use std::time::Duration;

use regex::Regex;

use super::{HilBench, StepResult, child::How, failed};
use crate::{
    error::{Code, Fault},
    hil::{
        outcome::{FindingKind, StepError, StepFinding},
        runner::Attempt,
        scenario::Step,
    },
};

impl HilBench<'_> {
    /// Lines that must come, and lines that must not.
    pub(super) async fn serial(&mut self, step: &Step, limit: Duration) -> Attempt {
        let (expect, reject) = match (self.patterns(step, "expect"), self.patterns(step, "reject")) {
            (Ok(expect), Ok(reject)) => (expect, reject),
            (Err(error), _) | (_, Err(error)) => return failed(error),
        };
        // Without a time of its own, only lines that have to come are waited for.
        let default = if expect.is_empty() { Duration::ZERO } else { WITHIN };
        let within = self.time(step, "within").unwrap_or(default).min(limit);
        let is_told = |bench: &Self| {
            bench.log.look(|log| {
                let has = |pattern: &Regex| log.lines().iter().any(|line| pattern.is_match(line));
                reject.iter().any(has) || !expect.is_empty() && expect.iter().all(has)
            })
        };
        let ended = self.until(within, is_told).await;
        if let Err(how @ How::Stopped(_)) = ended {
            return Attempt { error: Self::cut(how, step, limit), ..Attempt::default() };
        }
        self.log.look(|log| judge(step, log.lines(), &expect, &reject, within))
    }

    pub(super) async fn wait(&mut self, step: &Step, limit: Duration) -> Attempt {
        let time = self.time(step, "time").unwrap_or_default();
        let ended = self.until(time.min(limit), |_| false).await;
        let error = match ended {
            Err(How::TimeOver) if time > limit => Self::cut(How::TimeOver, step, limit),
            Err(how @ How::Stopped(_)) => Self::cut(how, step, limit),
            _ => None,
        };
        Attempt { error, ..Attempt::default() }
    }

    fn patterns(&self, step: &Step, name: &str) -> StepResult<Vec<Regex>> {
        let wrong = |what: String| {
            Box::new(StepError::new(
                Fault::Usage,
                Code::HIL_SCENARIO,
                format!("preparing the step \"{}\"", step.name),
                what,
            ))
        };
        let Some(field) = step.field(name) else { return Ok(Vec::new()) };
        let mut patterns = Vec::new();
        for value in &field.values {
            let filled =
                value.fill(|reference| self.context.value(reference).map(|value| regex::escape(&value)));
            let text = filled.map_err(|reference| wrong(format!("{reference} is not known")))?;
            patterns
                .push(Regex::new(&text).map_err(|_| wrong(format!("{name} is not a regular expression")))?);
        }
        Ok(patterns)
    }
}

fn judge(step: &Step, lines: &[String], expect: &[Regex], reject: &[Regex], within: Duration) -> Attempt {
    let first = |pattern: &Regex| lines.iter().find(|line| pattern.is_match(line));
    let finding = |id: &str, pattern: &Regex, says: String| StepFinding {
        id: id.to_owned(),
        kind: FindingKind::Check,
        says,
        wanted: Some(pattern.to_string()),
    };
    let mut findings = Vec::new();
    for pattern in reject {
        findings
            .extend(first(pattern).map(|line| finding("serial.reject", pattern, format!("found: {line}"))));
    }
    for pattern in expect.iter().filter(|pattern| first(pattern).is_none()) {
        findings.push(finding("serial.expect", pattern, format!("not among {} lines", lines.len())));
    }
    let says = expect.iter().find_map(first).cloned();
    let error = findings.first().map(|first| failure(step, first, within));
    Attempt { error, says, findings, ..Attempt::default() }
}

fn failure(step: &Step, first: &StepFinding, within: Duration) -> StepError {
    let pattern = first.wanted.as_deref().unwrap_or_default();
    let what = match first.id.as_str() {
        "serial.reject" => format!("a line came that must not, /{pattern}/: {}", first.says),
        _ => format!("no line matched /{pattern}/ within {} s", within.as_secs()),
    };
    StepError::new(
        Fault::Finding,
        Code::HIL_LINE,
        format!("looking at the serial log in \"{}\"", step.name),
        what,
    )
    .hint("look at serial.log in the folder of the run")
}

const WITHIN: Duration = Duration::from_secs(10);
