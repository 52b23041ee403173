//! `-m`, `-H`, `-d` and what is expected of the answer: the request arrives as it was described, at the right server only, and
//! no secret of it is shown.

use std::{
    fs,
    io::Write as _,
    sync::{Arc, Mutex},
};

use support::{peer, secret::Secret, server::Server};

use crate::{
    bench::{Folder, Run, probe, probe_text},
    page::serve_requests,
};

/// A server that gives the same answer to each request, and the requests that reached it.
struct Recorder {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn new(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + Clone + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&requests);
        let address = serve_requests(move |request, mut tls| {
            if !request.is_empty() {
                taken.lock().unwrap().push(request.to_owned());
                let _ = tls.write_all(&answer(request));
            }
            tls.conn.send_close_notify();
            let _ = tls.flush();
        });
        Self { address, requests }
    }

    fn with(answer: &'static str) -> Self {
        Self::new(|_| answer.as_bytes().to_vec())
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn probe(&self, args: &[&str]) -> Run {
        probe(&[&[self.address.as_str()][..], args].concat())
    }
}

const JSON: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\": true}";

#[test]
fn the_request_arrives_as_it_was_described() {
    let server = Recorder::with(JSON);
    let given =
        ["--path", "/light?x=1", "-d", "{\"status\": true}", "-H", "X-Mode: a: b", "-H", "user-agent: test"];
    let run = server.probe(&given);
    assert_eq!(run.code, 0, "{:#}", run.document);
    let [request] = server.requests().try_into().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "{\"status\": true}");
    let mut lines: Vec<_> = head.lines().collect();
    assert_eq!(lines.remove(0), "POST /light?x=1 HTTP/1.1");
    lines.sort_unstable();
    let host = format!("Host: {}", server.address);
    let expected = [
        "Accept: */*",
        "Connection: close",
        "Content-Length: 16",
        "Content-Type: application/json",
        &host,
        "User-Agent: test",
        "X-Mode: a: b",
    ];
    assert_eq!(lines, expected);
    assert_eq!(run.result("/exchange/request/method"), "POST");
    assert_eq!(run.result("/exchange/answer/status"), 200);
    assert_eq!(run.result("/exchange/answer/body/opening"), "{\"status\": true}");
    assert_eq!(run.result("/exchange/address"), server.address.as_str());
    assert_eq!(run.result("/page/outcome"), "not_asked");
}

#[test]
fn a_file_is_sent_byte_for_byte_and_a_method_without_a_body_says_so() {
    let server = Recorder::with(JSON);
    let folder = Folder::new();
    fs::write(folder.path("body"), "a\r\nb").unwrap();
    let data = format!("@{}", folder.path("body").display());
    for args in [&["-m", "put", "-d", &data][..], &["-m", "POST"], &["-m", "HEAD"]] {
        assert_eq!(server.probe(args).code, 0, "{args:?}");
    }
    let [put, post, head] = server.requests().try_into().unwrap();
    assert!(put.starts_with("PUT / HTTP/1.1\r\n") && put.ends_with("\r\n\r\na\r\nb"), "{put}");
    assert_eq!(post.matches("Content-Length: 0\r\n").count(), 1, "{post}");
    assert!(head.starts_with("HEAD / HTTP/1.1\r\n") && !head.contains("Content-Length"), "{head}");
}

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
            "expect.body_exactly: wanted 1 bytes, `x`, found 16 bytes, `{\"status\": true}`",
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
fn the_text_report_has_request_and_answer() {
    let server = Recorder::with(
        "HTTP/1.1 404 Not Found\r\nSet-Cookie: sid=s3cr3t\r\nContent-Length: 7\r\n\r\na\x1b[2J\nb",
    );
    let (code, text, _) =
        probe_text(&[&server.address, "-m", "delete", "-H", "Authorization: Bearer s3cr3t-t0ken"]);
    assert_eq!(code, 0, "without an expectation any status is an answer");
    let text = &text[text.find("\nrequest\n").unwrap()..];
    let time = text.split("bytes, in ").nth(1).unwrap().split(" ms").next().unwrap();
    insta::assert_snapshot!(text.replace(&format!("in {time} ms"), "in N ms"), @r"

    request
      DELETE /
      Authorization: (not shown)

    answer
      404, 7 bytes, in N ms with the handshake
      set-cookie: (not shown)
      content-length: 7
      | a\u{1b}[2J
      | b
    ");
}

#[test]
fn no_secret_of_a_request_or_an_answer_is_in_any_output() {
    // A server that repeats what it got, and gives a secret of its own.
    let server = Recorder::new(|request| {
        let body = format!("you said {request} and {request}");
        let head = format!(
            "HTTP/1.1 500 Oops\r\nSet-Cookie: sid=k7Jt0pZx1Q; Secure\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        (head + &body).into_bytes()
    });
    let secrets =
        [Secret::of_text("w8Qm3vLr5T"), Secret::of_text("k7Jt0pZx1Q"), Secret::of_text("h2Yc6nBd9F")];
    let folder = tempfile::tempdir().unwrap();
    let junit = folder.path().join("junit.xml");
    for more in [&["--json"][..], &[], &["--expect-body", "nothing", "--junit", junit.to_str().unwrap()]] {
        let mut command = support::command();
        command.args([
            "probe",
            &server.address,
            "-H",
            "Authorization: Bearer w8Qm3vLr5T",
            "-H",
            "Cookie: a=1; sid=h2Yc6nBd9F",
        ]);
        command.args(["--expect-header", "Set-Cookie: sid=other", "--expect-body-exactly", "x"]).args(more);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        for secret in &secrets {
            secret.assert_not_in(&output, &format!("{more:?}"));
        }
    }
    let junit = fs::read_to_string(junit).unwrap();
    assert!(junit.contains("expect.header.set-cookie"), "{junit}");
    for secret in ["w8Qm3vLr5T", "k7Jt0pZx1Q", "h2Yc6nBd9F"] {
        assert!(!junit.contains(secret), "{junit}");
    }
    let arrived = server.requests().concat();
    assert!(arrived.contains("Authorization: Bearer w8Qm3vLr5T\r\n"), "{arrived}");
}

#[test]
fn a_server_that_is_not_trusted_gets_no_request() {
    let server = Recorder::with(JSON);
    let other = Folder::new();
    other.p256("other");
    let pin = other.path("other.pem");
    let run =
        server.probe(&["--cert", pin.to_str().unwrap(), "-H", "Authorization: x", "--expect-status", "200"]);
    assert_eq!((run.code, run.error().1), (1, "probe.pin_mismatch"));
    assert_eq!(run.result("/checks/0/outcome"), "unknown");
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn redirects_are_shown_or_followed_on_the_same_server_only() {
    let elsewhere = Recorder::with(JSON);
    let elsewhere_at = elsewhere.address.clone();
    let server = Recorder::new(move |request| {
        let place = match request.split(' ').nth(1).unwrap() {
            "/start" => "Location: next",
            "/next" => "Location: /end?x=1",
            "/away" => &format!("Location: https://{elsewhere_at}/"),
            "/loop" => "Location: /loop",
            _ => return JSON.as_bytes().to_vec(),
        };
        format!("HTTP/1.1 302 Found\r\n{place}\r\nContent-Length: 0\r\n\r\n").into_bytes()
    });
    let status = |path: &str, follow: &[&str], status: &str| {
        let run = server.probe(&[&["--path", path, "--expect-status", status][..], follow].concat());
        assert_eq!(run.code, 0, "{:#}", run.document);
        run.result("/exchange/redirects").clone()
    };
    assert_eq!(status("/start", &[], "302"), serde_json::json!([]));
    assert_eq!(status("/start", &["--follow"], "200"), serde_json::json!(["/next", "/end?x=1"]));
    assert_eq!(status("/away", &["--follow"], "302"), serde_json::json!([]));
    assert_eq!(elsewhere.requests(), [""; 0]);
    assert_eq!(status("/loop", &["--follow"], "302").as_array().unwrap().len(), 5);
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

#[test]
fn a_name_a_zone_and_a_client_certificate_reach_the_server_as_in_the_handshake() {
    let folder = Folder::new();
    folder.p256("ca");
    folder.issued("board", "ca", "subjectAltName=DNS:board.local,IP:127.0.0.1,IP:::1");
    folder.p256("client");
    let client = folder.path("client.pem").display().to_string();
    let lines = format!(
        "ssl_client_certificate {client}; ssl_verify_client on;\n\
         return 200 \"$ssl_server_name $ssl_client_verify $host $request_method\";"
    );
    let Some(server) = Server::nginx(folder.as_ref(), ("board.pem", "board.key"), &lines) else { return };
    let key = folder.path("client.key").display().to_string();
    let ca = folder.path("ca.pem").display().to_string();
    let port = server.port();
    for (target, more, body) in [
        (
            format!("board.local:{port}"),
            &["--address", "127.0.0.1"][..],
            "board.local SUCCESS board.local PATCH",
        ),
        (format!("127.0.0.1:{port}"), &[], " SUCCESS 127.0.0.1 PATCH"),
        (
            format!("127.0.0.1:{port}"),
            &["--server-name", "board.local"],
            "board.local SUCCESS 127.0.0.1 PATCH",
        ),
    ] {
        let own = [
            "--client-cert",
            &client,
            "--client-key",
            &key,
            "--cacert",
            &ca,
            "-m",
            "patch",
            "--expect-body-exactly",
            body,
        ];
        let run = probe(&[&[target.as_str()][..], &own, more].concat());
        assert_eq!(run.code, 0, "{:#}", run.document);
    }
    let server = folder.serve_at("[::1]:0", "board", &["-www"]);
    let target = format!("[::1%lo]:{}", server.port());
    let run = probe(&[target.as_str(), "--cacert", &ca, "--expect-status", "200", "-H", "X: y"]);
    assert_eq!(run.code, 0, "{:#}", run.document);
}

#[test]
fn what_can_not_be_asked_is_a_usage_error() {
    for (args, code) in [
        (["-H", "no colon"], "client.header"),
        (["-H", "Content-Length: 5"], "client.header"),
        (["-m", "GET /"], "client.method"),
        (["-d", "@/nowhere/body"], "client.body"),
        (["--expect-body-exactly", "@/nowhere/body"], "client.body"),
        (["--path", "/a b"], "client.target"),
        (["--expect-status", "2xy"], "probe.expectation"),
        (["--expect-header", "a b"], "probe.expectation"),
        (["--expect-body-regex", "("], "probe.expectation"),
        (["--expect-json", "$.status=true"], "probe.expectation"),
    ] {
        let run = probe(&["127.0.0.1:1", args[0], args[1]]);
        assert_eq!((run.code, run.error().1), (2, code), "{args:?}");
        assert!(run.document["error"]["try"].is_string(), "{args:?}");
    }
    let run = probe(&["127.0.0.1:1/a/../b", "--expect-status", "200"]);
    assert_eq!(run.error(), (2, "client.path", "/a/../b would be sent as /b"));
    for args in [&["--trace", "-d", "x"][..], &["--pcap", "x", "--expect-status", "200"], &["-d", "@"]] {
        assert_eq!(probe_text(&[&["127.0.0.1:1"], args].concat()).0, 2, "{args:?}");
    }
}
