//! What is expected of the answer to a request, and answers that can't be read or do not come.

use std::io::Write as _;

use support::peer;

use crate::{
    bench::{probe, probe_text},
    page::serve_requests,
    recorder::{JSON, Recorder},
};

#[test]
fn what_is_expected_is_a_check_and_one_that_fails_is_exit_code_1() {
    let server = Recorder::with(JSON);
    let good = [
        "--expect-status",
        "2xx",
        "--expect-json",
        "/status=true",
        "--expect-header",
        "content-type: application/json",
    ];
    let run = server.probe(&good);
    assert_eq!(run.code, 0, "{:#}", run.document);
    let ids: Vec<_> =
        run.result("/checks").as_array().unwrap().iter().map(|check| check["id"].clone()).collect();
    assert_eq!(ids, ["expect.status", "expect.header.content-type", "expect.json/status"]);
    for (args, what) in [
        (["--expect-status", "404"], "expect.status: wanted 404, found 200"),
        (["--expect-json", "/status=false"], "expect.json/status: wanted `false`, found `true`"),
        (["--expect-json", "/on=true"], "expect.json/on: wanted `true`, found no such value"),
        (["--expect-header", "etag"], "expect.header.etag: wanted any value, found no such header"),
        (
            ["--expect-body", "off"],
            "expect.body: wanted `off` in the body, found 16 bytes, `{\"status\": true}`",
        ),
        (
            ["--expect-body-exactly", "x"],
            "expect.body_exactly: wanted exactly the 1 bytes that were given, found 16 bytes, `{\"status\": true}`",
        ),
        (
            ["--expect-body-regex", "^off"],
            "expect.body_regex: wanted a match of `^off`, found 16 bytes, `{\"status\": true}`",
        ),
    ] {
        let run = server.probe(&args);
        assert_eq!(run.error(), (1, "probe.check_failed", what));
        let (code, text, error) = probe_text(&[&[server.address.as_str()][..], &args].concat());
        assert!(code == 1 && text.contains("failed   expect.") && error.contains("expect."), "{text}{error}");
    }
}

#[test]
fn what_can_t_be_read_is_looked_at_by_our_own_reader() {
    for (answer, what) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhi",
            "the answer breaks HTTP: its Content-Length is not a number (RFC 9112, section 6.3)",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi",
            "the answer breaks HTTP: a chunk of its body has no valid size (RFC 9112, section 7.1)",
        ),
        ("SSH-2.0-x\r\n\r\n", "the answer breaks HTTP: it is not an HTTP answer"),
    ] {
        let server = Recorder::with(answer);
        let run = server.probe(&["--expect-status", "200"]);
        assert_eq!(run.error(), (5, "probe.broken_http", what));
        assert_eq!(server.requests().len(), 2, "{what}");
        // What may have an effect is not sent twice.
        let server = Recorder::with(answer);
        let run = server.probe(&["-d", "x"]);
        assert_eq!((run.code, run.error().1), (5, "probe.broken_http"));
        assert_eq!(server.requests().len(), 1, "{what}");
    }
}

#[test]
fn what_common_clients_read_is_read() {
    for answer in [
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX (y)@[]: a\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.0 200 OK\r\n\r\nhi",
    ] {
        let run = Recorder::with(answer).probe(&["--expect-body-exactly", "hi"]);
        assert_eq!(run.code, 0, "{answer}: {:#}", run.document);
    }
}

#[test]
fn an_answer_that_does_not_come_is_the_devices_fault() {
    let closes = serve_requests(|_, tls| drop(tls));
    let run = probe(&[&closes, "-m", "POST"]);
    assert_eq!((run.code, run.error().1), (4, "probe.no_page"), "{:#}", run.document);
    let silent = serve_requests(|request, mut tls| {
        if !request.is_empty() {
            let _ = tls.write_all(b"HTTP/1.1 200 OK\r\n");
            peer::silence(&mut tls.sock);
        }
    });
    let run = probe(&[&silent, "--expect-status", "200", "--timeout", "1s"]);
    assert_eq!(run.error(), (4, "probe.no_page", "no whole answer came within 2s"), "{:#}", run.document);
    let cut = Recorder::with("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhi");
    let run = cut.probe(&["--expect-status", "200"]);
    assert_eq!(run.error().1, "probe.no_page", "{:#}", run.document);
}

#[test]
fn a_body_without_end_is_read_to_its_bound() {
    let server = Recorder::new(|_| {
        let mut answer = b"HTTP/1.1 200 OK\r\n\r\nbegin".to_vec();
        answer.resize(3 << 20, b'x');
        answer
    });
    let run = server.probe(&["--expect-body", "begin", "--expect-body-regex", "y"]);
    assert_eq!((run.code, run.error().1), (3, "probe.check_unknown"), "{:#}", run.document["error"]);
    assert_eq!(run.result("/exchange/answer/body/extent"), "beginning");
    assert_eq!(run.result("/exchange/answer/body/bytes"), 1 << 20);
    assert_eq!(run.result("/exchange/answer/body/opening").as_str().unwrap().len(), 4096);
}
