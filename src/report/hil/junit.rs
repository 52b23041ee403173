//! A run as JUnit XML: a suite a board, a case a step, and a case a figure that is worse than in the older run.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report as Document, SerializeError, TestCase, TestCaseStatus, TestRerun,
    TestSuite, XmlString,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{change, figures, words};
use crate::hil::{
    comparison::{Change, ChangeVerdict, Comparison},
    outcome::{BoardRun, HilRun, LabFailure, StepError, StepOutcome},
    state::StepState,
};
use crate::report::junit::timestamp;

/// The XML for this run.
///
/// # Errors
/// When it can't be written, which no text of a device brings about.
pub fn junit(run: &HilRun) -> Result<String, SerializeError> {
    let mut document = Document::new(format!("esp-https hil: {}", run.scenario));
    document.set_time(Duration::from_micros(run.duration_us));
    for board in &run.boards {
        document.add_test_suite(suite(run, board));
    }
    document.to_string()
}

fn suite(run: &HilRun, board: &BoardRun) -> TestSuite {
    let mut suite = TestSuite::new(board.board.name.as_str());
    let steps = || board.steps.iter();
    let begun = steps().filter_map(|step| step.start_us).min();
    if let Some(at) = at(run, begun.unwrap_or(0)) {
        suite.extra.insert(XmlString::new("timestamp"), XmlString::new(at));
    }
    suite.set_time(Duration::from_micros(steps().filter_map(|step| step.duration_us).sum()));
    suite.add_properties(properties(run, board));
    suite.add_test_cases(steps().map(|step| case(run, board, step)));
    let worse =
        run.comparison.iter().flat_map(|comparison: &Comparison| comparison.of(ChangeVerdict::Regression));
    suite.add_test_cases(worse.filter(|change| change.board == board.board.name).map(worse_case));
    suite
}

/// Who the board is: what a name alone does not tell.
fn properties(run: &HilRun, board: &BoardRun) -> Vec<Property> {
    let identity = &board.board;
    let known = [
        ("target", Some(&run.target)),
        ("esp-https", Some(&run.version)),
        ("mac", identity.mac.as_ref()),
        ("port", identity.port.as_ref()),
        ("address", identity.address.as_ref()),
        ("firmware", identity.firmware.as_ref()),
        ("cert_sha256", identity.cert_sha256.as_ref()),
    ];
    let named = known.into_iter().filter_map(|(name, value)| Some((name, value?)));
    named.map(|(name, value)| Property::new(name, value.as_str())).collect()
}

fn case(run: &HilRun, board: &BoardRun, step: &StepOutcome) -> TestCase {
    let mut status = status(step, run.lab_failure);
    status.add_reruns(step.earlier_errors.iter().map(earlier));
    let mut case = TestCase::new(step.name.as_str(), status);
    // Some readers show no suites: the board has to be named here, too.
    case.set_classname(board.board.name.as_str());
    if let Some(at) = step.start_us.and_then(|us| at(run, us)) {
        case.extra.insert(XmlString::new("timestamp"), XmlString::new(at));
    }
    case.set_time(Duration::from_micros(step.duration_us.unwrap_or(0)));
    let lines = details(step);
    if !lines.is_empty() {
        case.set_system_out(lines.join("\n"));
    }
    case
}

fn status(step: &StepOutcome, lab_failure: LabFailure) -> TestCaseStatus {
    let mut status = match (step.state, lab_failure) {
        (StepState::Passed, _) => return TestCaseStatus::success(),
        (StepState::Skipped | StepState::NotRun, _) | (StepState::Lab, LabFailure::Skip) => {
            TestCaseStatus::skipped()
        }
        (StepState::Regression, _) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        _ => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    let reason = words::reason(step);
    status.set_message(match (step.state, &step.error) {
        (StepState::Skipped | StepState::NotRun, _) => reason.to_owned(),
        (state, Some(error)) => format!("{}: {reason} ({})", state.words(), error.code),
        (state, None) => format!("{}: {reason}", state.words()),
    });
    if step.state.is_failure() {
        status.set_type(step.state.words());
        status.set_description(step.error.as_ref().map(told).unwrap_or_default());
    }
    status
}

/// An error in full.
fn told(error: &StepError) -> String {
    let mut lines = vec![format!("{}: {} ({})", error.doing, error.what, error.code)];
    lines.extend(error.hint.iter().map(|hint| format!("try: {hint}")));
    lines.extend(error.evidence.iter().map(|line| format!("    {line}")));
    lines.join("\n")
}

/// An attempt before the last one; the lab's failures alone are tried again.
fn earlier(error: &StepError) -> TestRerun {
    let mut rerun = TestRerun::new(NonSuccessKind::Error);
    rerun.set_type(StepState::Lab.words()).set_message(format!("{} ({})", error.what, error.code));
    rerun
}

/// What else is known of a step, in lines.
fn details(step: &StepOutcome) -> Vec<String> {
    let mut lines: Vec<String> = step.says.iter().cloned().collect();
    lines.extend(step.command.iter().map(|command| format!("command: {command}")));
    lines.extend(Some(figures::line(&step.figures)).filter(|line| !line.is_empty()));
    lines.extend(step.findings.iter().map(|finding| {
        let wanted = finding.wanted.as_ref().map_or_else(String::new, |wanted| format!(", wanted {wanted}"));
        format!("{}: {}: {}{wanted}", words::finding(finding.kind), finding.id, finding.says)
    }));
    lines.extend(step.events.iter().map(|event| {
        format!("at {}: {}: {}", words::span(event.at_us), words::event(event.kind), event.text)
    }));
    lines.extend(step.files.iter().map(|file| format!("file: {}", file.path)));
    lines
}

fn worse_case(change: &Change) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type("regression").set_message(change::sentence(change));
    let what = change.finding.clone().unwrap_or_else(|| change::name(change.measure).to_owned());
    let mut case = TestCase::new(format!("baseline: {}: {what}", change.step), status);
    case.set_classname(change.board.as_str()).set_time(Duration::ZERO);
    case
}

/// A moment of the run; `None` when the run does not say when it started.
fn at(run: &HilRun, us: u64) -> Option<String> {
    let started = OffsetDateTime::parse(&run.started, &Rfc3339).ok()?;
    let after = time::Duration::microseconds(i64::try_from(us).ok()?);
    started.checked_add(after).map(timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::hil::sample;

    fn xml(run: serde_json::Value) -> String {
        junit(&serde_json::from_value(run).unwrap()).unwrap()
    }

    /// The first element with this attribute, with what is in it.
    fn element<'x>(xml: &'x str, tag: &str, attribute: &str) -> &'x str {
        let start = format!("<{tag} ");
        let mut all = xml.match_indices(&start).map(|(at, _)| &xml[at..]);
        let found = all.find(|text| text[..text.find('>').unwrap()].contains(attribute)).unwrap();
        let head = &found[..=found.find('>').unwrap()];
        if head.ends_with("/>") { head } else { &found[..found.find(&format!("</{tag}>")).unwrap()] }
    }

    #[test]
    fn a_suite_is_a_board_and_a_case_is_a_step_with_its_times() {
        let xml = xml(sample::regression());
        assert_eq!(xml.matches("<testsuite ").count(), 2);
        let suite = element(&xml, "testsuite", "name=\"c3-lab-1\"");
        assert!(suite.contains(r#"<property name="mac" value="7c:df:a1:b2:c3:01"/>"#), "{suite}");
        assert_eq!(suite.matches("<testcase ").count(), 11);
        let look = element(suite, "testcase", "name=\"look\"");
        for part in ["classname=\"c3-lab-1\"", "time=\"0.310\"", "timestamp=\"2026-11-27T09:14:11Z\""] {
            assert!(look.contains(part), "{part} is not in {look}");
        }
        assert!(!look.contains("<failure"), "{look}");
        assert!(
            element(suite, "testcase", "name=\"restart\"")
                .contains("<skipped message=\"the target is an emulated board\"/>")
        );
    }

    #[test]
    fn each_failure_has_its_type_and_the_message_of_its_error() {
        let xml = xml(sample::regression());
        let suite = element(&xml, "testsuite", "name=\"c3-lab-2\"");
        let load = element(suite, "testcase", "name=\"load\"");
        assert!(load.contains("<failure message=\"regression: the board panicked 15.1 s after the step began (hil.board_restarted)\" type=\"regression\">"), "{load}");
        assert!(load.contains("Load access fault"), "{load}");
        assert!(element(suite, "testcase", "name=\"no-panic\"").contains("type=\"could not tell\""));
        let worse = element(suite, "testcase", "name=\"baseline: load: handshake\"");
        assert!(worse.contains("<failure message=\"handshake 141 ms, was 92.0 ms"), "{worse}");
        assert_eq!(suite.matches("<failure").count(), 2 + 4);
    }

    #[test]
    fn the_lab_s_failures_are_errors_unless_they_are_to_be_skipped() {
        let mut run = sample::lab_failure();
        let failed = xml(run.clone());
        assert!(failed.contains("<error message=\"lab: nothing answered on the serial port within 10 s (serial.no_answer)\" type=\"lab\">"), "{failed}");
        assert!(
            failed.contains("<flakyError ") && failed.contains("another program uses the port"),
            "{failed}"
        );
        run["lab_failure"] = "skip".into();
        let skipped = xml(run);
        assert!(skipped.contains("<skipped message=\"lab: nothing answered"), "{skipped}");
        assert!(!skipped.contains("<error") && !skipped.contains("<failure"), "{skipped}");
    }

    #[test]
    fn what_others_say_stays_text() {
        let xml = xml(sample::hostile());
        assert!(!xml.contains("<script>") && !xml.contains('\u{1b}'), "{xml}");
        assert!(quick_junit::Report::deserialize_from_str(&xml).is_ok());
    }
}
