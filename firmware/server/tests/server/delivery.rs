//! The same bytes in other pieces, at other speeds, and not all of them.

use esp_https_provision::Limits;

use crate::client::Client;
use crate::pipe::End;
use crate::plain::Plain;
use crate::sim::Sim;

#[test]
fn requests_are_answered_alike_whatever_pieces_they_come_in() {
    for request in SAMPLES.iter().chain(BROKEN) {
        let whole = transcript(request, request.len());
        assert!(!whole.0.is_empty(), "{request:?}");
        for piece in [1, 2, 3, 7, 64] {
            assert_eq!(transcript(request, piece), whole, "{request:?} in pieces of {piece}");
        }
    }
}

#[test]
fn a_header_that_is_both_too_long_and_broken_gets_one_answer_whatever_pieces_it_comes_in() {
    let long = "x".repeat(5000);
    for request in [
        format!("GET /{long}"),
        format!("GET /\u{1}{long}"),
        format!("GET / HTTP/1.1\r\nHost: b\r\nX: {long}\0\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nno colon\r\nX: {long}\r\n\r\n"),
        format!("{long} / HTTP/1.1\r\n\r\n"),
        format!("POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n{long}"),
    ] {
        let whole = transcript(&request, request.len());
        assert_eq!(transcript(&request, 1), whole);
        assert_eq!(transcript(&request, 1000), whole);
    }
}

#[test]
fn a_request_cut_off_anywhere_is_400_and_an_orderly_end() {
    for request in SAMPLES.iter().filter(|request| request.matches(" HTTP/1.").count() == 1) {
        for length in 0..request.len() {
            let (text, end) = transcript(&request[..length], length.max(1));
            assert_eq!(end, End::Fin, "{length} of {request:?}");
            let blank = request[..length].trim().is_empty();
            // What is wrong may be known before the end is, so it need not be 400.
            assert_eq!(text.contains("Connection: close"), !blank, "{length} of {request:?}: {text}");
        }
    }
    let (text, _) = transcript("GET / HTTP/1.1\r\nHost: b\r\n", 100);
    assert!(text.contains("400") && text.contains("it ends in the middle"), "{text}");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let mut sim = Sim::plain();
    let mut client = Client::new(sim.connect());
    sim.run(async move {
        client
            .stream
            .send(
                b"GET /light HTTP/1.1\r\nHost: b\r\n\r\n\
                  POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 17\r\n\r\n{\"status\": false}\
                  POST /nothing HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n\r\n\
                  HEAD / HTTP/1.1\r\nHost: b\r\n\r\n\
                  GET /light HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n",
            )
            .await;
        assert_eq!(client.answer().await.unwrap().body, "{\"status\": true}");
        assert_eq!(client.answer().await.unwrap().body, "{\"status\": false}");
        assert_eq!(client.answer().await.unwrap().status, 404);
        assert_eq!(client.head().await.unwrap().field("content-length"), Some("29"));
        assert_eq!(client.answer().await.unwrap().body, "{\"status\": false}");
        assert_eq!(client.rest().await, (String::new(), End::Fin));
    });
}

#[test]
fn a_thousand_pipelined_requests_are_answered_through_a_small_window() {
    let mut sim = Sim::plain();
    let end = sim.connect_with_window(100);
    let mut client = Client::new(end);
    sim.run(async move {
        for _ in 0..1000 {
            client.stream.send(b"GET /light HTTP/1.1\r\nHost: b\r\n\r\n").await;
            assert_eq!(client.answer().await.unwrap().status, 200);
        }
    });
    assert_eq!(sim.server.stats().requests, 1000);
}

#[test]
fn a_request_that_comes_too_slowly_is_408() {
    let slow = [
        "GET / HTTP/1.1\r\nHost: b\r\nX: ",
        "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 1000\r\n\r\n",
        "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
    ];
    for request in slow {
        let limits = Limits { request_timeout_ms: 2000, ..Limits::default() };
        let mut sim = Sim::new(Plain, limits);
        let mut client = Client::new(sim.connect());
        let (text, end, waited) = sim.run(async move {
            let start = embassy_time::Instant::now();
            client.stream.send(request.as_bytes()).await;
            for _ in 0..30 {
                embassy_time::Timer::after_millis(100).await;
                client.stream.send(b"x").await;
            }
            let (text, end) = client.rest().await;
            (text, end, start.elapsed().as_millis())
        });
        assert!(text.starts_with("HTTP/1.1 408 ") && text.contains("within 2000 ms"), "{text}");
        assert_eq!((end, waited), (End::Fin, 3000));
        assert_eq!(sim.server.stats().sessions, 0);
    }
}

#[test]
fn a_client_that_never_reads_costs_no_longer_than_the_request_timeout() {
    let mut sim = Sim::plain();
    let end = sim.connect_with_window(64);
    let mut client = Client::new(end);
    let client = sim.run(async move {
        client.stream.send(b"GET / HTTP/1.1\r\nHost: b\r\n\r\n").await;
        client
    });
    sim.settle();
    assert_eq!(sim.server.stats().sessions, 1);
    sim.pass(u64::from(Limits::default().request_timeout_ms) + 10);
    assert_eq!((client.stream.ended(), sim.server.stats().sessions), (Some(End::Reset), 0));
}

#[test]
fn a_connection_without_requests_ends_in_order_after_the_idle_timeout() {
    for request in ["", "GET / HTTP/1.1\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: b\r\n\r\n\r\n"] {
        let limits = Limits { idle_timeout_ms: 7000, ..Limits::default() };
        let mut sim = Sim::new(Plain, limits);
        let mut client = Client::new(sim.connect());
        let waited = sim.run(async move {
            // A byte to be taken for a client at all; an empty line is no request.
            client.stream.send(b"\r\n").await;
            client.stream.send(request.as_bytes()).await;
            let start = embassy_time::Instant::now();
            let (text, end) = client.rest().await;
            assert_eq!((text.is_empty(), end), (request.is_empty(), End::Fin));
            start.elapsed().as_millis()
        });
        assert_eq!(waited, 7000);
    }
}

/// What `request`, sent in pieces and followed by the end of the client's stream, is answered with.
fn transcript(request: &str, piece: usize) -> (String, End) {
    let mut sim = Sim::plain();
    let mut client = Client::new(sim.connect());
    let request = request.to_owned();
    sim.run(async move {
        for piece in request.as_bytes().chunks(piece) {
            client.stream.send(piece).await;
            embassy_futures::yield_now().await;
        }
        client.stream.fin();
        client.rest().await
    })
}

/// Bodies that are broken, which some pages read and others do not.
const BROKEN: &[&str] = &[
    "POST /nothing HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n6;a=b\r\n{\"stat\r\na\r\nlight HTTP/1.1\r\n",
    "GET / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n",
    "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"stat\r\na\r\nlight HTTP/1.1\r\n",
    "POST /stat HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\nabcd\r\n",
];

const SAMPLES: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: b\r\n\r\n",
    "\r\n\r\nGET / HTTP/1.1\nHost: b\n\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "HEAD /stat HTTP/1.1\r\nHost: b\r\nUser-Agent: x\r\nAccept: */*\r\n\r\n",
    "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 17\r\n\r\n{\"status\": false}",
    "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"stat\r\na;x\r\nus\": false}\r\n0\r\nT: t\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\nabcGET /light HTTP/1.1\r\nHost: b\r\n\r\n",
    "GET /nothing HTTP/1.1\r\nHost: b\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\nGET /light HTTP/1.1\r\nHost: b\r\n\r\n",
    "GET / HTTP/2.0\r\nHost: b\r\n\r\n",
    "BREW /pot HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: b\r\nbad header\r\n\r\n",
    "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 9999\r\n\r\n",
    "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdeX\r\n",
    "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
    "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0",
];
