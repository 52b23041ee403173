//! Gates and exit codes.

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
    let gates = ["rps<0.001", "tcp.max>100s", "errors>0", "errors.refused>0", "rate_ratio<0.001"];
    let flags: Vec<&str> = gates.iter().flat_map(|gate| ["--fail-if", gate]).collect();
    let run =
        load(&[&[server.address.as_str(), "-n", "5", "--rate", "100", "--no-stat"], &flags[..]].concat());
    assert_eq!(run.code, 0, "{:#}", run.document);
}
