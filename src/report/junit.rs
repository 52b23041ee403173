//! A result as JUnit XML: a suite a server, a case a question, a check and a change.

use quick_junit::{NonSuccessKind, Report as Document, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::client::{exchange::Exchange, trust::TrustVerdict};
use crate::probe::{
    audit::item::{Item, Verdict},
    check::{Check, CheckOutcome},
    hosts::{Examination, HostReport, HostResult},
};

/// The XML for these servers.
///
/// # Errors
/// When it can't be written, which no text of a device brings about.
pub fn junit(hosts: &[HostResult]) -> Result<String, SerializeError> {
    let mut document = Document::new("esp-https probe");
    for host in hosts {
        document.add_test_suite(suite(host));
    }
    document.to_string()
}

fn suite(host: &HostResult) -> TestSuite {
    let mut suite = TestSuite::new(host.target.as_str());
    suite.add_test_case(handshake(host));
    let Some(HostReport { found, exchange, unanswered, checks, changes, .. }) = &host.result else {
        return suite;
    };
    match (exchange, unanswered) {
        (Some(exchange), _) => suite.add_test_case(request(exchange)),
        (None, Some(says)) => suite.add_test_case(failed("request", NonSuccessKind::Error, says)),
        (None, None) => &mut suite,
    };
    if let Some(Examination::Audit(audit)) = found {
        suite.add_test_cases(audit.items.iter().map(item));
    }
    suite.add_test_cases(checks.iter().map(check));
    for change in changes.iter().flatten() {
        let says = format!("was {}, is {}", told(change.was.as_ref()), told(change.is.as_ref()));
        suite.add_test_case(failed(&format!("baseline.{}", change.what), NonSuccessKind::Failure, &says));
    }
    suite
}

/// The test case of the run itself: whether the server was reached and could be asked.
fn handshake(host: &HostResult) -> TestCase {
    match &host.error {
        // The request has a case of its own.
        Some(_) if host.result.as_ref().is_some_and(|result| result.unanswered.is_some()) => {
            TestCase::new("handshake", TestCaseStatus::success())
        }
        Some(error) if host.result.is_none() || error.fault.exit_code() > EXIT_INCONCLUSIVE => {
            failed("handshake", NonSuccessKind::Error, &format!("{} ({})", error.what, error.code))
        }
        Some(error) if is_refused(host) => {
            failed("handshake", NonSuccessKind::Failure, &format!("{} ({})", error.what, error.code))
        }
        _ => TestCase::new("handshake", TestCaseStatus::success()),
    }
}

/// Whether the server's certificate is not the expected one.
fn is_refused(host: &HostResult) -> bool {
    let facts = host.result.as_ref().and_then(|result| result.found.as_ref()).map(Examination::facts);
    let look = facts.and_then(|facts| facts.look);
    look.is_some_and(|look| look.trust.verdict == TrustVerdict::Refused)
}

/// The request that was answered. Whether the answer is right is for the checks.
fn request(exchange: &Exchange) -> TestCase {
    let (sent, answer) = (&exchange.request, &exchange.answer);
    let mut case = TestCase::new("request", TestCaseStatus::success());
    case.set_system_out(format!(
        "{} {}: {}, {} bytes",
        sent.method, sent.path, answer.status, answer.body.bytes
    ));
    case
}

/// "No" is an answer as good as "yes"; only a check says which is wanted.
fn item(item: &Item) -> TestCase {
    match item.verdict {
        Verdict::Yes | Verdict::No => {
            let mut case = TestCase::new(item.subject.id.text(), TestCaseStatus::success());
            let verdict = if item.verdict == Verdict::Yes { "yes" } else { "no" };
            case.set_system_out(format!("{}: {verdict} ({})", item.subject.title, item.evidence.says));
            case
        }
        Verdict::Inconclusive => {
            failed(item.subject.id.text(), NonSuccessKind::Error, &item.evidence.says.to_string())
        }
        Verdict::Skipped | Verdict::NotApplicable => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(item.evidence.says.to_string());
            TestCase::new(item.subject.id.text(), status)
        }
    }
}

fn check(check: &Check) -> TestCase {
    let says = format!("wanted {}, found {}", check.wanted, check.found);
    match check.outcome {
        CheckOutcome::Passed => TestCase::new(check.id.as_str(), TestCaseStatus::success()),
        CheckOutcome::Failed => failed(&check.id, NonSuccessKind::Failure, &says),
        CheckOutcome::Unknown => failed(&check.id, NonSuccessKind::Error, &says),
    }
}

fn failed(name: &str, kind: NonSuccessKind, says: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(says);
    TestCase::new(name, status)
}

fn told(side: Option<&String>) -> &str {
    side.map_or("absent", String::as_str)
}

const EXIT_INCONCLUSIVE: u8 = 3;
