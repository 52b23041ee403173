//! Limits of this machine: made room for, refused, or told, and never the server's fault.

use std::{
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::Value;

use support::esp_https;

use crate::{bench::parse_valid, server::Server};

/// Runs `load --json` below these limits.
fn limited(limits: &str, address: &str, args: &str) -> (Option<i32>, Value, String) {
    let script =
        format!("ulimit {limits}; exec {} load {address} --no-stat --insecure --json {args}", esp_https());
    let Output { status, stdout, stderr } = Command::new("sh").args(["-c", &script]).output().unwrap();
    (status.code(), parse_valid(&stdout), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_soft_limit_is_raised_to_what_is_needed() {
    let server = Server::good();
    let (code, document, _) = limited("-Sn 64", &server.address, "-c 100 -n 200");
    assert_eq!((code, &document["result"]["units"]["completed"]), (Some(0), &200.into()), "{document:#}");
    assert_eq!(document["result"]["units"]["unmade"], 0);
    let (_, document, _) = limited("-Sn 64", &server.address, "-c 70 -z 100ms --find-limit --max-time 30s");
    let limits = &document["result"]["limits"];
    assert_eq!(
        (&limits["sessions"]["most"], &limits["own_limit"]),
        (&70.into(), &Value::Null),
        "{document:#}"
    );
}

#[test]
fn what_can_not_fit_below_the_hard_limit_is_refused_before_a_packet() {
    let server = Server::good();
    for args in ["-c 100 -n 200", "--find-limit"] {
        let (code, document, stderr) = limited("-n 64", &server.address, args);
        let error = &document["error"];
        assert_eq!(
            (code, &error["code"], server.taken()),
            (Some(4), &"load.file_limit".into(), 0),
            "{document:#}"
        );
        assert!(document["result"].is_null());
        let what = error["what"].as_str().unwrap();
        assert!(what.ends_with("and this machine allows this process 64 (the hard limit)"), "{what}");
        assert!(
            stderr.contains("ulimit -Hn ") && stderr.contains("or use fewer connections: -c "),
            "{stderr}"
        );
    }
    // What it proposes does fit.
    let (_, document, _) = limited("-n 64", &server.address, "-c 100 -n 200");
    let advice = document["error"]["try"].as_str().unwrap().to_owned();
    let fewer = advice.lines().find_map(|line| line.split("-c ").nth(1)).unwrap();
    let (code, document, _) = limited("-n 64", &server.address, &format!("-c {fewer} -n 200"));
    assert_eq!((code, &document["result"]["units"]["unmade"]), (Some(0), &0.into()), "{document:#}");
}

/// Starts a load, and takes its file descriptors away once it has made a few connections.
fn starved(server: &Server, args: &[&str]) -> (Option<i32>, Value) {
    let before = server.taken();
    let mut child: Child = Command::new(esp_https())
        .args(["load", &server.address, "--no-stat", "--insecure", "--json"])
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while server.taken() < before + 4 {
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        thread::sleep(Duration::from_millis(5));
    }
    let pid = Pid::from_child(&child);
    prlimit(Some(pid), Resource::Nofile, Rlimit { current: Some(3), maximum: Some(3) }).unwrap();
    let Output { status, stdout, .. } = {
        let stdout = child.stdout.take().unwrap();
        let document = std::io::read_to_string(stdout).unwrap();
        Output { status: child.wait().unwrap(), stdout: document.into_bytes(), stderr: Vec::new() }
    };
    (status.code(), parse_valid(&stdout))
}

#[test]
fn what_this_machine_can_not_make_is_no_error_of_the_server() {
    let server = Server::good();
    let (code, document) = starved(&server, &["--mode", "handshake", "-z", "6s"]);
    let result = &document["result"];
    let row = &result["errors"][0];
    assert_eq!(
        (&row["class"], &row["shortage"]),
        (&"local".into(), &"file_descriptors".into()),
        "{document:#}"
    );
    assert_eq!(result["units"]["unmade"], row["took"]["count"]);
    let units = &result["units"];
    assert_eq!((&units["failed"], units["error_rate"].as_f64()), (&0.into(), Some(0.0)), "{document:#}");
    let warning = &result["warnings"][0];
    assert_eq!((code, &warning["code"]), (Some(0), &"local_limit".into()), "{document:#}");
    let text = warning["text"].as_str().unwrap();
    assert!(
        text.contains("allows this process no more file descriptors; raise the limit (ulimit -n"),
        "{text}"
    );
}

#[test]
fn gates_on_a_load_that_could_not_be_made_are_not_judged() {
    let server = Server::good();
    for gate in ["error_rate>0", "errors>0", "tls.p99>100s", "completed<1000000"] {
        let (code, document) = starved(&server, &["--mode", "handshake", "-z", "3s", "--fail-if", gate]);
        let told = (code, &document["error"]["code"], &document["result"]["gates"][0]["verdict"]);
        assert_eq!(
            told,
            (Some(3), &"load.local_limit".into(), &"not_measured".into()),
            "{gate}: {document:#}"
        );
    }
}

#[test]
fn a_search_that_this_machine_ends_does_not_tell_the_device_s_limit() {
    let server = Server::good();
    let (code, document) =
        starved(&server, &["--find-limit", "-c", "10000", "-z", "100ms", "--max-time", "30s"]);
    let limits = &document["result"]["limits"];
    assert_eq!((code, &document["error"]["code"]), (Some(3), &"load.local_limit".into()), "{document:#}");
    assert_eq!(limits["own_limit"]["shortage"], "file_descriptors", "{document:#}");
    assert_eq!((&limits["sessions"]["beyond"], &limits["first_failure"]), (&Value::Null, &Value::Null));
    assert!(limits["sessions"]["most"].as_u64().unwrap() >= 3, "{document:#}");
}
