//! `-m`, `-H`, `-d`: the request arrives as it was described, at the right server only, and
//! no secret of it is shown.

use std::fs;

use support::{peer, secret::Secret, server::Server};

use crate::{
    bench::{Folder, probe, probe_text},
    recorder::{JSON, Recorder},
};

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
fn the_text_report_has_request_and_answer() {
    let server = Recorder::with(
        "HTTP/1.1 404 Not Found\r\nSet-Cookie: sid=s3cr3t\r\nContent-Length: 7\r\n\r\na\x1b[2J\nb",
    );
    let (code, text, error) =
        probe_text(&[&server.address, "-m", "delete", "-H", "Authorization: Bearer s3cr3t-t0ken"]);
    assert_eq!(code, 0, "without an expectation any status is an answer");
    assert!(error.contains("so whoever answers gets the secret of -H: give --cert or --cacert"), "{error}");
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
fn a_device_that_is_busy_is_asked_again_before_it_gets_the_request() {
    let server = Recorder::with(JSON);
    let upstream = server.address.clone();
    // The first connection is the handshake that is observed.
    let busy = peer::listen(move |stream, count| match count {
        2 => peer::reset(stream),
        3 => peer::hello(stream),
        _ => peer::forward(stream, &upstream),
    });
    let run = probe(&[&busy, "-m", "POST", "--expect-json", "/status=true"]);
    assert_eq!(run.code, 0, "{:#}", run.document);
    assert_eq!(run.result("/exchange/attempts"), 3);
    assert_eq!(server.requests().len(), 1);
    let gone = peer::listen(move |stream, count| match count {
        1 => peer::forward(stream, &server.address),
        _ => peer::reset(stream),
    });
    let run = probe(&[&gone, "-m", "POST"]);
    assert_eq!((run.code, run.error().1), (4, "client.reset"), "{:#}", run.document);
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
