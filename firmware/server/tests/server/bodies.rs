//! The body of a request: how it is framed, and whether it is waited for.

use esp_https_provision::Limits;

use crate::client::Client;
use crate::pipe::End;
use crate::requests::{all, ask, refused};
use crate::sim::Sim;

#[test]
fn a_broken_chunk_is_400_and_ends_the_connection() {
    for body in [
        "x\r\n",
        "\r\n",
        ";\r\n",
        "-1\r\n",
        "0x4\r\n",
        "4\n{}  \r\n",
        "2\r\n{}  \r\n0\r\n\r\n",
        "2\r\n{}\n0\r\n\r\n",
        "2\r\n{}\r\n0\r\n\n",
        "0\r\nTrailer: \0\r\n\r\n",
        "2 \r\r\n",
        "0000000000000002\r\n{}\r\n0\r\n\r\n",
    ] {
        let request = format!("POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        assert_eq!(refused(&request), 400, "{body:?}");
    }
    let extension = format!("2;{}\r\n", "x".repeat(300));
    assert_eq!(
        refused(&format!("POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n{extension}")),
        400
    );
}

#[test]
fn a_chunked_body_is_read_with_extensions_and_trailers() {
    let mut sim = Sim::plain();
    let mut client = Client::new(sim.connect());
    sim.run(async move {
        let answer = client
            .ask(
                "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: Chunked\r\n\r\n\
                 9;a=\"b\"\r\n{\"status\"\r\n008\r\n: false}\r\n0\r\nX-Sum: 1\r\n\r\n",
            )
            .await
            .unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "{\"status\": false}"));
        let next = client.ask("GET / HTTP/1.1\r\nHost: b\r\n\r\n").await.unwrap();
        assert_eq!(next.status, 200);
    });
}

#[test]
fn a_body_at_the_limit_is_read_and_one_beyond_is_413() {
    let limit = usize::from(Limits::default().max_body);
    let padded = |length: usize| format!("{:length$}", "{\"status\": true}");
    let sized = |length: usize| {
        format!("POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: {length}\r\n\r\n{}", padded(length))
    };
    let chunked = |length: usize| {
        let body = padded(length);
        let (first, second) = body.split_at(100);
        let coding = format!("64\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", second.len());
        format!("POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n{coding}")
    };
    assert_eq!(ask(&sized(limit)).status, 200);
    assert_eq!(ask(&chunked(limit)).status, 200);
    for request in [sized(limit + 1), chunked(limit + 1)] {
        assert_eq!(refused(&request), 413);
    }
    let huge = "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 99999999999999999999999999\r\n\r\n";
    assert_eq!(refused(huge), 413);
    assert!(all(&sized(limit + 1)).0.contains("the limit is 1024 bytes"));
}

#[test]
fn a_client_that_waits_for_100_is_told_to_continue() {
    let mut sim = Sim::plain();
    let mut client = Client::new(sim.connect());
    sim.run(async move {
        let request = "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 17\r\nExpect: 100-Continue\r\n\r\n";
        assert_eq!(client.ask(request).await.unwrap().status, 100);
        let answer = client.ask("{\"status\": false}").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "{\"status\": false}"));
        let chunked =
            "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n";
        assert_eq!(client.ask(chunked).await.unwrap().status, 100);
        assert_eq!(
            client.ask("10\r\n{\"status\": true}\r\n0\r\n\r\n").await.unwrap().body,
            "{\"status\": true}"
        );
    });
}

#[test]
fn a_client_that_waits_for_100_gets_the_final_answer_when_there_is_nothing_to_wait_for() {
    let with = |line: &str, length: &str| {
        format!("{line}\r\nHost: b\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n")
    };
    assert_eq!(refused(&with("POST /nothing HTTP/1.1", "5")), 404);
    assert_eq!(refused(&with("POST / HTTP/1.1", "5")), 405);
    assert_eq!(refused(&with("POST /light HTTP/1.1", "5000")), 413);
    assert_eq!(ask(&with("GET / HTTP/1.1", "0")).status, 200);
    assert_eq!(ask(&format!("{}{{\"status\": true}}", with("POST /light HTTP/1.0", "16"))).status, 200);
    assert_eq!(
        refused("POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\nExpect: wonders\r\n\r\n"),
        417
    );
}

/// Nobody reads the body: the page has answered by then, and what is wrong with the body ends only the connection.
#[test]
fn a_broken_body_that_nobody_reads_ends_the_connection_behind_the_answer() {
    for (target, status) in [("GET /", 200), ("POST /nothing", 404), ("POST /", 405), ("OPTIONS *", 204)] {
        for body in ["x\r\n", "2\r\n{}  \r\n", "2000\r\n{}"] {
            let head = format!("{target} HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n");
            let (text, end) = all(&format!("{head}{body}GET / HTTP/1.1\r\nHost: b\r\n\r\n"));
            let first = format!("HTTP/1.1 {status} ");
            assert!(text.starts_with(&first), "{target}, {body:?}: {text}");
            assert_eq!((text.matches("HTTP/1.1 ").count(), end), (1, End::Fin), "{target}, {body:?}: {text}");
        }
    }
}
