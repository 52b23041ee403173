//! A run as annotations of GitHub Actions: a line for each failure, for each figure that got worse, and for each finding.

use super::{
    change,
    words::{self, Place},
};
use crate::{
    hil::{
        comparison::ChangeVerdict,
        outcome::{FindingKind, HilRun, LabFailure},
        state::StepState,
    },
    report::printable::{printable, printable_lines},
};

/// The lines, for standard output or standard error of a step: errors first, then warnings, then notices. GitHub shows ten of each
/// level, so the tenth names how many are left out, and where they are. `file` is the scenario as GitHub knows it, from the root of
/// the repository; the annotations are shown beside the lines of its steps.
#[must_use]
pub fn annotations(run: &HilRun, file: Option<&str>) -> Vec<String> {
    let mut all = Vec::new();
    for place in words::failures(run) {
        all.push(failure(run, place));
        all.extend(failed_checks(place));
    }
    all.extend(worse(run));
    all.extend(findings(run));
    let levels = [Level::Error, Level::Warning, Level::Notice];
    levels.into_iter().flat_map(|level| bounded(level, &all)).map(|it| it.command(file)).collect()
}

/// How loud an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

#[derive(Debug, Clone)]
struct Annotation {
    level: Level,
    /// The line of the step in the scenario.
    line: Option<usize>,
    title: String,
    text: String,
}

impl Annotation {
    fn command(&self, file: Option<&str>) -> String {
        let line = self.line.map_or_else(String::new, |line| format!("line={line},"));
        // A line means nothing without its file.
        let place =
            file.map_or_else(String::new, |file| format!("file={},{line}", property(&printable(file))));
        let title = property(&printable(&self.title));
        format!("::{} {place}title={title}::{}", self.level.word(), data(&printable_lines(&self.text)))
    }
}

fn failure(run: &HilRun, place: Place<'_>) -> Annotation {
    let Place { step, .. } = place;
    let level = match (step.state, run.lab_failure) {
        (StepState::Lab, LabFailure::Skip) | (StepState::CouldNotTell, _) => Level::Warning,
        _ => Level::Error,
    };
    let text = step.error.as_ref().map_or_else(
        || words::reason(step).to_owned(),
        |error| {
            let hint = error.hint.as_ref().map_or_else(String::new, |hint| format!(". Try: {hint}"));
            format!("{} ({}){hint}", error.what, error.code)
        },
    );
    Annotation { level, line: step.line, title: title(step.state.words(), place), text }
}

/// The checks beside the one that the error is about are told, too; a failed check is the firmware's fault.
fn failed_checks(place: Place<'_>) -> Vec<Annotation> {
    let checks: Vec<_> =
        place.step.findings.iter().filter(|finding| finding.kind == FindingKind::Check).collect();
    if checks.len() < 2 {
        return Vec::new();
    }
    let told = checks.into_iter().map(|check| {
        let wanted = check.wanted.as_ref().map_or_else(String::new, |wanted| format!(", wanted {wanted}"));
        let text = format!("{}: {}{wanted}", check.id, check.says);
        let title = title("check failed", place);
        Annotation { level: Level::Error, line: place.step.line, title, text }
    });
    told.collect()
}

fn worse(run: &HilRun) -> Vec<Annotation> {
    let Some(comparison) = &run.comparison else { return Vec::new() };
    let of = |verdict, level| {
        comparison.of(verdict).map(move |change| Annotation {
            level,
            line: line_of(run, &change.step),
            title: format!("{}: {}, {}", change::word(verdict), change.board, change.step),
            text: change::sentence(change),
        })
    };
    of(ChangeVerdict::Regression, Level::Error).chain(of(ChangeVerdict::Lab, Level::Notice)).collect()
}

/// The line of the step of this name.
fn line_of(run: &HilRun, step: &str) -> Option<usize> {
    words::places(run).find(|place| place.step.name == step)?.step.line
}

/// What decides nothing.
fn findings(run: &HilRun) -> Vec<Annotation> {
    let mut found = Vec::new();
    for place in words::places(run) {
        for finding in place.step.findings.iter().filter(|finding| finding.kind != FindingKind::Check) {
            let title = title(words::finding(finding.kind), place);
            let text = format!("{}: {}", finding.id, finding.says);
            found.push(Annotation { level: Level::Warning, line: place.step.line, title, text });
        }
    }
    found
}

fn title(what: &str, place: Place<'_>) -> String {
    format!("{what}: {}, {}", place.board.board.name, place.step.name)
}

fn bounded(level: Level, all: &[Annotation]) -> Vec<Annotation> {
    let mut told: Vec<Annotation> = all.iter().filter(|it| it.level == level).cloned().collect();
    if told.len() > MOST_OF_A_LEVEL {
        let more = told.split_off(MOST_OF_A_LEVEL - 1).len();
        let text = format!("{more} more are in the summary of the job and in report.html");
        told.push(Annotation { level, line: None, title: "hil: more".to_owned(), text });
    }
    told
}

/// The message of a workflow command, escaped by GitHub's rules: it ends with the line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command: it ends with a colon or a comma, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

const MOST_OF_A_LEVEL: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::hil::sample;

    fn told(run: serde_json::Value) -> Vec<String> {
        let file = run["file"].as_str().map(str::to_owned);
        annotations(&serde_json::from_value(run).unwrap(), file.as_deref())
    }

    #[test]
    fn a_line_tells_the_board_the_step_and_what_happened() {
        let told = told(sample::regression());
        assert_eq!(
            told[0],
            "::error file=hil.toml,line=12,title=regression%3A c3-lab-2%2C look::expect.version: wanted TLS 1.3, found TLS 1.2 \
             (probe.check_failed). Try: save the new result as the baseline, if this is what you want: --json -o FILE"
        );
        assert!(
            told.contains(
                &"::error file=hil.toml,line=12,title=worse%3A c3-lab-2%2C load::restarts 1, was 0"
                    .to_owned()
            ),
            "{told:#?}"
        );
        assert!(told.contains(&"::warning file=hil.toml,line=12,title=finding%3A c3-lab-2%2C look::tls.no_tls13: the server speaks TLS 1.2 only".to_owned()), "{told:#?}");
        assert_eq!(told.iter().filter(|line| line.starts_with("::error ")).count(), 2 + 4);
    }

    #[test]
    fn the_lab_is_an_error_unless_it_is_to_be_skipped_and_a_green_run_has_its_findings_only() {
        let mut run = sample::lab_failure();
        assert!(
            told(run.clone())[0]
                .starts_with("::error file=hil.toml,line=12,title=lab%3A c3-lab-2%2C flash::")
        );
        run["lab_failure"] = "skip".into();
        assert!(told(run)[0].starts_with("::warning file=hil.toml,line=12,title=lab%3A"));
        let green = told(sample::green());
        assert_eq!(green.len(), 1);
        assert!(green[0].starts_with("::warning "), "{green:?}");
    }

    #[test]
    fn no_text_begins_a_command_of_its_own() {
        for line in told(sample::hostile()) {
            assert!(line.starts_with("::") && !line.contains(['\n', '\r', '\u{1b}']), "{line}");
            let (head, _) = line[2..].split_once("::").unwrap();
            assert!(!head.contains("::") && head.matches(',').count() <= 2, "{line}");
        }
    }

    #[test]
    fn of_many_the_first_are_told_and_how_many_more() {
        let mut run = sample::green();
        let finding = run["boards"][0]["steps"][5]["findings"][0].clone();
        run["boards"][0]["steps"][5]["findings"] = vec![finding; 25].into();
        let told = told(run);
        assert_eq!(told.len(), MOST_OF_A_LEVEL);
        assert!(
            told[9].ends_with("::16 more are in the summary of the job and in report.html"),
            "{}",
            told[9]
        );
    }
}
