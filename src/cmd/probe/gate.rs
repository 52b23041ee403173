//! What a server should be: `--expect-*`, `--policy`, `--baseline`.

use std::{path::Path, str::FromStr};

use serde_json::Value;

use super::answer;
use crate::{
    cli::ProbeArgs,
    counted::counted,
    error::{Code, Error, Fault, Result},
    os_error::in_words,
    probe::check::{
        AnswerExpectations, Baseline, BaselineError, Change, Check, CheckOutcome, Expectations, Facts,
        Policy, changes,
    },
    probe::hosts::Examination,
    text,
    tls::Unnamed,
};

/// What every server is compared with.
#[derive(Debug, Default)]
pub(super) struct Gate {
    expectations: Expectations,
    answer: AnswerExpectations,
    policy: Policy,
    baseline: Option<Baseline>,
}

impl Gate {
    /// Reads all of it, before anything is asked. `audited` says whether an audit is asked for.
    pub(super) fn new(probe: &ProbeArgs, audited: bool) -> Result<Self> {
        let args = &probe.gate;
        let answer = answer::expectations(&probe.answer)?;
        let expectations = Expectations {
            version: parsed("--expect-version", args.expect_version.as_deref())?,
            suite: parsed("--expect-suite", args.expect_suite.as_deref())?,
            group: parsed("--expect-group", args.expect_group.as_deref())?,
            days: args.expect_days,
        };
        let policy = args.policy.as_deref().map_or(Ok(Policy::default()), policy)?;
        if policy.needs_audit() && !audited {
            let what = "it has rules for [items], [at_least] or [findings], which only an audit can check";
            return Err(unusable("--policy", args.policy.as_deref(), what).hint("add --audit"));
        }
        let baseline = args.baseline.as_deref().map(baseline).transpose()?;
        Ok(Self { expectations, answer, policy, baseline })
    }

    /// Makes sure that the older result has all targets: better now than after a long run.
    pub(super) fn check_targets(&self, targets: &[String]) -> Result<()> {
        let Some(baseline) = &self.baseline else { return Ok(()) };
        targets
            .iter()
            .try_for_each(|target| baseline.result(target).map(drop).map_err(|error| no_result(&error)))
    }

    /// Compares all of it with what was seen.
    pub(super) fn checks(&self, facts: Facts<'_>) -> Vec<Check> {
        let mut checks = self.expectations.checks(facts);
        checks.extend(self.answer.checks(facts.exchange));
        checks.extend(self.policy.checks(facts));
        checks
    }

    /// What has changed; `None` where no older result was given.
    pub(super) fn changes(&self, target: &str, found: &Examination) -> Result<Option<Vec<Change>>> {
        let Some(baseline) = &self.baseline else { return Ok(None) };
        let was = baseline.result(target).map_err(|error| no_result(&error))?;
        let is = serde_json::to_value(found).unwrap_or(Value::Null);
        Ok(Some(changes(was, &is)))
    }
}

fn no_result(error: &BaselineError) -> Error {
    Error::new(Fault::Usage, Code::PROBE_BASELINE, "comparing with --baseline", error.to_string())
        .hint("give a document of an earlier `esp-https probe --json -o FILE` with the same target")
}

/// The error of a check that failed or could not be decided; one that failed comes first.
pub(super) fn shortcoming(target: &str, checks: &[Check], changes: &[Change]) -> Option<Error> {
    let doing = format!("checking {target}");
    let of = |outcome| checks.iter().filter(move |check| check.outcome == outcome);
    if let Some(first) = of(CheckOutcome::Failed).next() {
        let what = format!("{}: wanted {}, found {}", first.id, first.wanted, first.found);
        let more = of(CheckOutcome::Failed).count() - 1;
        let what = if more > 0 {
            format!("{what}; and {} failed", counted(more as u64, "more check"))
        } else {
            what
        };
        return Some(Error::new(Fault::Finding, Code::PROBE_CHECK_FAILED, doing, what).advised());
    }
    if let Some(first) = changes.first() {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "absent".to_owned());
        let what = format!("{} was {}, is {}", first.what, side(&first.was), side(&first.is));
        let more = changes.len() - 1;
        let what =
            if more > 0 { format!("{what}; and {}", counted(more as u64, "more change")) } else { what };
        return Some(Error::new(Fault::Finding, Code::PROBE_CHANGED, doing, what).advised());
    }
    let first = of(CheckOutcome::Unknown).next()?;
    let what = format!("{}: wanted {}, {}", first.id, first.wanted, first.found);
    Some(Error::new(Fault::Inconclusive, Code::PROBE_CHECK_UNKNOWN, doing, what).advised())
}

fn parsed<T: FromStr<Err = Unnamed>>(option: &str, text: Option<&str>) -> Result<Option<T>> {
    let bad = |error: Unnamed| {
        Error::new(Fault::Usage, Code::PROBE_EXPECTATION, format!("reading {option}"), error.to_string())
            .hint("names as `esp-https probe` shows them: TLS 1.3, TLS_AES_128_GCM_SHA256, x25519; or a number as 0x1301")
    };
    text.map(str::parse).transpose().map_err(bad)
}

fn policy(path: &Path) -> Result<Policy> {
    let text = read("--policy", path)?;
    Policy::parse(&text).map_err(|error| {
        unusable("--policy", Some(path), &error.to_string()).hint(
            "tables are [negotiated] [certificate] [time] [items] [at_least] [findings]: docs/policy.md",
        )
    })
}

fn baseline(path: &Path) -> Result<Baseline> {
    let text = read("--baseline", path)?;
    Baseline::parse(&text).map_err(|error| {
        unusable("--baseline", Some(path), &error.to_string())
            .hint("give a document that `esp-https probe --json -o FILE` wrote")
    })
}

fn read(option: &str, path: &Path) -> Result<String> {
    text::read_to_string(path).map_err(|source| {
        unusable(option, Some(path), &in_words(&source)).hint("check the path").source(source)
    })
}

fn unusable(option: &str, path: Option<&Path>, what: &str) -> Error {
    let path = path.map(|path| format!(" {}", path.display())).unwrap_or_default();
    Error::new(Fault::Usage, Code::PROBE_GATE_FILE, format!("reading {option}{path}"), what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_t_be_told_of_a_server_is_neither_passed_nor_failed() {
        let check = Check {
            id: "policy.items.heartbeat".to_owned(),
            wanted: "no".to_owned(),
            found: "it was not asked".to_owned(),
            outcome: CheckOutcome::Unknown,
        };
        insta::assert_snapshot!(shortcoming("192.168.1.7:443", &[check], &[]).unwrap().told(), @r"
        3 probe.check_unknown: checking 192.168.1.7:443: policy.items.heartbeat: wanted no, it was not asked
          try: run it again when the device is idle
        ");
    }
}
