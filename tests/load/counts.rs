//! What is counted: units, handshakes full and resumed, bytes, statuses, rates, the device's own figures.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    bench::load,
    server::{OK, Server, answer, answer_json, request},
};

#[test]
fn requests_share_their_connections_and_handshakes_do_not() {
    let server = Server::good();
    let run = load(&[&server.address, "-n", "50", "-c", "3", "--no-stat", "--cert", server.certificate()]);
    assert_eq!((run.code, run.number("/units/completed")), (0, 50));
    assert_eq!((run.number("/handshakes/full"), run.number("/latency/total/count")), (3, 50));
    assert_eq!(run.number("/latency/first_byte/count"), 50);
    assert_eq!(run.result("/statuses/0"), &serde_json::json!({"status": 200, "count": 50}));
    let before = server.taken();
    let run = load(&[&server.address, "-n", "50", "-c", "3", "--no-stat", "--mode", "handshake"]);
    assert_eq!((run.number("/units/completed"), run.number("/latency/tls_full/count")), (50, 50));
    assert_eq!(run.number("/latency/tcp_connect/count"), 50);
    assert_eq!(run.result("/latency/first_byte"), &serde_json::Value::Null);
    assert_eq!(server.taken() - before, 50, "and nothing else connects");
}

#[test]
fn never_resumes_none_and_always_resumes_all_but_the_first_of_each_connection() {
    let server = Server::good();
    for version in ["1.2", "1.3"] {
        for mode in ["handshake", "close"] {
            let run = |resume| {
                load(&[
                    &server.address,
                    "-n",
                    "30",
                    "-c",
                    "2",
                    "--no-stat",
                    "--mode",
                    mode,
                    "--resume",
                    resume,
                    "--tls",
                    version,
                ])
            };
            let never = run("never");
            assert_eq!((never.number("/handshakes/full"), never.number("/handshakes/resumed")), (30, 0));
            let always = run("always");
            assert_eq!(
                (always.number("/handshakes/full"), always.number("/handshakes/resumed")),
                (2, 28),
                "{version} {mode}"
            );
            assert_eq!(always.number("/latency/tls_resumed/count"), 28);
            // A TLS 1.3 ticket comes after the handshake, which in mode handshake is too late to count on.
            if mode == "close" || version == "1.2" {
                assert!(run("natural").number("/handshakes/resumed") > 0);
            }
        }
    }
}

#[test]
fn a_rate_is_kept_and_both_times_are_shown() {
    let server = Server::good();
    let run = load(&[&server.address, "-n", "40", "--rate", "100", "-c", "2", "--no-stat"]);
    assert_eq!((run.number("/units/completed"), run.number("/rate/due")), (40, 40));
    assert_eq!(run.number("/latency/total_uncorrected/count"), 40);
    assert!(run.number("/elapsed_us") >= 390_000, "the last of 40 was due after 0.39 s");
    assert!(run.number("/generator/start_lag_p50_us") > 0, "{:#}", run.document);
    let (_, text, _) = crate::bench::load_text(&[&server.address, "-n", "20", "--rate", "100", "--no-stat"]);
    assert!(
        text.contains("\n  begun late ") && text.contains(" by this machine itself (median)\n"),
        "{text}"
    );
    assert!(run.result("/rate/rate_ratio").as_f64().unwrap() > 0.0);
}

#[test]
fn a_time_ends_a_run_and_a_ramp_asks_for_its_area() {
    let server = Server::good();
    let run = load(&[&server.address, "-z", "1s", "--ramp", "0:60", "-c", "2", "--no-stat"]);
    assert_eq!(run.number("/rate/due"), 30);
    // A machine that stands still for a moment does not begin those that were due at the very end.
    assert!((1..=30).contains(&run.number("/units/completed")), "{:#}", run.document);
}

#[test]
fn an_unchecked_certificate_is_a_warning_unless_that_was_asked_for() {
    let server = Server::good();
    let warned = |flags: &[&str]| {
        let run = load(&[&[server.address.as_str(), "-n", "3", "--no-stat"], flags].concat());
        let warnings = run.result("/warnings").as_array().unwrap();
        warnings.iter().any(|warning| warning["code"] == "certificate_not_checked")
    };
    assert!(warned(&[]));
    assert!(!warned(&["--insecure"]));
    assert!(!warned(&["--cert", server.certificate()]));
}

#[test]
fn a_common_start_is_waited_for() {
    let server = Server::good();
    let at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 2;
    let run = load(&[&server.address, "-n", "3", "--no-stat", "--start-at", &at.to_string()]);
    let format = &time::format_description::well_known::Rfc3339;
    let began = time::OffsetDateTime::parse(run.result("/started_at").as_str().unwrap(), format).unwrap();
    assert!(began.unix_timestamp() >= i64::try_from(at).unwrap(), "{began} is before {at}");
    assert_eq!(run.number("/units/completed"), 3);
}

#[test]
fn a_posted_body_and_headers_arrive() {
    let server = Server::tls(|tls, _| {
        while let Some(head) = request(tls) {
            let mut body = [0; 4];
            let whole = std::io::Read::read_exact(tls, &mut body).is_ok() && &body == b"on=1";
            let good =
                head.starts_with("PUT /light HTTP/1.1\r\n") && head.contains("\r\nX-Key: v\r\n") && whole;
            let bad = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
            answer(tls, if good { OK } else { bad });
        }
    });
    let target = format!("{}/light", server.address);
    let run = load(&[&target, "-n", "5", "--no-stat", "-m", "PUT", "-d", "on=1", "-H", "X-Key: v"]);
    assert_eq!((run.code, run.number("/units/completed")), (0, 5), "{:#}", run.document);
}

#[test]
fn a_body_comes_from_a_file_or_from_standard_input() {
    let server = Server::tls(|tls, _| {
        while let Some(head) = request(tls) {
            let mut body = [0; 4];
            let whole = std::io::Read::read_exact(tls, &mut body).is_ok() && &body == b"\0\xff\r\n";
            let good = head.starts_with("POST /light HTTP/1.1\r\n")
                && head.contains("\r\nContent-Length: 4\r\n")
                && whole;
            answer(tls, if good { OK } else { b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" });
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body");
    std::fs::write(&file, b"\0\xff\r\n").unwrap();
    let (target, named) = (format!("{}/light", server.address), format!("@{}", file.display()));
    let run = load(&[&target, "-n", "5", "--no-stat", "-m", "post", "-d", &named]);
    assert_eq!((run.code, run.number("/units/completed")), (0, 5), "{:#}", run.document);
    assert_eq!(run.result("/load/method"), "POST");
    let args = ["load", &target, "-n", "5", "--no-stat", "-m", "POST", "-d", "@-", "--json"];
    let mut command = support::command();
    let body = std::fs::File::open(&file).unwrap();
    let output = command.args(args).stdin(body).output().unwrap();
    let document = crate::bench::parse_valid(&output.stdout);
    assert_eq!(document["result"]["units"]["completed"], 5, "{document:#}");
}

/// A device that tells its figures, and loses bytes with each request but those.
fn device(leak: u64, uptime: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Server {
    device_with(move |served| 100_000 - leak * served.min(900), uptime)
}

/// A device that tells its figures: its free heap and its uptime follow from how many requests but those it answered.
fn device_with(
    heap: impl Fn(u64) -> u64 + Send + Sync + 'static,
    uptime: impl Fn(u64) -> u64 + Send + Sync + 'static,
) -> Server {
    let served = Arc::new(AtomicU64::new(0));
    Server::tls(move |tls, _| {
        while let Some(head) = request(tls) {
            if !head.starts_with("GET /stat ") {
                served.fetch_add(1, Ordering::SeqCst);
                answer(tls, OK);
                continue;
            }
            let served = served.load(Ordering::SeqCst);
            let (heap, uptime) = (heap(served), uptime(served));
            answer_json(
                tls,
                &format!(
                    "{{\"uptime_s\":{uptime},\"heap_free\":{heap},\"heap_min\":{heap},\"sessions\":1,\"handshakes\":7,\
                     \"resumed\":0,\"handshake_us\":1,\"failed\":0,\"requests\":{served},\"frames_dropped\":{served}}}"
                ),
            );
        }
    })
}

#[test]
fn the_devices_own_figures_are_read_before_during_and_after() {
    let server = device(0, |_| 5);
    let run = load(&[&server.address, "-z", "3500ms", "--rate", "20"]);
    assert_eq!((run.code, run.result("/device/leak").as_i64()), (0, Some(0)));
    assert!(run.number("/device/readings") >= 1, "{:#}", run.document);
    assert!(run.document["result"]["series"].as_array().unwrap().iter().any(|row| row["device"].is_object()));
    assert_eq!(
        server.taken(),
        4,
        "two connections before, one of load, one after: no further one for the figures"
    );
}

#[test]
fn a_leak_and_a_restart_are_findings() {
    let leaking = device(100, |_| 5);
    let run = load(&[&leaking.address, "-n", "20"]);
    assert_eq!(run.error(), (1, "load.device_leak"));
    assert_eq!(run.result("/device/leak").as_i64(), Some(2000));
    assert_eq!(run.result("/findings/0/code"), "device_leak");
    assert_eq!((run.number("/device/first_use"), run.number("/device/second_round/units")), (0, 20));
    let restarting = device(0, |served| if served > 0 { 1 } else { 500 });
    assert_eq!(load(&[&restarting.address, "-n", "20"]).error(), (1, "load.device_rebooted"));
}

#[test]
fn heap_that_is_used_once_is_no_leak() {
    let device = device_with(|served| if served == 0 { 100_000 } else { 99_000 }, |_| 5);
    let run = load(&[&device.address, "-n", "20", "--fail-if", "device.leak>0"]);
    assert_eq!((run.code, run.number("/device/leak"), run.number("/device/first_use")), (0, 0, 1000));
    assert_eq!((run.number("/device/second_round/units"), run.number("/units/completed")), (20, 20));
    let posted = load(&[&self::device(100, |_| 5).address, "-n", "20", "-m", "POST", "-d", "1"]);
    assert_eq!((posted.error(), posted.number("/device/leak")), ((1, "load.device_leak"), 2000));
    assert_eq!(posted.result("/device/second_round"), &serde_json::Value::Null, "a POST is not repeated");
}

#[test]
fn dropped_frames_are_told_as_far_as_the_device_tells() {
    let server = device(0, |_| 5);
    let run = load(&[&server.address, "-n", "20"]);
    assert_eq!(run.number("/device/after/frames_dropped"), 20);
    let text = support::command().args(["load", &server.address, "-n", "5", "--insecure"]).output().unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("5 more that came were dropped"), "{text}");
}

#[test]
fn a_server_without_figures_has_none() {
    let run = load(&[&Server::good().address, "-n", "5"]);
    assert_eq!((run.code, run.result("/device")), (0, &serde_json::Value::Null));
}

#[test]
fn the_limits_of_a_server_are_found_within_what_is_tried() {
    let server = Server::good();
    let run = load(&[&server.address, "--find-limit", "-c", "2", "-z", "200ms", "--no-stat"]);
    assert_eq!(run.result("/kind"), "limits");
    assert_found(&run);
    assert_eq!(run.number("/limits/sessions/most"), 2);
    assert_eq!(run.result("/limits/first_failure"), &serde_json::Value::Null);
    assert!(run.result("/limits/handshakes/per_s").as_f64().unwrap() > 0.0);
    assert!(run.result("/limits/requests/per_s").as_f64().unwrap() > 0.0);
    assert!(run.number("/limits/recovery/after_us") > 0);
}

/// The search is no failure, unless the machine of the test is too busy to tell.
pub(crate) fn assert_found(run: &crate::bench::Run) {
    let is_busy = run.error() == (3, "load.generator_starved");
    assert!(run.code == 0 || is_busy, "{:#}", run.document);
}

#[test]
fn a_session_too_many_is_the_first_failure() {
    let open = Arc::new(AtomicU64::new(0));
    let server = Server::tls(move |tls, _| {
        // Two at once; the third is closed without an answer.
        if open.fetch_add(1, Ordering::SeqCst) < 2 {
            while request(tls).is_some_and(|_| answer(tls, OK)) {}
        }
        open.fetch_sub(1, Ordering::SeqCst);
    });
    let run = load(&[&server.address, "--find-limit", "-z", "200ms", "--no-stat"]);
    assert_found(&run);
    assert_eq!(run.number("/limits/sessions/most"), 2, "{:#}", run.document);
    assert_eq!(run.result("/limits/sessions/beyond/class"), "closed_early");
    assert_eq!(run.result("/limits/sessions/beyond/victim"), "newcomer");
    assert_eq!(run.number("/limits/first_failure/connections"), 3);
}
