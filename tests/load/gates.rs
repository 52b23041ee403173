//! Gates and exit codes.

use support::{junit, peer};

use crate::{
    bench::{load, load_text},
    server::Server,
};

#[test]
fn a_gate_that_holds_fails_the_run_and_is_named() {
    let server = Server::good();
    let gates = ["--fail-if", "completed>4", "--fail-if", "error_rate>0.01", "--fail-if", "tls.p99>100s"];
    let args = [&[server.address.as_str(), "-n", "5", "--no-stat"], &gates[..]].concat();
    let run = load(&args);
    assert_eq!(run.error(), (1, "load.gate"));
    assert_eq!(run.document["error"]["what"], "true after the run: completed>4");
    let verdicts: Vec<_> =
        run.result("/gates").as_array().unwrap().iter().map(|gate| &gate["verdict"]).collect();
    assert_eq!(verdicts, ["failed", "passed", "passed"]);
    let (code, text, error) = load_text(&args);
    assert_eq!(code, 1);
    assert!(text.contains("FAILED        completed>4  (5)"), "{text}");
    assert!(error.contains("true after the run: completed>4"), "{error}");
}

#[test]
fn a_gate_that_nothing_was_measured_for_passes_nobody() {
    let server = Server::good();
    let run = load(&[&server.address, "-n", "5", "--fail-if", "device.heap_min<20000"]);
    assert_eq!(run.error(), (3, "load.gate_not_measured"));
    assert_eq!(run.result("/gates/0/verdict"), "not_measured");
}

#[test]
fn gates_that_pass_leave_the_exit_code_alone() {
    let server = Server::good();
    let gates = ["rps<0.001", "tcp.max>100s", "errors>0", "errors.refused>0", "rate_ratio>2"];
    let flags: Vec<&str> = gates.iter().flat_map(|gate| ["--fail-if", gate]).collect();
    let run =
        load(&[&[server.address.as_str(), "-n", "5", "--rate", "100", "--no-stat"], &flags[..]].concat());
    assert_eq!(run.code, 0, "{:#}", run.document);
}

/// The cases of a run: name and end.
fn cases(flags: &[&str]) -> (i32, Vec<(String, String)>) {
    let folder = tempfile::tempdir().unwrap();
    let xml = folder.path().join("load.xml");
    let run = load(&[flags, &["--junit", xml.to_str().unwrap()]].concat());
    (run.code, junit::cases(&xml).into_iter().map(|(_, name, end)| (name, end)).collect())
}

#[test]
fn junit_has_a_case_for_the_run_and_for_each_gate() {
    let server = Server::good();
    let run = [server.address.as_str(), "-n", "5"];
    let case = |name: &str, end: &str| (name.to_owned(), end.to_owned());
    let gates = ["--fail-if", "completed>4", "--fail-if", "errors>0", "--fail-if", "device.heap_min<20000"];
    let (code, told) = cases(&[&run[..], &gates].concat());
    let expected = [
        case("load", "passed"),
        case("fail_if completed>4", "failure"),
        case("fail_if errors>0", "passed"),
        case("fail_if device.heap_min<20000", "error"),
    ];
    assert_eq!((code, told.as_slice()), (1, &expected[..]));
    let nobody = peer::nobody();
    let (code, told) = cases(&[&nobody, "-n", "1", "--no-stat", "--fail-if", "errors>9"]);
    assert_eq!(
        (code, told.as_slice()),
        (4, &[case("load", "error"), case("fail_if errors>9", "passed")][..])
    );
    let (code, told) = cases(&["no-such-name.invalid", "--find-limit"]);
    assert_eq!((code, told.as_slice()), (4, &[case("preparing", "error")][..]));
    let (code, told) =
        cases(&[&server.address, "--find-limit", "-z", "200ms", "-c", "2", "--max-time", "3s"]);
    assert!(told.iter().any(|(name, _)| name == "find_limit"), "{code} {told:?}");
}
