//! Writes suites of test cases as JUnit XML, each with its time in seconds and its start in ISO 8601.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Report as Document, SerializeError, TestCase, TestCaseStatus, TestSuite, XmlString,
};
use time::{OffsetDateTime, UtcOffset, macros::format_description};

/// The cases of one server, board or run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// What they are about.
    pub name: String,
    /// When the first began.
    pub started: OffsetDateTime,
    /// How long all of them took.
    pub took: Duration,
    /// The cases in their order.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its name, which stays the same from run to run.
    pub name: String,
    /// How long it took; nothing for what is only compared.
    pub took: Duration,
    /// How it ended.
    pub outcome: CaseOutcome,
    /// What is told of it in any case.
    pub says: Option<String>,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseOutcome {
    /// It is as it should be.
    Passed,
    /// It is not, and why.
    Failed(String),
    /// It could not be told, and why.
    Error(String),
    /// It was not tried, and why.
    Skipped(String),
}

impl Case {
    /// A case that took no time of its own.
    pub fn new(name: impl Into<String>, outcome: CaseOutcome) -> Self {
        Self { name: name.into(), took: Duration::ZERO, outcome, says: None }
    }

    /// The same with the time that it took.
    #[must_use]
    pub fn took(self, took: Duration) -> Self {
        Self { took, ..self }
    }

    /// The same with what is told of it.
    #[must_use]
    pub fn says(self, says: impl Into<String>) -> Self {
        Self { says: Some(says.into()), ..self }
    }
}

/// The XML of these suites.
///
/// # Errors
/// When it can't be written, which no text of a device brings about.
pub fn junit(name: &str, suites: &[Suite]) -> Result<String, SerializeError> {
    let mut document = Document::new(name);
    let started = suites.iter().map(|suite| suite.started).min();
    let ended = suites.iter().map(|suite| suite.started + suite.took).max();
    if let (Some(started), Some(ended)) = (started, ended) {
        document.set_time((ended - started).unsigned_abs());
    }
    document.add_test_suites(suites.iter().map(written));
    document.to_string()
}

fn written(suite: &Suite) -> TestSuite {
    let mut xml = TestSuite::new(suite.name.as_str());
    xml.set_time(suite.took);
    // Without a fraction, which not all readers take.
    xml.extra.insert(XmlString::new("timestamp"), XmlString::new(timestamp(suite.started)));
    xml.add_test_cases(suite.cases.iter().map(|case| written_case(case, &suite.name)));
    xml
}

fn written_case(case: &Case, suite: &str) -> TestCase {
    let unsuccessful = |kind, says: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(says);
        status
    };
    let status = match &case.outcome {
        CaseOutcome::Passed => TestCaseStatus::success(),
        CaseOutcome::Failed(says) => unsuccessful(NonSuccessKind::Failure, says),
        CaseOutcome::Error(says) => unsuccessful(NonSuccessKind::Error, says),
        CaseOutcome::Skipped(says) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(says.as_str());
            status
        }
    };
    let mut xml = TestCase::new(case.name.as_str(), status);
    xml.set_classname(suite).set_time(case.took);
    if let Some(says) = &case.says {
        xml.set_system_out(says.as_str());
    }
    xml
}

/// In UTC, to the second.
pub(in crate::report) fn timestamp(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    time.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn every_suite_and_case_has_its_time() {
        let cases = vec![
            Case::new("a", CaseOutcome::Passed).took(Duration::from_millis(1500)).says("well <done>"),
            Case::new("b", CaseOutcome::Failed("is \u{1b}1".to_owned())),
            Case::new("c", CaseOutcome::Error("not seen".to_owned())),
            Case::new("d", CaseOutcome::Skipped("not asked".to_owned())),
        ];
        let suite = |name: &str, started, cases| Suite {
            name: name.to_owned(),
            started,
            took: Duration::from_secs(2),
            cases,
        };
        let one = suite("one", datetime!(2026-11-27 15:00:00.25 +1), cases);
        let passed = vec![Case::new("a", CaseOutcome::Passed)];
        let other = suite("other", datetime!(2026-11-27 14:00:03 UTC), passed);
        insta::assert_snapshot!(junit("test", &[one, other]).unwrap(), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="test" tests="5" skipped="1" failures="1" errors="1" time="4.750">
            <testsuite name="one" tests="4" skipped="1" errors="1" failures="1" time="2.000" timestamp="2026-11-27T14:00:00Z">
                <testcase name="a" classname="one" time="1.500">
                    <system-out>well &lt;done&gt;</system-out>
                </testcase>
                <testcase name="b" classname="one" time="0.000">
                    <failure message="is "/>
                </testcase>
                <testcase name="c" classname="one" time="0.000">
                    <error message="not seen"/>
                </testcase>
                <testcase name="d" classname="one" time="0.000">
                    <skipped message="not asked"/>
                </testcase>
            </testsuite>
            <testsuite name="other" tests="1" skipped="0" errors="0" failures="0" time="2.000" timestamp="2026-11-27T14:00:03Z">
                <testcase name="a" classname="other" time="0.000"/>
            </testsuite>
        </testsuites>
        "#);
    }
}
