//! A neighbour that keeps the processor for seconds, as an RSA-4096 key does, is nobody else's fault.

use embassy_time::{Duration, MockDriver, Timer};
use esp_https_provision::Limits;
use esp_https_server::Acceptor;
use esp_https_server::budget::HANDSHAKES;
use rustls::version::TLS13;

use crate::client::Client;
use crate::pipe::{ClientEnd, End};
use crate::plain::Plain;
use crate::sim::Sim;
use crate::tls::{Rustls, TlsClient, configs};

#[test]
fn the_answer_arrives_though_the_processor_is_busy_while_the_connection_ends() {
    let mut sim = Sim::plain();
    let client = asked(&mut sim, CLOSE);
    compute(&mut sim, 3);
    compute(&mut sim, 3);
    let (text, end) = sim.run(client.rest());
    assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("</h1>"), "{text}");
    assert_eq!((end, sim.server.stats().requests), (End::Fin, 1));
}

#[test]
fn a_client_that_does_not_take_its_answer_in_its_own_time_is_reset_all_the_same() {
    let mut sim = Sim::plain();
    let client = asked(&mut sim, CLOSE);
    sim.pass(1990);
    assert_eq!(client.stream.ended(), Some(End::Fin));
    sim.pass(20);
    assert_eq!(client.stream.ended(), Some(End::Reset));
}

#[test]
fn nobody_is_called_stalled_or_slow() {
    let (server, config) = configs(&TLS13);
    let mut sim = Sim::new(Rustls(server), Limits::default());
    let hello = TlsClient::hello(config);
    let ends: Vec<_> = (0..=HANDSHAKES)
        .map(|_| {
            let (mut end, hello) = (sim.connect(), hello.clone());
            sim.run(async move {
                end.send(&hello).await;
                end
            })
        })
        .collect();
    sim.settle();
    // The limit of a handshake is 10 s, and each has 1.5 s while one waits.
    (0..5).for_each(|_| compute(&mut sim, 3));
    assert_eq!((sim.server.stats().failed, ended(&ends)), (0, 0));
    sim.pass(1500);
    assert_eq!((sim.server.stats().failed, ended(&ends)), (1, 1), "in their own time one gives way");
}

#[test]
fn a_request_that_was_being_sent_is_not_too_slow() {
    let limits = Limits { request_timeout_ms: 1000, ..Limits::default() };
    let mut sim = Sim::new(Plain, limits);
    let client = asked(&mut sim, "GET / HTTP/1.1\r\nHost: b\r\n");
    (0..5).for_each(|_| compute(&mut sim, 3));
    let (mut stream, status) = (client, b"Connection: close\r\n\r\n");
    let (text, end) = sim.run(async move {
        stream.stream.send(status).await;
        stream.rest().await
    });
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    assert_eq!(end, End::Fin);
}

#[test]
fn an_idle_session_keeps_its_time() {
    let limits = Limits { idle_timeout_ms: 1000, ..Limits::default() };
    let mut sim = Sim::new(Plain, limits);
    let mut client = asked(&mut sim, "GET / HTTP/1.1\r\nHost: b\r\n\r\n");
    (0..5).for_each(|_| compute(&mut sim, 3));
    let statuses = sim.run(async move {
        let first = client.answer().await.unwrap().status;
        Timer::after_millis(500).await;
        (first, client.ask(CLOSE).await.unwrap().status)
    });
    assert_eq!(statuses, (200, 200));
}

/// Keeps the processor for so many seconds.
fn compute<A: Acceptor + 'static>(sim: &mut Sim<A>, seconds: u64) {
    sim.spawn(async move { MockDriver::get().advance(Duration::from_secs(seconds)) });
    sim.settle();
}

/// A client that has sent `request` and read nothing.
fn asked(sim: &mut Sim<Plain>, request: &'static str) -> Client<ClientEnd> {
    let mut client = Client::new(sim.connect());
    let client = sim.run(async move {
        client.stream.send(request.as_bytes()).await;
        client
    });
    sim.settle();
    client
}

fn ended(ends: &[ClientEnd]) -> usize {
    ends.iter().filter(|end| end.ended().is_some()).count()
}

const CLOSE: &str = "GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n";
