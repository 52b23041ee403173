//! Pages and clients that misbehave: each is bounded, said on the serial port, and nobody else's fault.

use embassy_time::{Instant, Timer};
use esp_https_provision::Limits;
use esp_https_server::budget::SESSIONS;

use crate::client::Client;
use crate::pages::get;
use crate::pipe::End;
use crate::plain::Plain;
use crate::sim::Sim;
use crate::site::{Site, sim};

#[test]
fn a_page_that_waits_for_ever_is_ended_and_the_client_told() {
    let mut sim = sim();
    let mut waiting = Client::new(sim.connect());
    let mut other = Client::new(sim.connect());
    sim.spawn(async move {
        for _ in 0..20 {
            let start = Instant::now();
            assert_eq!(other.ask(&get("/sized?n=1000")).await.unwrap().status, 200);
            assert_eq!(start.elapsed().as_millis(), 0, "it is in nobody's way");
            Timer::after_secs(1).await;
        }
    });
    let (answer, rest, waited) = sim.run(async move {
        let start = Instant::now();
        let answer = waiting.ask(&get("/forever")).await.unwrap();
        (answer, waiting.rest().await, start.elapsed().as_millis())
    });
    assert_eq!((answer.status, answer.field("connection")), (503, Some("close")));
    assert_eq!((rest, waited), ((String::new(), End::Fin), 10_000));
    sim.pass(11_000);
    assert_eq!(said(&sim), ["GET /forever: it waited for longer than 10000 ms, and was ended (0)"]);
    assert_eq!(sim.server.stats().sessions, 0);
}

#[test]
fn a_page_that_stops_in_the_middle_is_ended_and_the_client_sees_that_it_is_not_all() {
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    let (early, late, end) = sim.run(async move {
        client.stream.send(get("/later").as_bytes()).await;
        let early = client.stream.receive().await.unwrap();
        let (late, end) = client.rest().await;
        (String::from_utf8(early).unwrap(), late, end)
    });
    assert!(early.ends_with("\r\n\r\n00d\r\nthe beginning\r\n"), "what there is goes out meanwhile: {early}");
    assert_eq!((late.as_str(), end), ("", End::Fin), "no last chunk, and no close_notify");
    assert_eq!(said(&sim), ["GET /later: it waited for longer than 10000 ms, and was ended (0)"]);
}

#[test]
fn a_page_that_says_a_little_again_and_again_has_one_limit_in_total() {
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    let (text, waited) = sim.run(async move {
        let start = Instant::now();
        client.stream.send(get("/ticker").as_bytes()).await;
        let (text, _) = client.rest().await;
        (text, start.elapsed().as_millis())
    });
    assert!((3000..3200).contains(&waited), "{waited}");
    assert!((70..=75).contains(&text.matches("tick ").count()), "{text}");
    assert_eq!(said(&sim), ["GET /ticker: it waited for longer than 3000 ms, and was ended (0)"]);
}

#[test]
fn an_answer_that_is_not_as_long_as_announced_ends_the_connection_and_is_said() {
    for (path, trouble) in [
        ("/longer", "it announced 1000 bytes and answered more"),
        ("/shorter", "it announced 1000 bytes and answered 100 fewer"),
    ] {
        let mut sim = sim();
        let mut client = Client::new(sim.connect());
        let (text, end) = sim.run(async move {
            client.stream.send(get(path).repeat(2).as_bytes()).await;
            client.rest().await
        });
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(body.len() < 1000 && body.bytes().all(|byte| byte == b'x'), "{body}");
        assert_eq!(end, End::Fin);
        assert_eq!(said(&sim), [format!("GET {path}: {trouble} (0)")]);
        assert_eq!(sim.server.stats().sessions, 0);
    }
}

#[test]
fn a_head_that_does_not_fit_or_would_hold_another_field_is_500_and_said() {
    for (target, trouble) in [
        ("/long-head", "its status line and header fields have more than 512 bytes"),
        (
            "/injection?to=/%0d%0aSet-Cookie:+a=b",
            "one of its header fields has a name or a value that can't be one",
        ),
    ] {
        let mut sim = sim();
        let mut client = Client::new(sim.connect());
        let (answer, rest) =
            sim.run(async move { (client.ask(&get(target)).await.unwrap(), client.rest().await) });
        assert_eq!((answer.status, answer.field("set-cookie")), (500, None));
        assert_eq!(rest, (String::new(), End::Fin));
        let path = target.split('?').next().unwrap();
        assert_eq!(said(&sim), [format!("GET {path}: {trouble} (0)")]);
    }
}

#[test]
fn a_refusal_after_the_beginning_of_the_answer_ends_the_connection_and_is_said() {
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    let (text, end) = sim.run(async move {
        client.stream.send(get("/late-refusal").as_bytes()).await;
        client.rest().await
    });
    assert_eq!((text.matches("HTTP/1.1").count(), text.ends_with("0\r\n\r\n"), end), (1, false, End::Fin));
    assert_eq!(said(&sim), ["GET /late-refusal: it refused the request after it had begun to answer (0)"]);
}

#[test]
fn a_body_that_no_page_reads_is_dropped_up_to_a_limit_and_said() {
    let request = |method: &str, length: usize| {
        format!(
            "{method} /unread HTTP/1.1\r\nHost: b\r\nContent-Length: {length}\r\n\r\n{}",
            "x".repeat(length)
        )
    };
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    let (first, second) = (request("POST", 1024), request("PUT", 10_000));
    let rest = sim.run(async move {
        let answer = client.ask(&first).await.unwrap();
        assert_eq!((answer.status, answer.field("connection")), (204, None));
        Timer::after_secs(1).await;
        let answer = client.ask(&second).await.unwrap();
        assert_eq!((answer.status, answer.field("connection")), (204, Some("close")));
        client.rest().await
    });
    assert_eq!(rest, (String::new(), End::Fin));
    assert_eq!(
        said(&sim),
        [
            "POST /unread: it did not read the body of the request to its end (0)",
            "PUT /unread: it did not read the body of the request to its end (0)",
        ]
    );
}

#[test]
fn a_body_that_comes_too_slowly_ends_the_page_that_reads_it() {
    let limits = Limits { request_timeout_ms: 2000, ..Limits::default() };
    let mut sim = Sim::with_pages(Plain, limits, Site);
    let mut client = Client::new(sim.connect());
    let (text, end, waited) = sim.run(async move {
        let start = Instant::now();
        client.stream.send(b"POST /sum HTTP/1.1\r\nHost: b\r\nContent-Length: 1000000\r\n\r\n").await;
        for _ in 0..19 {
            Timer::after_millis(100).await;
            client.stream.send(b"x").await;
        }
        let (text, end) = client.rest().await;
        (text, end, start.elapsed().as_millis())
    });
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
    assert_eq!((end, waited), (End::Fin, 2000));
}

#[test]
fn a_client_that_stops_reading_in_the_middle_is_reset_and_said_and_others_are_served() {
    let mut sim = sim();
    let mut stopped = Client::new(sim.connect_with_window(4000));
    let stopped = sim.run(async move {
        stopped.stream.send(get("/sized?n=100000").as_bytes()).await;
        let mut length = 0;
        while length < 80_000 {
            length += stopped.stream.receive().await.unwrap().len();
            embassy_futures::yield_now().await;
        }
        stopped
    });
    let mut other = Client::new(sim.connect());
    let body = sim.run(async move { other.ask(&get("/stream?n=100000")).await.unwrap().body });
    assert_eq!(body.len(), 100_000);
    sim.pass(5_100);
    assert_eq!(stopped.stream.ended(), Some(End::Reset));
    let said = said(&sim);
    assert!(
        said.len() == 1 && said[0].starts_with("GET /sized: the client stopped reading after "),
        "{said:?}"
    );
    sim.pass(30_000);
    assert_eq!(sim.server.stats().sessions, 0);
}

#[test]
fn a_client_that_reads_slowly_has_time_by_what_it_has_read() {
    // 20 KB a second, and then a byte each 50 ms.
    for (piece, arrives) in [(1000, true), (1, false)] {
        let mut sim = sim();
        let mut client = Client::new(sim.connect_with_window(piece));
        let (length, waited) = sim.run(async move {
            let start = Instant::now();
            client.stream.send(get("/sized?n=200000").as_bytes()).await;
            let mut length = 0;
            while length < 200_000
                && let Ok(bytes) = client.stream.receive().await
            {
                length += bytes.len();
                Timer::after_millis(50).await;
            }
            (length, start.elapsed().as_millis())
        });
        assert_eq!(length >= 200_000, arrives, "{length}");
        assert!(arrives || waited < 6000, "{waited}");
    }
}

#[test]
fn slow_readers_of_a_stream_give_way_to_who_waits() {
    let mut sim = sim();
    for _ in 0..SESSIONS {
        let mut slow = Client::new(sim.connect_with_window(100));
        sim.spawn(async move {
            slow.stream.send(get("/stream?n=100000").as_bytes()).await;
            while slow.stream.receive().await.is_ok() {
                Timer::after_millis(500).await;
            }
        });
    }
    sim.settle();
    assert_eq!(sim.server.stats().sessions, SESSIONS);
    let mut client = Client::new(sim.connect());
    let (status, waited) = sim.run(async move {
        let start = Instant::now();
        (client.ask(&get("/sized?n=10")).await.unwrap().status, start.elapsed().as_millis())
    });
    assert!(status == 200 && waited < 2000, "{waited}");
}

#[test]
fn the_serial_port_is_not_flooded_by_what_a_client_can_make_happen() {
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    sim.run(async move {
        for _ in 0..200 {
            let request = "POST /unread HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\n\r\nx";
            assert_eq!(client.ask(request).await.unwrap().status, 204);
            Timer::after_millis(10).await;
        }
    });
    let said = said(&sim);
    assert!((3..=5).contains(&said.len()), "{said:?}");
    assert!(said[1].ends_with("end (49)"), "{said:?}");
}

#[test]
fn a_thousand_clients_of_bad_pages_leave_nothing_behind() {
    let paths = [
        "/longer",
        "/shorter",
        "/long-head",
        "/later",
        "/forever",
        "/ticker",
        "/late-refusal",
        "/stream",
        "/unread",
    ];
    let mut sim = sim();
    for round in 0..100 {
        for number in 0..10 {
            let (mut end, path) = (sim.connect_with_window(700), paths[(round + number) % paths.len()]);
            sim.spawn(async move {
                end.send(get(path).as_bytes()).await;
                for _ in 0..number {
                    if end.receive().await.is_err() {
                        return;
                    }
                }
                Timer::after_secs(number as u64 * 3).await;
                end.reset();
            });
        }
        sim.pass(60_000);
        assert_eq!((sim.server.stats().sessions, sim.server.waiting()), (0, 0), "after round {round}");
    }
    let mut client = Client::new(sim.connect());
    assert_eq!(sim.run(async move { client.ask(&get("/sized")).await.unwrap().body.len() }), 10_000);
}

/// What the serial port was told, as route, trouble, and how much was left out.
fn said(sim: &Sim<Plain, Site>) -> Vec<String> {
    let plain = |line: &String| {
        let json = line.strip_prefix("ESP-HTTPS ROUTE {\"route\":\"").unwrap();
        let (route, rest) = json.split_once("\",\"trouble\":\"").unwrap();
        let (trouble, unsaid) = rest.split_once("\",\"unsaid\":").unwrap();
        format!("{route}: {trouble} ({})", unsaid.strip_suffix('}').unwrap())
    };
    sim.said().iter().map(plain).collect()
}
