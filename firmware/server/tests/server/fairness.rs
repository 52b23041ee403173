//! What a client is allowed while another one waits.

use std::rc::Rc;

use embassy_time::{Instant, Timer};
use esp_https_provision::Limits;
use esp_https_server::budget::{SESSIONS, SOCKETS};
use rustls::version::TLS13;

use crate::client::Client;
use crate::pipe::End;
use crate::plain::Plain;
use crate::sim::Sim;
use crate::tls::{Rustls, TlsClient, configs};

#[test]
fn a_hello_that_comes_byte_by_byte_holds_no_session_and_is_in_nobodys_way() {
    let (server, config) = configs(&TLS13);
    let mut sim = Sim::new(Rustls(server), Limits::default());
    let hello = Rc::new(TlsClient::hello(config.clone()));
    for _ in 0..SOCKETS - 1 {
        let (mut end, hello) = (sim.connect(), hello.clone());
        sim.spawn(async move {
            for byte in hello.iter() {
                end.send(&[*byte]).await;
                Timer::after_millis(500).await;
            }
        });
    }
    sim.pass(2000);
    assert_eq!(sim.server.stats().sessions, 0);
    let (start, end) = (Instant::now(), sim.connect());
    let status = sim.run(async move {
        let mut client = Client::new(TlsClient::connect(config, end).await.unwrap());
        client.ask(CLOSE).await.unwrap().status
    });
    assert_eq!((status, start.elapsed().as_millis()), (200, 0));
    sim.pass(u64::from(Limits::default().handshake_timeout_ms));
    assert_eq!((sim.server.stats().sessions, sim.server.waiting()), (0, 0));
}

#[test]
fn nine_that_stop_after_their_hello_let_an_honest_client_in_within_three_seconds() {
    let (server, config) = configs(&TLS13);
    let mut sim = Sim::new(Rustls(server), Limits::default());
    let hello = TlsClient::hello(config.clone());
    let mut stopped = Vec::new();
    for _ in 0..SOCKETS - 1 {
        let (mut end, hello) = (sim.connect(), hello.clone());
        stopped.push(sim.run(async move {
            end.send(&hello).await;
            end
        }));
    }
    let (start, end) = (Instant::now(), sim.connect());
    sim.run(async move {
        let mut client = Client::new(TlsClient::connect(config, end).await.unwrap());
        assert_eq!(client.ask(CLOSE).await.unwrap().status, 200);
    });
    assert!(start.elapsed().as_millis() <= 3000, "{}", start.elapsed());
}

#[test]
fn a_slow_request_gives_way_when_another_client_waits_and_is_told_so() {
    for request in ["GET / HTTP/1.1\r\nHo", "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 1000\r\n\r\n"]
    {
        let mut sim = Sim::new(Plain, Limits::default());
        let mut slow = Vec::new();
        for _ in 0..SESSIONS {
            let mut client = Client::new(sim.connect());
            slow.push(sim.run(async move {
                client.stream.send(request.as_bytes()).await;
                client
            }));
        }
        sim.settle();
        let (start, mut client) = (Instant::now(), Client::new(sim.connect()));
        assert_eq!(sim.run(async move { client.ask(CLOSE).await.unwrap().status }), 200);
        assert_eq!(start.elapsed().as_millis(), 1500);
        let first = slow.remove(0);
        let (text, end) = sim.run(first.rest());
        assert!(text.starts_with("HTTP/1.1 408 ") && text.contains("waiting"), "{text}");
        assert_eq!(end, End::Fin);
        assert!(slow.iter().all(|client| client.stream.ended().is_none()), "one waited, one went");
    }
}

#[test]
fn a_client_that_asks_and_asks_has_fifty_answers_while_another_waits() {
    let mut sim = Sim::plain();
    let hammers: Vec<_> = (0..SESSIONS).map(|_| Client::new(sim.connect())).collect();
    let counts = Rc::new(std::cell::RefCell::new(Vec::new()));
    for mut client in hammers {
        let counts = counts.clone();
        sim.spawn(async move {
            let mut answers = 1;
            while client.ask(STAY).await.unwrap().field("connection").is_none() {
                answers += 1;
                Timer::after_millis(5).await;
            }
            counts.borrow_mut().push(answers);
        });
    }
    sim.settle();
    let (start, mut client) = (Instant::now(), Client::new(sim.connect()));
    assert_eq!(sim.run(async move { client.ask(CLOSE).await.unwrap().status }), 200);
    assert!(start.elapsed().as_millis() <= 300, "{}", start.elapsed());
    assert_eq!(*counts.borrow(), [50], "one waited, one had to go");
    sim.pass(3000);
    assert_eq!(counts.borrow().len(), 1, "nobody waits any more");
}

#[test]
fn a_client_that_does_not_read_gives_way_when_another_waits() {
    let mut sim = Sim::plain();
    let mut deaf = Vec::new();
    for _ in 0..SESSIONS {
        let end = sim.connect_with_window(64);
        let mut client = Client::new(end);
        deaf.push(sim.run(async move {
            client.stream.send(STAY.as_bytes()).await;
            client
        }));
    }
    sim.settle();
    assert_eq!(sim.server.stats().requests, 0, "an answer that TCP has not taken is none");
    let (start, mut client) = (Instant::now(), Client::new(sim.connect()));
    assert_eq!(sim.run(async move { client.ask(CLOSE).await.unwrap().status }), 200);
    assert_eq!(start.elapsed().as_millis(), 1500);
    assert_eq!(deaf.iter().filter(|client| client.stream.ended() == Some(End::Reset)).count(), 1);
    assert_eq!(sim.server.stats().requests, 1);
}

const STAY: &str = "GET / HTTP/1.1\r\nHost: b\r\n\r\n";
const CLOSE: &str = "GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n";
