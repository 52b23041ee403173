//! More connections than sessions, and what gives a session back.

use std::cell::RefCell;
use std::rc::Rc;

use embassy_time::{Instant, Timer};
use esp_https_provision::Limits;
use esp_https_server::budget::{SESSIONS, SOCKETS};

use crate::client::{Answer, Client};
use crate::pipe::{ClientEnd, End};
use crate::plain::Plain;
use crate::sim::Sim;

#[test]
fn all_sockets_are_served_through_fewer_sessions_in_order_of_arrival() {
    let mut sim = Sim::plain();
    let order = Rc::new(RefCell::new(Vec::new()));
    for number in 0..SOCKETS {
        let (mut client, order) = (Client::new(sim.connect()), order.clone());
        sim.spawn(async move {
            assert_eq!(client.ask(CLOSE).await.unwrap().status, 200);
            order.borrow_mut().push(number);
        });
    }
    sim.settle();
    assert_eq!(*order.borrow(), (0..SOCKETS).collect::<Vec<_>>());
    assert_eq!((sim.server.stats().sessions, sim.server.stats().requests as usize), (0, SOCKETS));
}

#[test]
fn a_connection_without_a_byte_takes_no_session_and_ends_in_order() {
    let mut sim = Sim::plain();
    let silent: Vec<_> = (0..SESSIONS + 2).map(|_| sim.connect()).collect();
    sim.settle();
    assert_eq!((sim.server.stats().sessions, sim.server.waiting()), (0, 0));
    let mut client = Client::new(sim.connect());
    assert_eq!(sim.run(async move { client.ask(CLOSE).await.unwrap().status }), 200);
    sim.pass(u64::from(Limits::default().handshake_timeout_ms) + 10);
    assert!(silent.iter().all(|end| end.ended() == Some(End::Fin)));
}

#[test]
fn the_session_that_has_been_idle_longest_gives_way_and_no_other() {
    let mut sim = Sim::plain();
    let mut idle: Vec<_> = (0..SESSIONS).map(|_| occupy(&mut sim)).collect();
    // The first is used again, which makes the second the one.
    let (answer, first) = ask(&mut sim, idle.remove(0), STAY);
    assert_eq!(answer.unwrap().status, 200);
    idle.insert(0, first);
    sim.pass(1000);
    assert!(idle.iter().all(|client| client.stream.ended().is_none()));

    let (answer, _newcomer) = ask_new(&mut sim, STAY);
    assert_eq!(answer.unwrap().status, 200);
    sim.pass(1000);
    let ended: Vec<_> = idle.iter().map(|client| client.stream.ended()).collect();
    assert_eq!(ended, [None, Some(End::Fin), None, None]);
}

#[test]
fn a_client_that_asks_again_at_once_is_not_cut_off_between_two_requests() {
    let mut sim = Sim::plain();
    for _ in 0..SESSIONS {
        let mut client = Client::new(sim.connect());
        sim.spawn(async move {
            // 200 ms of thought between requests, and done before its turn is over.
            for _ in 0..7 {
                assert_eq!(client.ask(STAY).await.unwrap().field("connection"), None);
                Timer::after_millis(200).await;
            }
        });
    }
    sim.settle();
    let started = Instant::now();
    let (answer, _) = ask_new(&mut sim, CLOSE);
    assert_eq!(answer.unwrap().status, 200);
    assert!(started.elapsed().as_millis() >= 1400, "{}", started.elapsed());
}

#[test]
fn a_client_that_never_pauses_is_asked_to_go_after_its_turn_when_others_wait() {
    let mut sim = Sim::plain();
    let alone = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..SESSIONS {
        let (mut client, alone) = (Client::new(sim.connect()), alone.clone());
        sim.spawn(async move {
            let start = Instant::now();
            while client.ask(STAY).await.unwrap().field("connection").is_none() {
                Timer::after_millis(50).await;
            }
            alone.borrow_mut().push(start.elapsed().as_millis());
            assert_eq!(client.rest().await, (String::new(), End::Fin));
        });
    }
    sim.pass(20_000);
    assert_eq!(*alone.borrow(), [], "nobody waits, nobody has to go");
    let (answer, _) = ask_new(&mut sim, CLOSE);
    assert_eq!(answer.unwrap().status, 200);
    assert_eq!(alone.borrow().len(), 1, "one waits, one has to go");
}

#[test]
fn a_session_that_has_not_asked_yet_has_a_second_before_it_gives_way() {
    let mut sim = Sim::plain();
    for _ in 0..SESSIONS {
        let mut client = Client::new(sim.connect());
        sim.spawn(async move {
            client.stream.send(b"\r\n").await;
            Timer::after_millis(900).await;
            assert_eq!(client.ask(STAY).await.unwrap().status, 200);
            let _ = client.rest().await;
        });
    }
    sim.settle();
    assert_eq!(sim.server.stats().sessions, SESSIONS);
    let start = Instant::now();
    let (answer, _) = ask_new(&mut sim, CLOSE);
    assert_eq!(answer.unwrap().status, 200);
    assert_eq!(start.elapsed().as_millis(), 900 + 250);
}

#[test]
fn a_waiting_client_that_goes_away_loses_its_place_and_nobody_elses() {
    let mut sim = Sim::plain();
    let mut busy: Vec<_> = (0..SESSIONS)
        .map(|_| {
            let mut client = Client::new(sim.connect());
            sim.run(async move {
                client.stream.send(b"GET / HT").await;
                client
            })
        })
        .collect();
    let mut gone = sim.connect();
    let gone = sim.run(async move {
        gone.send(STAY.as_bytes()).await;
        gone
    });
    let mut next = Client::new(sim.connect());
    sim.settle();
    drop(gone);
    drop(busy.remove(0));
    let answer = sim.run(async move { next.ask(CLOSE).await });
    assert_eq!(answer.unwrap().status, 200);
    drop(busy);
    sim.settle();
    assert_eq!((sim.server.stats().sessions, sim.server.waiting()), (0, 0));
}

#[test]
fn connections_beyond_the_sockets_are_turned_away_rather_than_queued() {
    let limits = Limits { request_timeout_ms: 60_000, ..Limits::default() };
    let mut sim = Sim::new(Plain, limits);
    let mut held = Vec::new();
    for _ in 0..SESSIONS + SOCKETS {
        let mut client = Client::new(sim.connect());
        held.push(sim.run(async move {
            client.stream.send(b"GET / HT").await;
            client
        }));
    }
    sim.settle();
    assert_eq!(sim.server.waiting(), SOCKETS);
    let (answer, _) = ask_new(&mut sim, STAY);
    assert_eq!(answer, Err(End::Fin));
}

#[test]
fn a_thousand_clients_of_every_kind_leave_nothing_behind() {
    let mut sim = Sim::plain();
    for round in 0..100 {
        let clients: Vec<_> = (0..SOCKETS).map(|_| sim.connect()).collect();
        for (number, end) in clients.into_iter().enumerate() {
            sim.spawn(behave(round + number, end));
        }
        sim.pass(70_000);
        let stats = sim.server.stats();
        assert_eq!((stats.sessions, sim.server.waiting()), (0, 0), "after round {round}");
    }
    assert!(sim.server.stats().requests >= 500, "{}", sim.server.stats());
}

/// One of ten ways to treat a server.
async fn behave(kind: usize, mut end: ClientEnd) {
    match kind % 10 {
        0 => drop(end),
        1 => end.fin(),
        2 => Timer::after_secs(60).await,
        3 => {
            end.send(b"GET / HTTP/1.1\r\nHo").await;
            end.reset();
        }
        4 => {
            end.send(b"GET / HTTP/1.1\r\nHo").await;
            Timer::after_secs(60).await;
        }
        5 => {
            end.send(b"\x16\x03\x01\x02\x00garbage").await;
            let _ = Client::new(end).rest().await;
        }
        6 => {
            let _ = Client::new(end).ask(STAY).await;
        }
        7 => {
            let mut client = Client::new(end);
            let _ = client.ask(STAY).await;
            let _ = client.rest().await;
        }
        8 => {
            for _ in 0..100 {
                end.send(STAY.as_bytes()).await;
            }
            Timer::after_secs(60).await;
        }
        _ => {
            let mut client = Client::new(end);
            client.stream.send(STAY.repeat(3).as_bytes()).await;
            let _ = client.ask(CLOSE).await;
        }
    }
}

/// A client that has been served and keeps its connection.
fn occupy(sim: &mut Sim<Plain>) -> Client<ClientEnd> {
    let (answer, client) = ask_new(sim, STAY);
    assert_eq!(answer.unwrap().status, 200);
    client
}

fn ask_new(sim: &mut Sim<Plain>, request: &'static str) -> (Result<Answer, End>, Client<ClientEnd>) {
    let client = Client::new(sim.connect());
    ask(sim, client, request)
}

fn ask(
    sim: &mut Sim<Plain>,
    mut client: Client<ClientEnd>,
    request: &'static str,
) -> (Result<Answer, End>, Client<ClientEnd>) {
    sim.run(async move { (client.ask(request).await, client) })
}

const STAY: &str = "GET / HTTP/1.1\r\nHost: b\r\n\r\n";
const CLOSE: &str = "GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n";
