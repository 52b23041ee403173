//! Runs whose reports are read as CI reads them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::{Value, json};
use support::{document, junit, stderr, stdout};
use tempfile::TempDir;

/// A folder with a scenario of commands, which needs no board.
struct Lab(TempDir);

impl Lab {
    fn new(steps: &[(&str, &str)]) -> Self {
        let lab = Self(tempfile::tempdir().unwrap());
        let step = |(name, command): &(&str, &str)| {
            format!("[[step]]\nname = \"{name}\"\nrun = {}\n", serde_json::to_string(command).unwrap())
        };
        fs::write(lab.path("hil.toml"), steps.iter().map(step).collect::<String>()).unwrap();
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str], variables: &[(&str, &Path)]) -> Output {
        let mut command = support::command();
        command.arg("hil").args(args).current_dir(self.0.path()).env("NO_COLOR", "1");
        command.env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY");
        command.envs(variables.iter().copied()).output().unwrap()
    }

    fn document(&self) -> Value {
        let bytes = fs::read(self.path("hil-out/hil.json")).unwrap();
        document::parse_as(&document::schema("hil"), &bytes)
    }
}

#[test]
fn a_run_leaves_its_reports_in_its_folder() {
    let lab = Lab::new(&[("good", "true"), ("bad", "echo no >&2; exit 1"), ("after", "true")]);
    let output = lab.run(&[], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(!stderr(&output).contains("::error"), "GitHub is not there: {}", stderr(&output));
    let cases = junit::cases(&lab.path("hil-out/junit.xml"));
    let ends: Vec<_> = cases.iter().map(|(_, name, end)| (name.as_str(), end.as_str())).collect();
    assert_eq!(ends, [("good", "passed"), ("bad", "failure"), ("after", "skipped")]);
    let page = fs::read_to_string(lab.path("hil-out/report.html")).unwrap();
    assert!(page.contains("What went wrong") && page.contains("The firmware is at fault."), "{page}");
    assert_eq!(lab.document()["result"]["comparison"], Value::Null);
}

#[test]
fn a_run_that_is_killed_leaves_the_reports_of_the_steps_before() {
    let lab = Lab::new(&[("good", "true"), ("killed", "kill -9 $PPID; sleep 600"), ("after", "true")]);
    let output = lab.run(&[], &[]);
    assert_eq!(output.status.code(), None, "{}", stderr(&output));
    assert_eq!(lab.document()["result"]["progress"], "running");
    let page = fs::read_to_string(lab.path("hil-out/report.html")).unwrap();
    assert!(page.contains("The run has not ended."), "{page}");
    let cases = junit::cases(&lab.path("hil-out/junit.xml"));
    let ends: Vec<_> = cases.iter().map(|(_, name, end)| (name.as_str(), end.as_str())).collect();
    assert_eq!(ends, [("good", "passed"), ("killed", "skipped"), ("after", "skipped")]);
}

#[test]
fn github_gets_annotations_and_a_table_after_what_is_there() {
    let lab = Lab::new(&[("good", "true"), ("bad", "exit 1")]);
    let summary = lab.path("summary.md");
    fs::write(&summary, "# Before\n\n").unwrap();
    let github = [("GITHUB_ACTIONS", Path::new("true")), ("GITHUB_STEP_SUMMARY", summary.as_path())];
    let output = lab.run(&["--json", "--quiet"], &github);
    document::parse_as(&document::schema("hil"), stdout(&output).as_bytes());
    let said = stderr(&output);
    let line = said.lines().find(|line| line.starts_with("::error ")).expect(&said);
    assert!(line.contains("title=regression%3A ") && line.contains("%2C bad::"), "{line}");
    lab.run(&["--quiet"], &github);
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("# Before\n\n### "), "{text}");
    assert_eq!(text.matches("\n| ❌ regression | ").count(), 2, "{text}");
}

#[test]
fn the_summary_of_github_stays_below_its_limit() {
    const LIMIT: u64 = 1024 * 1024;
    let lab = Lab::new(&[("good", "true")]);
    let summary = lab.path("summary.md");
    let github = [("GITHUB_ACTIONS", Path::new("true")), ("GITHUB_STEP_SUMMARY", summary.as_path())];
    for there in [LIMIT - 300, LIMIT, LIMIT + 5] {
        fs::write(&summary, "x".repeat(usize::try_from(there).unwrap())).unwrap();
        assert_eq!(lab.run(&[], &github).status.code(), Some(0));
        let size = fs::metadata(&summary).unwrap().len();
        assert!(size <= LIMIT.max(there), "{there}: {size}");
    }
    let absent = lab.path("no/folder");
    let output = lab.run(&[], &[("GITHUB_ACTIONS", Path::new("true")), ("GITHUB_STEP_SUMMARY", &absent)]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        stderr(&output).contains("warning: the summary of the job can't be written to"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_run_is_compared_with_the_one_before_it_in_the_same_folder() {
    let lab = Lab::new(&[("good", "true")]);
    lab.run(&[], &[]);
    let output = lab.run(&["--baseline", "hil-out/hil.json"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("compared with hil-out/hil.json: 2 figures are in both runs\n"),
        "{}",
        stdout(&output)
    );
    let found = &lab.document()["result"]["comparison"];
    assert_eq!((&found["compared"], &found["changes"]), (&json!(2), &json!([])));
}

#[test]
fn what_got_worse_is_a_regression_in_every_report() {
    let lab = Lab::new(&[("slow", "sleep 1")]);
    lab.run(&[], &[]);
    let mut old = lab.document();
    old["result"]["boards"][0]["steps"][0]["duration_us"] = json!(20_000);
    fs::write(lab.path("old.json"), old.to_string()).unwrap();
    let output =
        lab.run(&["--baseline", "old.json", "--tolerance", "50%"], &[("GITHUB_ACTIONS", Path::new("true"))]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("::error ") && stdout(&output).contains("\n  worse: "), "{output:?}");
    let document = lab.document();
    assert_eq!((&document["result"]["state"], &document["exit_code"]), (&json!("regression"), &json!(1)));
    assert_eq!(document["error"]["code"], "hil.worse");
    let cases = junit::cases(&lab.path("hil-out/junit.xml"));
    assert!(
        cases.iter().any(|(_, name, end)| name == "baseline: slow: duration" && end == "failure"),
        "{cases:?}"
    );
    let page = fs::read_to_string(lab.path("hil-out/report.html")).unwrap();
    assert!(page.contains("Since the older run"), "{page}");
}

#[test]
fn a_file_that_is_no_baseline_is_refused_before_anything_runs() {
    let lab = Lab::new(&[("good", "touch ran")]);
    for (text, said) in [
        ("{\"schema\": \"esp-https/hil/1\", \"result\": {", "the file ends before the document does"),
        ("not json", "it is not JSON: line 1"),
        ("{\"schema\": \"esp-https/probe/1\"}", "but esp-https/probe/1"),
        ("{\"schema\": \"esp-https/hil/2\"}", "a newer esp-https wrote it"),
    ] {
        fs::write(lab.path("old.json"), text).unwrap();
        let output = lab.run(&["--baseline", "old.json", "--json"], &[]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        let document = document::parse_as(&document::schema("hil"), stdout(&output).as_bytes());
        assert_eq!(document["error"]["code"], "hil.baseline", "{text}");
        assert!(document["error"]["what"].as_str().unwrap().contains(said), "{text}: {document:#}");
        assert!(!lab.path("ran").exists() && !lab.path("hil-out").exists(), "{text}");
    }
}
