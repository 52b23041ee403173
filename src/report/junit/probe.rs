//! `probe`: a suite a server, a case a question, a check and a change.

use std::time::Duration;

use super::{Case, CaseOutcome, Suite};
use crate::{
    client::{exchange::Exchange, trust::TrustVerdict},
    error::Error,
    probe::{
        audit::item::{Item, Verdict},
        check::{Change, Check, CheckOutcome},
        hosts::{Examination, HostReport, HostResult},
    },
};

impl From<&HostResult> for Suite {
    fn from(host: &HostResult) -> Self {
        let mut cases = vec![handshake(host)];
        if let Some(HostReport { found, exchange, unanswered, checks, changes, .. }) = &host.result {
            cases.extend(exchange.as_ref().map(request));
            let unanswered = unanswered.as_ref().map(|says| CaseOutcome::Error(says.clone()));
            cases.extend(unanswered.map(|outcome| Case::new("request", outcome)));
            if let Some(Examination::Audit(audit)) = found {
                cases.extend(audit.items.iter().map(item));
            }
            cases.extend(checks.iter().map(check));
            cases.extend(changes.iter().flatten().map(change));
        }
        Self { name: host.target.clone(), started: host.span.started, took: host.span.took, cases }
    }
}

/// The case of the run itself: whether the server was reached and could be asked.
fn handshake(host: &HostResult) -> Case {
    let look = host.result.as_ref().and_then(|it| it.found.as_ref()).and_then(|found| found.facts().look);
    let took = look.map_or(host.span.took, |look| Duration::from_micros(look.timing.total_us));
    let is_refused = look.is_some_and(|look| look.trust.verdict == TrustVerdict::Refused);
    // The request has a case of its own.
    let is_requests = host.result.as_ref().is_some_and(|result| result.unanswered.is_some());
    let says = |error: &Error| format!("{} ({})", error.what, error.code);
    let outcome = match &host.error {
        Some(_) if is_requests => CaseOutcome::Passed,
        Some(error) if host.result.is_none() || error.fault.exit_code() > EXIT_INCONCLUSIVE => {
            CaseOutcome::Error(says(error))
        }
        Some(error) if is_refused => CaseOutcome::Failed(says(error)),
        _ => CaseOutcome::Passed,
    };
    Case::new("handshake", outcome).took(took)
}

/// The request that was answered. Whether the answer is right is for the checks.
fn request(exchange: &Exchange) -> Case {
    let (sent, answer) = (&exchange.request, &exchange.answer);
    let says = format!("{} {}: {}, {} bytes", sent.method, sent.path, answer.status, answer.body.bytes);
    let took = Duration::from_micros(exchange.timing.total_us);
    Case::new("request", CaseOutcome::Passed).took(took).says(says)
}

/// "No" is an answer as good as "yes"; only a check says which is wanted.
fn item(item: &Item) -> Case {
    let (name, says) = (item.subject.id.text(), item.evidence.says.to_string());
    match item.verdict {
        Verdict::Yes | Verdict::No => {
            let verdict = if item.verdict == Verdict::Yes { "yes" } else { "no" };
            let told = format!("{}: {verdict} ({says})", item.subject.title);
            Case::new(name, CaseOutcome::Passed).says(told)
        }
        Verdict::Inconclusive => Case::new(name, CaseOutcome::Error(says)),
        Verdict::Skipped | Verdict::NotApplicable => Case::new(name, CaseOutcome::Skipped(says)),
    }
}

fn check(check: &Check) -> Case {
    let says = format!("wanted {}, found {}", check.wanted, check.found);
    let outcome = match check.outcome {
        CheckOutcome::Passed => CaseOutcome::Passed,
        CheckOutcome::Failed => CaseOutcome::Failed(says),
        CheckOutcome::Unknown => CaseOutcome::Error(says),
    };
    Case::new(check.id.as_str(), outcome)
}

fn change(change: &Change) -> Case {
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "absent".to_owned());
    let says = format!("was {}, is {}", side(&change.was), side(&change.is));
    Case::new(format!("baseline.{}", change.what), CaseOutcome::Failed(says))
}

const EXIT_INCONCLUSIVE: u8 = 3;
