//! HTTP that is not as the RFC asks: what curl reads is read, and what is odd is said.

use std::process::Command;

use crate::{
    bench::{Run, probe, probe_text},
    page::serve_bytes,
};

/// How curl and the probe take the same answer.
struct Taken {
    curl_reads: bool,
    outcome: String,
    run: Run,
}

fn take(answer: &'static [u8]) -> Taken {
    let address = serve_bytes(answer);
    let curl =
        Command::new("curl").args(["-sSk", "-m", "20", &format!("https://{address}/")]).output().unwrap();
    let run = probe(&[address]);
    let outcome = run.result("/page/outcome").as_str().unwrap().to_owned();
    Taken { curl_reads: curl.status.success(), outcome, run }
}

#[test]
fn what_curl_reads_is_read() {
    let answers: [&[u8]; 13] = [
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\tc\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nX: a\x01b\x7f\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nX : a\r\nContent-Length : 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nX (y)@[]: a\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\n: v\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 999 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"http/1.1 200x OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\n\n2 \nhi\n0\n\n",
        b"HTTP/1.1 200 OK\r\n\r\nhi",
    ];
    for answer in answers {
        let taken = take(answer);
        let shown = String::from_utf8_lossy(answer);
        assert!(taken.curl_reads, "curl no longer reads {shown:?}");
        assert_eq!((taken.run.code, taken.outcome.as_str()), (0, "answered"), "{shown:?}");
        assert_eq!(taken.run.result("/page/answer/body_bytes"), 2, "{shown:?}");
    }
}

#[test]
fn more_fields_than_anyone_needs_are_read() {
    let fields: String = (0..1000).map(|index| format!("X-{index}: y\r\n")).collect();
    let answer = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n\r\nhi");
    let taken = take(Box::leak(answer.into_bytes().into_boxed_slice()));
    assert!(taken.curl_reads);
    assert_eq!((taken.run.code, taken.outcome.as_str()), (0, "answered"));
}

#[test]
fn what_is_odd_is_said() {
    let answer = b"HTTP/1.1 200 OK\r\nX : a\r\n b\r\nhello\r\nContent-Length: 2\r\n\r\nhi";
    let address = serve_bytes(answer);
    let run = probe(std::slice::from_ref(&address));
    assert_eq!(
        run.result("/page/answer/oddities"),
        &serde_json::json!(["folded_line", "space_before_colon", "no_colon"])
    );
    let (code, text, _) = probe_text(&[address]);
    assert_eq!(code, 0);
    for said in [
        "has a folded line (deprecated by RFC 9112, section 5.2)",
        "has a space before a colon",
        "has a line without a colon",
    ] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn an_answer_whose_end_cannot_be_known_breaks_the_protocol_and_is_not_waited_for() {
    let answers: [(&[u8], &str); 6] = [
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhi", "invalid_length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi", "invalid_length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 111111111111111111111111111111\r\n\r\nhi", "length_too_large"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", "lengths_differ"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi", "invalid_chunk_size"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiho", "chunk_not_ended"),
    ];
    for (answer, fault) in answers {
        let run = probe(&[serve_bytes(answer)]);
        assert_eq!((run.code, run.error().1), (5, "probe.broken_http"), "{fault}");
        assert_eq!(run.result("/page/outcome"), "malformed", "{fault}");
        assert_eq!(run.result("/page/fault"), fault);
        assert_eq!(run.result("/page/answer/status"), 200, "{fault}");
    }
}
