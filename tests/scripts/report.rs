//! What `scripts/test` says at its end, by `scripts/lib/test_report.py`.

use std::{
    fs,
    process::{Command, Output},
};

use support::{from_root, require, stderr, stdout};
use tempfile::TempDir;

/// The results of a run in a folder.
struct Results(TempDir);

impl Results {
    /// Of a run of 13 tests in two workspaces, one of which failed.
    fn new() -> Self {
        let results = Self(tempfile::tempdir().unwrap());
        let case = |index: u32| {
            format!(r#"<testcase name="case_{index}" classname="esp-https::probe" time="{index}.250"/>"#)
        };
        let host: String = (1..=11).map(case).collect();
        let failed =
            r#"<testcase name="broken" classname="esp-https-server" time="0.5"><failure/></testcase>"#;
        let firmware =
            format!(r#"{failed}<testcase name="quick" classname="esp-https-server" time="0.001"/>"#);
        for (name, cases) in [("host.xml", host), ("firmware.xml", firmware)] {
            let text = format!("<testsuites><testsuite name=\"x\">{cases}</testsuite></testsuites>");
            results.file(name, &text);
        }
        for name in ["skips", "ignored"] {
            results.file(name, "");
        }
        results.file("parts", "34\tdocs\n261\ttests, host and emulated board\n");
        results
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    /// Runs the report; `None` where there is no Python.
    fn report(&self, ci: Option<&str>) -> Option<Output> {
        let mut command = Command::new(require("python3", "apt-get install python3")?);
        command.arg(from_root("scripts/lib/test_report.py")).current_dir(&self.0);
        for (flag, file) in [
            ("--junit", "host.xml"),
            ("--junit", "firmware.xml"),
            ("--skips", "skips"),
            ("--ignored", "ignored"),
            ("--parts", "parts"),
        ] {
            command.args([flag, file]);
        }
        Some(command.env_remove("CI").envs(ci.map(|ci| ("CI", ci))).output().unwrap())
    }
}

#[test]
fn the_slowest_tests_and_the_seconds_of_each_part_are_shown() {
    let Some(output) = Results::new().report(Some("true")) else { return };
    assert!(output.status.success(), "{output:?}");
    insta::assert_snapshot!(stdout(&output), @r"
    seconds of each part
          34  docs
         261  tests, host and emulated board
    the 10 slowest tests, in seconds
        11.2  esp-https::probe case_11
        10.2  esp-https::probe case_10
         9.2  esp-https::probe case_9
         8.2  esp-https::probe case_8
         7.2  esp-https::probe case_7
         6.2  esp-https::probe case_6
         5.2  esp-https::probe case_5
         4.2  esp-https::probe case_4
         3.2  esp-https::probe case_3
         2.2  esp-https::probe case_2
    tests: 12 passed, 1 failed, 0 skipped, 0 ignored, 0 run in part
    ");
}

#[test]
fn a_test_that_was_skipped_or_ignored_is_counted_and_fails_a_run_in_ci() {
    let results = Results::new();
    // A test may need two tools.
    let skip = "test\tesp-https::audit zoo::nginx\tnginx is not installed\n";
    results.file(
        "skips",
        &format!("{skip}part\tesp-https::outputs places::disk\tmknod is not permitted\n{skip}"),
    );
    let Some(output) = results.report(None) else { return };
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = stdout(&output);
    insta::assert_snapshot!(text[text.find("not run").unwrap()..], @r"
    not run
      test    esp-https::audit zoo::nginx: nginx is not installed
      part    esp-https::outputs places::disk: mknod is not permitted
    tests: 11 passed, 1 failed, 1 skipped, 0 ignored, 1 run in part
    ");
    let in_ci = results.report(Some("true")).unwrap();
    assert_eq!((in_ci.status.code(), stdout(&in_ci)), (Some(1), text));
    assert_eq!(stderr(&in_ci), "error: under CI=true every test has to be run\n");
    results.file("skips", "");
    results.file("ignored", "esp-https::probe slow\n");
    let in_ci = results.report(Some("true")).unwrap();
    assert_eq!(in_ci.status.code(), Some(1), "{in_ci:?}");
    assert!(stdout(&in_ci).ends_with("0 skipped, 1 ignored, 0 run in part\n"), "{in_ci:?}");
}

#[test]
fn a_part_that_was_left_out_is_listed_and_fails_nothing() {
    let results = Results::new();
    results.file("skips", "part\tesp-https::outputs places::disk\tmknod is not permitted\n");
    let Some(output) = results.report(Some("true")) else { return };
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        stdout(&output).contains("esp-https::outputs places::disk: mknod is not permitted"),
        "{output:?}"
    );
}

#[test]
fn results_that_can_t_be_read_are_no_success() {
    let results = Results::new();
    results.file("host.xml", "<testsuites>");
    let Some(output) = results.report(None) else { return };
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(stderr(&output).starts_with("error: reading the results of the tests"), "{output:?}");
}
