//! Every class of errors appears where it should, with the stage it belongs to, and nothing else does.

use std::io::Write as _;

use crate::{
    bench::{Run, load, load_text},
    counts::assert_found,
    server::{OK, Server, answer, hello, nobody, request, reset, silence, trickle},
};

/// Three attempts with more patience than a busy machine asks for: what fails does not fail by a timeout.
fn three(address: &str) -> Run {
    load(&[&[address, "-n", "3", "--no-stat"], &PATIENT[..]].concat())
}

/// Three attempts that wait but a moment in one of the stages.
fn three_hasty(address: &str, timeout: &str) -> Run {
    let mut patience = PATIENT;
    let at = patience.iter().position(|word| *word == timeout).unwrap();
    patience[at + 1] = "300ms";
    load(&[&[address, "-n", "3", "--no-stat"], &patience[..]].concat())
}

const PATIENT: [&str; 6] = ["--connect-timeout", "40s", "--handshake-timeout", "40s", "--timeout", "40s"];

fn assert_fails(server: &Server, errors: &str, code: i32) {
    assert_failed(&three(&server.address), errors, code);
}

fn assert_failed(run: &Run, errors: &str, code: i32) {
    assert_eq!(run.errors(), errors);
    assert_eq!((run.number("/units/completed"), run.number("/units/failed")), (0, 3), "{:#}", run.document);
    assert_eq!(run.error(), (code, "load.nothing_completed"));
}

#[test]
fn a_refused_connection() {
    let run = three(&nobody());
    // The connection that would have been kept is opened before the clock starts, and is one of the three.
    assert_eq!(run.errors(), "refused connect 3");
    assert_eq!(run.error(), (4, "client.refused"));
}

#[test]
fn a_name_without_an_address() {
    let run = load(&["no-such-board.invalid", "-n", "3"]);
    assert_eq!((run.errors(), run.code), ("dns lookup 1".to_owned(), 4));
    assert!(run.number("/target/dns_us") > 0);
    assert_eq!(run.error(), (4, "client.name_not_found"));
    // As the probe says it: an interface that is missing is no misspelt name.
    let run = load(&["[fe80::1%nosuch0]", "-n", "1"]);
    assert_eq!(run.error(), (4, "client.no_interface"));
}

#[test]
fn a_listener_that_takes_no_more_connections() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_listener, _first, address) = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        // Until the queue is full, and further SYNs are dropped.
        let mut waiting = Vec::new();
        let soon = std::time::Duration::from_secs(2);
        while let Ok(Ok(stream)) = tokio::time::timeout(soon, tokio::net::TcpStream::connect(address)).await {
            waiting.push(stream);
        }
        (listener, waiting, address.to_string())
    });
    let run = three_hasty(&address, "--connect-timeout");
    assert_eq!((run.errors(), run.code), ("connect_timeout connect 3".to_owned(), 4));
}

#[test]
fn a_handshake_that_stalls_or_comes_byte_by_byte() {
    let silent = Server::tcp(|stream, _| silence(&stream));
    assert_eq!(three_hasty(&silent.address, "--handshake-timeout").errors(), "handshake_timeout handshake 3");
    let slow = Server::tcp(|mut stream, _| trickle(&mut stream, &[22, 3, 3, 60, 0, 2, 0, 59, 0], 0));
    assert_eq!(three_hasty(&slow.address, "--handshake-timeout").errors(), "handshake_timeout handshake 3");
}

#[test]
fn a_reset_before_and_after_the_hello() {
    let at_once = Server::tcp(|stream, _| reset(&stream));
    // Whether it is seen while connecting or afterwards is a race.
    let run = three(&at_once.address);
    let rows = run.result("/errors").as_array().unwrap();
    assert!(rows.iter().all(|row| row["class"] == "reset_in_handshake"), "{}", run.errors());
    assert_eq!(run.number("/units/failed"), 3);
    let later = Server::tcp(|stream, _| {
        hello(&stream);
        reset(&stream);
    });
    assert_eq!(three(&later.address).errors(), "reset_in_handshake handshake 3");
}

#[test]
fn a_close_in_the_handshake() {
    let server = Server::tcp(|stream, _| hello(&stream));
    assert_eq!(three(&server.address).errors(), "closed_early handshake 3");
}

#[test]
fn an_alert_in_the_handshake() {
    for (description, class, code) in
        [(40, "alert:handshake_failure", 4), (80, "alert:internal_error", 4), (199, "alert:199", 5)]
    {
        let server = Server::tcp(move |mut stream, _| {
            hello(&stream);
            let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, description]);
            silence(&stream);
        });
        let run = three(&server.address);
        assert_eq!((run.errors(), run.code), (format!("{class} handshake 3"), code));
    }
}

#[test]
fn something_else_than_tls() {
    let server = Server::tcp(|mut stream, _| {
        hello(&stream);
        let _ = stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n");
        silence(&stream);
    });
    let run = three(&server.address);
    assert_eq!((run.errors(), run.code), ("protocol handshake 3".to_owned(), 5));
}

#[test]
fn another_certificate_than_the_pinned_one() {
    let (server, other) = (Server::good(), Server::good());
    let run = load(&[&server.address, "-n", "3", "--no-stat", "--cert", other.certificate()]);
    assert_eq!((run.errors(), run.code), ("certificate handshake 3".to_owned(), 1), "{}", run.stderr);
    assert_eq!(run.result("/target/trust"), "pin");
}

#[test]
fn a_reset_or_a_close_instead_of_an_answer() {
    let server = Server::tls(|tls, _| {
        request(tls);
        reset(&tls.sock);
    });
    assert_fails(&server, "closed_early request 3", 4);
    let server = Server::tls(|tls, _| {
        request(tls);
    });
    assert_fails(&server, "closed_early request 3", 4);
}

#[test]
fn half_an_answer_and_a_close_or_silence() {
    let half = &OK[..OK.len() - 5];
    let server = Server::tls(move |tls, _| {
        request(tls);
        answer(tls, half);
        tls.conn.send_close_notify();
        let _ = tls.conn.complete_io(&mut tls.sock);
    });
    assert_fails(&server, "closed_early request 3", 4);
    let server = Server::tls(move |tls, _| {
        request(tls);
        answer(tls, half);
        silence(&tls.sock);
    });
    assert_failed(&three_hasty(&server.address, "--timeout"), "read_timeout request 3", 4);
}

#[test]
fn an_answer_that_comes_byte_by_byte_is_late_however_steadily_it_comes() {
    let server = Server::tls(|tls, _| {
        request(tls);
        trickle(tls, b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b'x');
    });
    assert_failed(&three_hasty(&server.address, "--timeout"), "read_timeout request 3", 4);
}

#[test]
fn an_error_status() {
    let server = Server::tls(|tls, _| {
        let refusal = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n";
        while request(tls).is_some_and(|_| answer(tls, refusal)) {}
    });
    assert_fails(&server, "http_431 request 3", 1);
    assert_eq!(server.taken(), 1, "a whole answer keeps the connection");
    load(&[&server.address, "-n", "3", "--no-stat", "--mode", "close"]);
    assert_eq!(server.taken(), 4, "unless the mode ends each");
}

#[test]
fn an_answer_that_is_not_http() {
    let server = Server::tls(|tls, _| {
        request(tls);
        answer(tls, b"SSH-2.0-oops\r\n");
        silence(&tls.sock);
    });
    assert_fails(&server, "protocol request 3", 5);
}

#[test]
fn a_length_that_is_none_is_not_waited_for() {
    for length in ["-1", "2, 2", "111111111111111111111111111111", "2\r\nContent-Length: 3"] {
        let header = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhi");
        let server = Server::tls(move |tls, _| {
            request(tls);
            answer(tls, header.as_bytes());
            silence(&tls.sock);
        });
        assert_fails(&server, "protocol request 3", 5);
    }
}

#[test]
fn a_close_that_came_with_the_last_answer_is_known_before_the_next_request() {
    let server = Server::tls(|tls, _| {
        for asked in 1.. {
            if request(tls).is_none() {
                return;
            }
            if asked == 5 {
                // The answer and the close_notify leave in one write; the connection itself stays for a while.
                tls.conn.writer().write_all(OK).unwrap();
                tls.conn.send_close_notify();
                tls.flush().unwrap();
                return silence(&tls.sock);
            }
            answer(tls, OK);
        }
    });
    let run = load(&[&server.address, "-n", "30", "-c", "2", "--no-stat"]);
    assert_eq!((run.number("/units/completed"), run.number("/units/failed")), (30, 0), "{:#}", run.document);
}

#[test]
fn good_answers_among_failures_are_counted_apart_and_each_failure_has_its_time() {
    let server = Server::tls(|tls, _| {
        for _ in 0..5 {
            if request(tls).is_none() {
                return;
            }
            answer(tls, OK);
        }
        request(tls);
    });
    let run = load(&[&server.address, "-n", "40", "-c", "2", "--no-stat", "-m", "POST"]);
    assert_eq!(run.code, 0, "failures alone fail no run: that is what gates are for");
    assert_eq!(run.number("/units/completed") + run.number("/units/failed"), 40);
    assert!(run.number("/units/failed") >= 5, "each connection answers five requests");
    assert_eq!(run.errors(), format!("closed_early request {}", run.number("/units/failed")));
    assert_eq!(run.number("/errors/0/took/count"), run.number("/units/failed"));
}

#[test]
fn a_server_that_ends_each_connection_in_order_is_no_failure() {
    for field in ["Connection: close", "connection: x, CLOSE", "Connection: keep-alive\r\nCONNECTION: Close"]
    {
        for linger in [false, true] {
            let server = Server::tls(move |tls, _| {
                request(tls);
                answer(tls, format!("HTTP/1.1 200 OK\r\n{field}\r\nContent-Length: 2\r\n\r\nok").as_bytes());
                // A request that comes all the same is not answered.
                if linger {
                    request(tls);
                }
            });
            let run = load(&[&server.address, "-n", "10", "--no-stat", "--timeout", "2s"]);
            let units = ["completed", "failed", "repeated"].map(|name| run.number(&format!("/units/{name}")));
            assert_eq!((units, server.taken()), ([10, 0, 0], 10), "{field}: {:#}", run.document);
            assert_eq!(run.number("/handshakes/full"), 10, "{field}");
        }
    }
}

#[test]
fn sessions_that_end_with_their_answer_in_order_are_counted_as_held() {
    let server = Server::tls(|tls, _| {
        request(tls);
        answer(tls, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    });
    let run = load(&[&server.address, "--find-limit", "-c", "3", "-z", "50ms", "--no-stat"]);
    assert_found(&run);
    assert_eq!(run.number("/limits/sessions/most"), 3, "{:#}", run.document);
    assert!(run.result("/limits/first_failure").is_null(), "{:#}", run.document);
}

#[test]
fn a_request_under_which_a_kept_connection_ends_is_sent_again_and_told_apart() {
    // It answers one request of a connection, and ends it when the next one comes.
    let once = || {
        Server::tls(|tls, _| {
            if request(tls).is_some() && answer(tls, OK) {
                request(tls);
            }
        })
    };
    let server = once();
    for method in ["GET", "PUT", "DELETE"] {
        let run = load(&[&server.address, "-n", "10", "--no-stat", "-m", method]);
        let units = ["completed", "failed", "repeated"].map(|name| run.number(&format!("/units/{name}")));
        assert_eq!((run.code, units), (0, [10, 0, 9]), "{method}: {:#}", run.document);
        assert_eq!(run.result("/units/error_rate").as_f64(), Some(0.0), "{method}");
        assert_eq!(run.number("/handshakes/full"), 10, "{method}");
        let warnings = run.result("/warnings").as_array().unwrap();
        assert!(warnings.iter().any(|warning| warning["code"] == "closed_kept"), "{:#}", run.document);
    }
    let run = load(&[&server.address, "-n", "10", "--no-stat", "-m", "POST"]);
    let failed = run.number("/units/failed");
    assert_eq!((run.errors(), run.number("/units/repeated")), (format!("closed_early request {failed}"), 0));
    assert!(failed >= 4, "{:#}", run.document);
    let gated = |gate| load(&[&server.address, "-n", "10", "--no-stat", "--fail-if", gate]).error().0;
    assert_eq!([gated("repeated>8"), gated("repeated>9"), gated("error_rate>0")], [1, 0, 0]);
}

#[test]
fn a_request_that_was_sent_again_is_in_each_report_and_in_the_sum_of_several() {
    let server = Server::tls(|tls, _| {
        if request(tls).is_some() && answer(tls, OK) {
            request(tls);
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let [html, csv, json] =
        ["r.html", "r.csv", "r.json"].map(|name| folder.path().join(name).display().to_string());
    let files = ["--insecure", "--html", &html, "--csv", &csv];
    let (_, shown, _) = load_text(&[&[server.address.as_str(), "-n", "3", "--no-stat"], &files[..]].concat());
    assert!(shown.contains("none failed, 2 sent again\n"), "{shown}");
    let read = |name: &str| std::fs::read_to_string(name).unwrap();
    assert!(read(&csv).contains("\r\nunits,repeated,2,,,,,,,,,,\r\n"), "{}", read(&csv));
    assert!(read(&html).contains("<dt>sent again</dt><dd>2</dd>"), "{}", read(&html));
    load_text(&["--json", "-o", &json, &server.address, "-n", "3", "--no-stat"]);
    assert_eq!(load(&["merge", &json, &json]).number("/units/repeated"), 4);
}

#[test]
fn a_request_is_sent_again_once_and_only_where_nothing_of_its_answer_came() {
    // Nothing was answered on it, so this is no matter of keeping connections.
    let fresh = Server::tls(|tls, _| {
        request(tls);
    });
    let run = three(&fresh.address);
    assert_eq!((run.errors(), run.number("/units/repeated")), ("closed_early request 3".to_owned(), 0));
    // The first connection answers once; all others end under their first request.
    let dying = Server::tls(|tls, number| {
        if request(tls).is_some() && number == 1 && answer(tls, OK) {
            request(tls);
        }
    });
    let run = load(&[&dying.address, "-n", "2", "--no-stat"]);
    assert_eq!((run.errors(), run.number("/units/repeated")), ("closed_early request 1".to_owned(), 1));
    assert_eq!(dying.taken(), 2, "it is sent again once");
    // Half an answer came.
    let half = &OK[..OK.len() - 5];
    let server = Server::tls(move |tls, _| {
        if request(tls).is_some() && answer(tls, OK) && request(tls).is_some() {
            answer(tls, half);
        }
    });
    let run = load(&[&server.address, "-n", "2", "--no-stat"]);
    assert_eq!((run.errors(), run.number("/units/repeated")), ("closed_early request 1".to_owned(), 0));
}

#[test]
fn redirects_are_no_success_that_nobody_notices() {
    let server = Server::tls(|tls, _| {
        let moved = b"HTTP/1.1 301 Moved Permanently\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";
        while request(tls).is_some_and(|_| answer(tls, moved)) {}
    });
    let run = load(&[&server.address, "-n", "30", "--no-stat", "--insecure"]);
    let text = "none of 30 answers has a status of 2xx: 30 with 301; is the path right?";
    assert_eq!((run.code, run.result("/warnings/0/text")), (0, &text.into()));
    assert_eq!(run.result("/warnings/0/code"), "no_success_status");
    let folder = tempfile::tempdir().unwrap();
    let [html, csv] = ["r.html", "r.csv"].map(|name| folder.path().join(name).display().to_string());
    let files = ["--insecure", "--html", &html, "--csv", &csv];
    let (_, shown, _) =
        load_text(&[&[server.address.as_str(), "-n", "30", "--no-stat"], &files[..]].concat());
    assert!(shown.contains("\nanswers\n  by status    301: 30\n"), "{shown}");
    assert!(shown.contains(text), "{shown}");
    let read = |name: &str| std::fs::read_to_string(name).unwrap();
    assert!(read(&csv).contains("\r\nstatus,301,30,,,,,,,,,,\r\n"), "{}", read(&csv));
    assert!(read(&html).contains("<dt>answers by status</dt><dd>301: 30</dd>"), "{}", read(&html));
    let search =
        load(&[&server.address, "--find-limit", "-c", "1", "-z", "100ms", "--no-stat", "--max-time", "20s"]);
    let warnings = search.result("/warnings").as_array().unwrap();
    assert!(warnings.iter().any(|warning| warning["code"] == "no_success_status"), "{:#}", search.document);
    let good = load(&[&Server::good().address, "-n", "3", "--no-stat"]);
    let warnings = good.result("/warnings").as_array().unwrap();
    assert!(!warnings.iter().any(|warning| warning["code"] == "no_success_status"), "{warnings:?}");
}
