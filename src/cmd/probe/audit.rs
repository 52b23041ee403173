//! `esp-https probe --audit` and `--all`.

use crate::{
    cli::AuditArgs,
    client::trust::TrustVerdict,
    counted::counted,
    error::{Code, Error, Fault},
    interrupt::Signal,
    probe::audit::{
        Audit, Ended, Limits, Scope,
        health::HealthState,
        item::{ItemId, Verdict},
    },
};

/// How much to ask; `None` for one look.
pub(super) fn scope(args: &AuditArgs) -> Option<Scope> {
    match (args.audit, args.all) {
        (_, true) => Some(Scope::All),
        (true, false) => Some(Scope::Audit),
        (false, false) => None,
    }
}

/// What it may cost.
pub(super) fn limits(args: &AuditArgs) -> Limits {
    Limits { max_connections: args.max_connections, deadline: args.deadline.unwrap_or(DEADLINE) }
}

/// Why an audit is incomplete: a signal ended it, the server can't be reached, or a question has no answer.
pub(super) fn shortcoming(audit: &Audit, signal: Option<Signal>) -> Option<Error> {
    let doing = format!("auditing {}", audit.target);
    if audit.ended == Ended::Interrupted {
        let by = signal.map_or(String::new(), |signal| format!("by {}, ", signal.name()));
        let skipped = audit.items.iter().filter(|item| item.verdict == Verdict::Skipped).count();
        let what = format!("{by}with {skipped} of {} questions skipped", audit.items.len());
        return Some(Error::new(Fault::Interrupted, Code::PROBE_INTERRUPTED, doing, what));
    }
    // What takes a handshake that can't be completed is in the report, and no shortcoming: all that can be asked was asked.
    let count = |verdict| audit.items.iter().filter(|it| it.verdict == verdict && it.is_open()).count();
    let (open, skipped) = (count(Verdict::Inconclusive), count(Verdict::Skipped));
    let answered = audit.ledger.accepted_hellos + audit.ledger.refused_hellos;
    if audit.health.state == HealthState::Gone || answered == 0 {
        let after = audit.health.last_question.map_or("", ItemId::text);
        let what = match answered {
            0 => format!(
                "it answered none of {} attempts, and refused {} of them",
                audit.ledger.attempts, audit.ledger.refused
            ),
            _ => format!("it stopped answering; the last question was {after}"),
        };
        return Some(Error::new(Fault::Device, Code::PROBE_GONE, doing, what).hint(GONE));
    }
    if let Some(seen) = audit.observation.as_ref().filter(|seen| seen.trust.verdict == TrustVerdict::Refused)
    {
        let what = seen.trust.explanation.clone();
        return Some(Error::new(Fault::Finding, Code::PROBE_NOT_TRUSTED, doing, what).hint(TRUST));
    }
    unanswered(audit, doing, open, skipped)
}

/// Questions that have no answer: open ones, and ones that were skipped.
fn unanswered(audit: &Audit, doing: String, open: usize, skipped: usize) -> Option<Error> {
    let (count, what, hint) = match (open, skipped) {
        (0, 0) => return None,
        (0, 1) => (1, "was skipped, because a limit was reached", MORE),
        (0, skipped) => (skipped, "were skipped, because a limit was reached", MORE),
        (open, _) if !audit.contradictions.is_empty() => (open, "could not be answered", CONTRADICTION),
        (open, _) if audit.refused_by.is_some() => (open, "could not be answered", NAME),
        (open, _) if audit.wants_client_certificate() => (open, "could not be answered", CERTIFICATE),
        (open, _) => (open, "could not be answered", AGAIN),
    };
    Some(
        Error::new(
            Fault::Inconclusive,
            Code::PROBE_INCONCLUSIVE,
            doing,
            format!("{} {what}", counted(count as u64, "question")),
        )
        .hint(hint),
    )
}

const DEADLINE: std::time::Duration = std::time::Duration::from_secs(600);
const GONE: &str = "check that the server runs, and look in its log for that question\nthen start again with one connection: `esp-https \
                    probe` without --audit";
const TRUST: &str = "the rest of the report is valid; `esp-https probe` with the same options explains the certificate's fault";
const MORE: &str = "allow more with --max-connections and --deadline";
const CERTIFICATE: &str = "the device asks for a client certificate: --client-cert and --client-key";
const CONTRADICTION: &str = "the report contradicts itself: please report this, with the output of --json\nunless several servers stand behind this \
                    address";
const NAME: &str = "the device may need the name that it has: --server-name NAME";
const AGAIN: &str = "run it again when the device is idle; the report says for each question what happened";
