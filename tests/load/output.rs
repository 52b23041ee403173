//! How it is shown: text without colours in a pipe, files beside the report, a valid document on every exit.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use support::{Running, document, wait_until};

use crate::{
    bench::{load, load_text, parse_row, parse_valid},
    server::{OK, Server, answer, nobody, request},
};

#[test]
fn the_report_reads_like_this() {
    let server = Server::good();
    let args = [
        &server.address,
        "-n",
        "200",
        "-c",
        "2",
        "--no-stat",
        "--tls",
        "1.3",
        "--cert",
        server.certificate(),
    ];
    let (code, text, progress) = load_text(&args);
    assert_eq!((code, progress), (0, format!("loading {}: requests on 2 connections ..\n", server.address)));
    assert!(!text.contains('\u{1b}'), "no escape codes in a pipe");
    assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
    insta::with_settings!({filters => vec![
        (r"127\.0\.0\.1:\d+", "[address]"),
        (r"in \d+\.\d\d s, [\d.]+ /s", "in [time], [rate]"),
        (r" +\d+(\.\d+)? (us|ms|s)\b", " [time]"),
        (r"\d+\.\d KB", "[bytes]"),
        (r"(?m)^warning: .*\n", ""),
        (r"\n+$", "\n"),
    ]}, {
        insta::assert_snapshot!(text, @r"
        [address]/
        200 requests in [time], [rate], none failed
        2 connections, as fast as answers come; certificate pinned; [bytes] sent, [bytes] received

        handshakes
          by kind      2 full, 0 resumed
          TLS 1.3      TLS_AES_256_GCM_SHA384, x25519: 2

        time
                                 count       min       p50       p90       p99     p99.9       max
          TCP connect                2 [time] [time] [time] [time] [time] [time]
          TLS, full                  2 [time] [time] [time] [time] [time] [time]
          first byte               200 [time] [time] [time] [time] [time] [time]
          total                    200 [time] [time] [time] [time] [time] [time]

        answers
          by status    200: 200
        ");
    });
}

#[test]
fn the_answer_of_a_search_reads_like_this() {
    let server = Server::good();
    let (code, text, _) =
        load_text(&[&server.address, "--find-limit", "-c", "2", "-z", "200ms", "--no-stat"]);
    assert!(code == 0 || code == 3, "found, or too busy to tell: {code}");
    assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
    let answers = text.split("\n\nsteps\n").next().unwrap();
    insta::with_settings!({filters => vec![
        (r"127\.0\.0\.1:\d+", "[address]"),
        (r"[\d.]+ on \d connections? \(p50 [\d.]+ \w+, p99 [\d.]+ \w+\)", "[saturation point]"),
        (r"(?m)^( +)(in one pass|[\d.]+ to [\d.]+ in \d passes)(,.*|;.*)?$", "$1[spread]"),
        (r"(?m)( +)(no steady rate was kept up|[\d.]+ steadily).*; .*$", "$1[steady]"),
        (r"answered [\d.]+ \w+ after", "answered [time] after"),
    ]}, {
        insta::assert_snapshot!(answers, @r"
        [address]/
          sessions at once     2 (no more were tried)
          handshakes a second  [saturation point]
                               [spread]
                               [steady]
          requests a second    [saturation point]
                               [spread]
                               [steady]
          first failure        none
          recovered            yes, answered [time] after the last step
        ");
    });
}

#[test]
fn the_files_beside_the_report_are_whole() {
    let server = Server::tls(|tls, number| {
        for index in 0.. {
            if request(tls).is_none() || (number == 2 && index == 3) {
                return;
            }
            answer(tls, OK);
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let files = [
        "--html",
        &file("r.html"),
        "--csv",
        &file("r.csv"),
        "--series",
        &file("r.ndjson"),
        "-o",
        &file("r.json"),
    ];
    let (code, text, _) = load_text(
        &[&[server.address.as_str(), "-n", "60", "--rate", "50", "--no-stat", "--json"], &files[..]].concat(),
    );
    assert_eq!((code, text.as_str()), (0, ""));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    parse_valid(read("r.json").as_bytes());
    let rows: Vec<_> = read("r.ndjson").lines().map(parse_row).collect();
    let total = |key: &str| rows.iter().map(|row| row[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!(total("completed") + total("failed"), 60);
    let csv = read("r.csv");
    assert!(csv.lines().all(|line| line.split(',').count() == 13), "{csv}");
    assert!(csv.contains("\r\nphase,total,") && csv.contains("\r\nphase,total_uncorrected,"), "{csv}");
    let html = read("r.html");
    for part in ["Latency over time", "Percentiles", "Histogram", "total, since due", "<svg", "</html>"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(
        !html.contains("<script") && !html.contains("src=") && !html.contains("url("),
        "it needs nothing else"
    );
}

#[test]
fn a_search_has_a_page_and_a_row_for_each_step() {
    let server = Server::good();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let files = ["--html", &file("l.html"), "--csv", &file("l.csv")];
    let args = [&server.address, "--find-limit", "-c", "2", "-z", "200ms", "--no-stat"];
    let run = load(&[&args[..], &files[..]].concat());
    crate::counts::assert_found(&run);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let csv = read("l.csv");
    let (head, rows) = csv.split_once("\r\n").unwrap();
    assert_eq!(head, "units,connections,asked_per_s,per_s,completed,failed,rate_ratio,p50_us,p99_us");
    let told: Vec<_> = run.result("/limits/steps").as_array().unwrap().iter().map(step_row).collect();
    assert_eq!(rows.lines().collect::<Vec<_>>(), told);
    let html = read("l.html");
    for part in [
        "sessions at once",
        "Handshakes by connections",
        "Handshakes: latency by rate",
        "Requests by rate",
        "asked for",
        "</table>",
        "</html>",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let rows = html.split("<tr>").count() - 2;
    assert_eq!(rows, told.len(), "a row a step, below the head");
    assert!(!html.contains("Errors by step") && !html.contains("NaN"), "{html}");
    assert!(!html.contains("<script") && !html.contains("src="), "it needs nothing else");
}

/// A step of the document as a line of the table.
fn step_row(step: &serde_json::Value) -> String {
    let units = if step["mode"] == "handshake" { "handshakes" } else { "requests" };
    let figure = |key: &str| step[key].as_f64().map_or(String::new(), |value| value.to_string());
    let keys =
        ["connections", "rate", "per_s", "completed", "failed", "rate_ratio", "p50_us", "p99_us"].map(figure);
    format!("{units},{}", keys.join(","))
}

#[test]
fn where_nothing_came_about_there_are_no_empty_tables() {
    let (code, text, error) = load_text(&[&nobody(), "-n", "3"]);
    assert_eq!(code, 4, "{error}");
    assert!(text.contains("refused ") && !text.contains("handshakes") && !text.contains("p99.9"), "{text}");
    let (code, text, error) = load_text(&[&nobody(), "--find-limit"]);
    assert_eq!(code, 4, "{error}");
    assert!(text.contains("sessions at once     none: refused\n"), "{text}");
    assert!(text.contains("refused with 1 connection\n") && !text.contains("steps"), "{text}");
    assert!(error.contains("it refused the connection; so no session was opened"), "{error}");
}

#[test]
fn a_file_that_cannot_be_written_is_said_before_the_run() {
    let server = Server::good();
    for mode in [&["-n", "5"][..], &["--find-limit"]] {
        for option in ["--html", "--csv", "--series", "-o"] {
            let (code, _, error) =
                load_text(&[&[server.address.as_str(), option, "/nowhere/file"], mode].concat());
            assert_eq!((code, server.taken()), (2, 0), "{error}");
            assert!(error.contains("/nowhere/file") || error.contains("--find-limit"), "{error}");
        }
    }
}

#[test]
fn an_interrupted_run_gives_its_full_report_and_exits_130() {
    let answered = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&answered);
    let server = Server::tls(move |tls, _| {
        while request(tls).is_some_and(|_| answer(tls, OK)) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    for (signal, flags) in
        [("INT", &["-c", "2"][..]), ("TERM", &["--rate", "100"]), ("INT", &["--find-limit"])]
    {
        let count = || (server.taken(), answered.load(Ordering::SeqCst));
        let before = count();
        let mut command = support::command();
        command.args(["load", "--json", "-z", "10m", "--no-stat", &server.address]).args(flags);
        let run = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
        // A search begins with sessions that ask for nothing.
        let is_search = flags == ["--find-limit"];
        wait_until("the load is under way", || {
            let now = count();
            now.0 > before.0 && (is_search || now.1 > before.1 + 20)
        });
        run.signal(signal);
        let output = run.output();
        assert_eq!(output.status.code(), Some(130));
        let document = document::of(&output);
        assert_eq!(document["error"]["code"], "load.interrupted");
        if document["result"]["kind"] == "run" {
            assert_eq!(document["result"]["ended"], "interrupted");
            assert!(document["result"]["units"]["completed"].as_u64().unwrap() > 0, "{document:#}");
        }
    }
}

#[test]
fn what_was_trusted_is_said_of_handshakes_that_were() {
    let (server, other) = (Server::good(), Server::good());
    let title = |flags: &[&str]| {
        let (_, text, _) = load_text(&[&[server.address.as_str(), "-n", "2", "--no-stat"], flags].concat());
        text.lines().nth(2).unwrap_or_default().split("; ").nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(title(&["--cert", server.certificate()]), "certificate pinned");
    assert_eq!(title(&["--cert", other.certificate()]), "not the pinned certificate");
    assert_eq!(title(&["--cacert", other.certificate()]), "certificate not trusted by the CA for this name");
    let (_, text, _) = load_text(&[&nobody(), "-n", "2", "--cacert", server.certificate()]);
    assert!(text.contains("; no certificate seen; ") && !text.contains("trusted by CA"), "{text}");
}

#[test]
fn why_the_device_told_nothing_during_the_run_is_said() {
    let figures = r#"{"uptime_s":5,"heap_free":9,"heap_min":9,"sessions":1,"handshakes":7,"resumed":0,"handshake_us":1,"failed":0,"requests":1}"#;
    // Its first connection is the one that is asked before the run.
    let silent = Server::tls(move |tls, number| {
        while let Some(head) = request(tls) {
            let is_stat = head.starts_with("GET /stat ");
            if is_stat && number > 1 {
                answer(tls, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            } else if is_stat {
                crate::server::answer_json(tls, figures);
            } else {
                answer(tls, OK);
            }
        }
    });
    let said = |args: &[&str]| {
        let (_, text, _) = load_text(args);
        let line = text.lines().find(|line| line.trim_start().starts_with("sessions ")).unwrap_or(&text);
        line.trim_start().trim_start_matches("sessions").trim_start().to_owned()
    };
    let asked = said(&[&silent.address, "-z", "2500ms", "--rate", "20"]);
    assert!(
        asked.starts_with("not read: the device did not answer any of ") && asked.ends_with(" questions"),
        "{asked}"
    );
    let short = Server::tls(
        move |tls, _| while request(tls).is_some_and(|_| crate::server::answer_json(tls, figures)) {},
    );
    assert_eq!(said(&[&short.address, "-n", "2"]), "not read: the run was over within a second");
    let busy = Server::tls(move |tls, number| {
        while request(tls).is_some() {
            if number > 1 {
                return crate::server::silence(&tls.sock);
            }
            crate::server::answer_json(tls, figures);
        }
    });
    let never = said(&[&busy.address, "-z", "2s", "--timeout", "1500ms"]);
    assert_eq!(
        never,
        "not read: the first connection, on which it is asked, was never open between two units"
    );
}
