//! Tests that can't be run on a machine, for example because a tool is missing.
//!
//! A test that returns early would count as passed. So a skip fails the test, unless the variable [`SKIPS`] names a file:
//! then the skip is written there, and whoever named the file counts it. `scripts/test` does. Under `CI=true` a skip always
//! fails the test.

use std::{
    env,
    ffi::OsString,
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    thread,
};

/// The variable that names the file to which skips are appended, a line each: `test` or `part`, the name of the test, and the
/// reason, with tabs between them.
pub const SKIPS: &str = "ESP_HTTPS_TEST_SKIPS";

/// What is to be done about a skip.
#[derive(Debug, PartialEq, Eq)]
enum Policy {
    /// It is written to that file.
    Record(PathBuf),
    /// It fails the test, with this advice.
    Refuse(&'static str),
}

/// How much of a test is left out.
#[derive(Debug, Clone, Copy)]
enum Extent {
    Test,
    Part,
}

/// Records that the running test is not run, and why; the test then returns.
///
/// Fails the test where nobody counts skips, and under `CI=true`.
#[track_caller]
pub fn skip(reason: &str) {
    match policy(env::var_os("CI"), env::var_os(SKIPS)) {
        Policy::Record(file) => record(&file, Extent::Test, reason),
        Policy::Refuse(advice) => panic!("this test can't be run: {reason}\n  {advice}"),
    }
}

/// Records that one of several cases of the running test is left out, and why. All others are run, so that this never fails
/// the test; `scripts/test` lists it, also under `CI=true`.
pub fn skip_part(reason: &str) {
    if let Some(file) = env::var_os(SKIPS) {
        record(Path::new(&file), Extent::Part, reason);
    }
}

fn policy(ci: Option<OsString>, skips: Option<OsString>) -> Policy {
    if ci.is_some_and(|ci| ci == "true") {
        return Policy::Refuse("under CI=true every test is run");
    }
    skips.map_or(
        Policy::Refuse("install it, or run scripts/test, which counts the tests that are skipped"),
        |file| Policy::Record(file.into()),
    )
}

fn record(file: &Path, extent: Extent, reason: &str) {
    let extent = match extent {
        Extent::Test => "test",
        Extent::Part => "part",
    };
    // One write, so that the lines of tests that run at the same time do not mix.
    let line = format!("{extent}\t{}\t{}\n", test_name(), reason.replace(['\n', '\t'], " "));
    let file = OpenOptions::new().append(true).create(true).open(file);
    file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the file of skips can be written");
}

/// The name of the running test: as the test runner says it, otherwise as the test harness names its thread.
fn test_name() -> String {
    let by_runner = |name| env::var(name).ok();
    match (by_runner("NEXTEST_BINARY_ID"), by_runner("NEXTEST_TEST_NAME")) {
        (Some(binary), Some(test)) => format!("{binary} {test}"),
        _ => thread::current().name().unwrap_or("a test").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        env, fs,
        process::{Command, Output},
    };

    use super::{Policy, SKIPS, policy, skip_part};
    use crate::tools::require;

    #[test]
    fn a_skip_is_recorded_only_where_somebody_counts_it_and_never_in_ci() {
        let policy =
            |ci: Option<&str>, skips: Option<&str>| policy(ci.map(Into::into), skips.map(Into::into));
        assert_eq!(policy(None, Some("file")), Policy::Record("file".into()));
        assert_eq!(policy(Some("false"), Some("file")), Policy::Record("file".into()));
        assert!(
            matches!(policy(Some("true"), Some("file")), Policy::Refuse(advice) if advice.contains("CI=true"))
        );
        assert!(matches!(policy(None, None), Policy::Refuse(advice) if advice.contains("scripts/test")));
    }

    /// Runs this test binary again, where `the_inner_test` below needs a tool that nobody has.
    fn inner(ci: Option<&str>, skips: Option<&std::path::Path>) -> Output {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "skip::tests::a_test_of_a_missing_tool_is_counted_and_fails_in_ci"]);
        command.env(INNER, "1").env_remove("CI").env_remove(SKIPS);
        command.envs(ci.map(|ci| ("CI", ci))).envs(skips.map(|file| (SKIPS, file)));
        command.output().unwrap()
    }

    /// What such a test does; the part that is left out comes first.
    fn the_inner_test() {
        skip_part("one\tof\nmany");
        let Some(tool) = require("no-such-tool", "apt-get install no-such-tool") else { return };
        panic!("there is {}", tool.display());
    }

    #[test]
    fn a_test_of_a_missing_tool_is_counted_and_fails_in_ci() {
        if env::var_os(INNER).is_some() {
            return the_inner_test();
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("skips");
        let reason = "no-such-tool is not installed (apt-get install no-such-tool)";
        for (ci, skips, what) in
            [(Some("true"), Some(&file), "under CI=true"), (None, None, "run scripts/test, which counts")]
        {
            let output = inner(ci, skips.map(|file| file.as_path()));
            let said = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(101), "{said}");
            assert!(said.contains(reason) && said.contains(what), "{said}");
        }
        fs::remove_file(&file).unwrap();
        assert!(inner(None, Some(&file)).status.success());
        let text = fs::read_to_string(&file).unwrap();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
        let [part, test] = &lines[..] else { panic!("{text}") };
        assert_eq!((part[0], part[2], test[0], test[2]), ("part", "one of many", "test", reason));
        assert!(test[1].ends_with("a_test_of_a_missing_tool_is_counted_and_fails_in_ci"), "{text}");
    }

    const INNER: &str = "ESP_HTTPS_TEST_INNER";
}
