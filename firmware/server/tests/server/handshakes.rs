//! The server behind real TLS, judged by rustls.

use std::sync::Arc;

use embassy_time::{Instant, Timer};
use esp_https_provision::Limits;
use esp_https_server::budget::{HANDSHAKES, SESSIONS, SOCKETS};
use rustls::ClientConfig;
use rustls::version::{TLS12, TLS13};

use crate::client::Client;
use crate::pipe::{ClientEnd, End};
use crate::sim::Sim;
use crate::tls::{Rustls, TlsClient, configs, without_resumption};

#[test]
fn the_page_comes_over_tls_1_2_and_1_3_and_ends_with_close_notify() {
    for version in [&TLS12, &TLS13] {
        let (mut sim, config) = world(version);
        let end = sim.connect();
        sim.run(async move {
            let mut client = Client::new(TlsClient::connect(config, end).await.unwrap());
            assert_eq!(client.ask(STAY).await.unwrap().body, "<h1>Hello Secure World! </h1>");
            assert_eq!(client.ask(CLOSE).await.unwrap().status, 200);
            assert_eq!(crate::client::Stream::receive(&mut client.stream).await, Err(End::Fin));
            assert!(client.stream.notified);
        });
        let stats = sim.server.stats();
        assert_eq!((stats.handshakes, stats.requests, stats.failed, stats.sessions), (1, 2, 0, 0));
    }
}

#[test]
fn resumed_handshakes_are_counted_apart() {
    let (mut sim, config) = world(&TLS13);
    for _ in 0..3 {
        fetch(&mut sim, config.clone());
    }
    assert_eq!((sim.server.stats().handshakes, sim.server.stats().resumed), (3, 2));
}

#[test]
fn more_clients_than_sessions_are_all_served() {
    let (mut sim, config) = world(&TLS13);
    for _ in 0..SOCKETS {
        let (end, config) = (sim.connect(), config.clone());
        sim.spawn(async move {
            let mut client = Client::new(TlsClient::connect(config, end).await.unwrap());
            assert_eq!(client.ask(STAY).await.unwrap().status, 200);
            // Stays, and leaves it to the server to make room.
            let (text, ended) = client.rest().await;
            assert_eq!((text.as_str(), ended), ("", End::Fin));
        });
    }
    sim.settle();
    assert_eq!((sim.server.stats().sessions, sim.server.waiting()), (SESSIONS, SOCKETS - SESSIONS));
    sim.pass(5000);
    assert_eq!((sim.server.stats().requests as usize, sim.server.waiting()), (SOCKETS, 0));
    assert_eq!(sim.server.stats().sessions, SESSIONS);
}

#[test]
fn a_hello_that_stops_anywhere_holds_no_session_and_ends_after_the_timeout() {
    let (mut sim, config) = world(&TLS13);
    let hello = TlsClient::hello(config.clone());
    let ends: Vec<_> = [1, 5, hello.len() - 1].map(|length| stop_after(&mut sim, &hello[..length])).into();
    let limit = u64::from(Limits::default().handshake_timeout_ms);
    sim.pass(limit - 100);
    assert_eq!(sim.server.stats().sessions, 0);
    assert!(ends.iter().all(|end| end.ended().is_none()));
    sim.pass(150);
    assert!(ends.iter().all(|end| end.ended() == Some(End::Fin)));
    fetch(&mut sim, config);
}

#[test]
fn a_handshake_that_stops_frees_its_session_after_its_time_or_after_the_timeout() {
    let (mut sim, config) = world(&TLS13);
    let hello = TlsClient::hello(config.clone());
    let ends: Vec<_> = (0..SESSIONS).map(|_| stop_after(&mut sim, &hello)).collect();
    assert_eq!(sim.server.stats().sessions, SESSIONS);
    // The first two give way to the others; those are in nobody's way.
    for (over, limit) in [(1, SHARE_OF_TWO_MS), (2, u64::from(Limits::default().handshake_timeout_ms))] {
        sim.pass(limit - 100);
        assert_eq!(sim.server.stats().failed as usize, (over - 1) * HANDSHAKES);
        sim.pass(150);
        let stats = sim.server.stats();
        assert_eq!(
            (stats.sessions, stats.failed as usize),
            (SESSIONS - over * HANDSHAKES, over * HANDSHAKES)
        );
    }
    assert!(ends.iter().all(|end| end.ended() == Some(End::Reset)));
    fetch(&mut sim, config);
}

#[test]
fn stalled_handshakes_give_way_to_who_waits_and_to_no_more() {
    let (mut sim, config) = world(&TLS13);
    let hello = TlsClient::hello(config.clone());
    let stalled: Vec<_> = (0..HANDSHAKES).map(|_| stop_after(&mut sim, &hello)).collect();
    let start = Instant::now();
    fetch(&mut sim, config);
    let waited = start.elapsed().as_millis();
    assert!((SHARE_MS - 20..SHARE_MS + 100).contains(&waited), "{waited} ms");
    assert_eq!(stalled.iter().filter(|end| end.ended().is_some()).count(), 1);
}

#[test]
fn stalled_handshakes_give_way_to_who_waits_for_a_session() {
    let (mut sim, config) = world(&TLS13);
    let hello = TlsClient::hello(config.clone());
    // Two in a handshake, two that wait for their turn, and one for a session.
    let _stalled: Vec<_> = (0..SESSIONS).map(|_| stop_after(&mut sim, &hello)).collect();
    let start = Instant::now();
    fetch(&mut sim, config);
    let waited = start.elapsed().as_millis();
    assert!(waited < 2 * SHARE_MS + 100, "{waited} ms");
}

#[test]
fn a_handshake_that_pauses_and_goes_on_is_completed_when_it_is_in_nobodys_way() {
    let (mut sim, config) = world(&TLS13);
    let end = sim.connect();
    sim.run(async move {
        let mut client = Client::new(TlsClient::connect_slowly(config, end, 9_000).await.unwrap());
        assert_eq!(client.ask(CLOSE).await.unwrap().status, 200);
    });
}

#[test]
fn a_client_that_breaks_off_in_mid_handshake_frees_its_session_at_once() {
    let (server, config) = configs(&TLS13);
    let mut sim = Sim::new(Rustls(server), Limits::MIN);
    let hello = TlsClient::hello(config.clone());
    for length in 0..=hello.len() {
        for reset in [true, false] {
            let (mut end, part) = (sim.connect(), hello[..length].to_vec());
            sim.run(async move {
                end.send(&part).await;
                Timer::after_millis(5).await;
                if reset {
                    end.reset();
                } else {
                    end.fin();
                }
                let _ = Client::new(end).rest_bytes().await;
            });
            assert_eq!(sim.server.stats().sessions, 0, "{length} bytes");
            // embassy-time's generic queue, 128 entries here, keeps the timers of finished tasks until they are due.
            sim.pass(u64::from(Limits::MIN.handshake_timeout_ms));
        }
    }
    fetch(&mut sim, config);
}

#[test]
fn what_is_not_tls_gets_an_alert_and_an_orderly_end() {
    for garbage in [&b"GET / HTTP/1.1\r\nHost: b\r\n\r\n"[..], &[0xff; 100], &[0x16, 3, 1, 0, 4, 1, 0, 0, 0]]
    {
        let (mut sim, config) = world(&TLS13);
        let mut end = sim.connect();
        let (bytes, ended) = sim.run(async move {
            end.send(garbage).await;
            Client::new(end).rest_bytes().await
        });
        assert_eq!((bytes.first(), ended), (Some(&ALERT), End::Fin));
        assert_eq!((sim.server.stats().failed, sim.server.stats().sessions), (1, 0));
        fetch(&mut sim, config);
    }
}

#[test]
fn a_record_that_does_not_decrypt_ends_the_session_with_an_alert() {
    let (mut sim, config) = world(&TLS13);
    let end = sim.connect();
    let ended = sim.run(async move {
        let client = TlsClient::connect(config, end).await.unwrap();
        let mut end = client.into_end();
        end.send(&[0x17, 3, 3, 0, 32]).await;
        end.send(&[0; 32]).await;
        Client::new(end).rest_bytes().await.1
    });
    assert_eq!((ended, sim.server.stats().sessions), (End::Fin, 0));
}

#[test]
fn a_thousand_handshakes_of_every_kind_leave_nothing_behind() {
    let (mut sim, config) = world(&TLS13);
    let config = without_resumption(&config);
    for round in 0..100 {
        let ends: Vec<_> = (0..SOCKETS).map(|_| sim.connect()).collect();
        for (number, end) in ends.into_iter().enumerate() {
            sim.spawn(behave(round + number, end, config.clone()));
        }
        sim.pass(60_000);
        assert_eq!((sim.server.stats().sessions, sim.server.waiting()), (0, 0), "after round {round}");
    }
    let stats = sim.server.stats();
    assert!(stats.handshakes >= 280 && stats.requests >= 420 && stats.failed >= 400, "{stats}");
}

/// One of seven ways to treat a TLS server.
async fn behave(kind: usize, mut end: ClientEnd, config: Arc<ClientConfig>) {
    match kind % 7 {
        0 => end.send(&TlsClient::hello(config)).await,
        1 => {
            end.send(&TlsClient::hello(config)[..50]).await;
            Timer::after_secs(50).await;
        }
        2 => end.send(b"GET / HTTP/1.1\r\n\r\n").await,
        3 => drop(TlsClient::connect(config, end).await),
        4 => Timer::after_secs(50).await,
        5 => {
            if let Ok(session) = TlsClient::connect(config, end).await {
                let _ = Client::new(session).ask(STAY).await;
            }
        }
        _ => {
            if let Ok(session) = TlsClient::connect(config, end).await {
                let mut client = Client::new(session);
                let _ = client.ask(STAY).await;
                let _ = client.ask(CLOSE).await;
            }
        }
    }
}

fn world(version: &'static rustls::SupportedProtocolVersion) -> (Sim<Rustls>, Arc<ClientConfig>) {
    let (server, client) = configs(version);
    (Sim::new(Rustls(server), Limits::default()), client)
}

/// A client that falls silent behind `bytes`.
fn stop_after(sim: &mut Sim<Rustls>, bytes: &[u8]) -> ClientEnd {
    let (mut end, bytes) = (sim.connect(), bytes.to_vec());
    let end = sim.run(async move {
        end.send(&bytes).await;
        end
    });
    sim.settle();
    end
}

/// One page over one session, as proof that the server still serves.
fn fetch(sim: &mut Sim<Rustls>, config: Arc<ClientConfig>) {
    let end = sim.connect();
    sim.run(async move {
        let mut client = Client::new(TlsClient::connect(config, end).await.unwrap());
        assert_eq!(client.ask(CLOSE).await.unwrap().status, 200);
    });
}

/// The time of a handshake for whose place one waits, or two.
const SHARE_MS: u64 = 1_500;
const SHARE_OF_TWO_MS: u64 = 750;

/// The record type of alerts (RFC 8446 section 5.1).
const ALERT: u8 = 21;

const STAY: &str = "GET / HTTP/1.1\r\nHost: b\r\n\r\n";
const CLOSE: &str = "GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n";
