//! What a page sees of a request, and what goes out of its answer.

use crate::client::{Answer, Client};
use crate::pipe::End;
use crate::site::sim;

#[test]
fn a_page_sees_path_parameters_query_and_the_fields_that_it_wants() {
    let answer = ask(
        "GET /echo/k%C3%BCche/a%2Fb/c?a=1+%32&b&x=y HTTP/1.1\r\nHost: b\r\nX-TWO:  second \r\nAccept: */*\r\n\
         x-one: first\r\nX-Two: third\r\n\r\n",
    );
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (
            200,
            "GET /echo/küche/a/b/c one=küche rest=a/b/c none= a=Some(\"1 2\") b=Some(\"\") c=None \
             x-one=Some(\"first\") x-two=Some(\"second\") host=None"
        )
    );
    let answer =
        ask("POST https://b/echo/%41/ HTTP/1.1\r\nHost: b\r\nX-One: a\r\nContent-Length: 3\r\n\r\nabc");
    assert!(answer.body.starts_with("POST /echo/A/ one=A rest= none= a=None"), "{}", answer.body);
    assert!(answer.body.contains("x-one=None"), "its route wants none: {}", answer.body);
}

#[test]
fn a_path_with_a_broken_escape_is_400_and_a_query_with_one_is_read_as_it_is() {
    for path in ["/echo/%/x", "/echo/%4/x", "/echo/%zz/x", "/echo/x/%4"] {
        assert_eq!(ask(&get(path)).status, 400, "{path}");
    }
    let answer = ask(&get("/echo/x/y?a=%zz&b=%ff&c=%"));
    assert!(answer.body.contains("a=Some(\"%zz\") b=Some(\"\u{FFFD}\") c=Some(\"%\")"), "{}", answer.body);
}

#[test]
fn a_request_with_escapes_cut_off_anywhere_ends_in_order() {
    let request = "GET /echo/k%C3%BCche/a%2Fb?a=%32&b HTTP/1.1\r\nHost: b\r\nX-One: first\r\n\r\n";
    for length in 0..request.len() {
        let mut sim = sim();
        let mut client = Client::new(sim.connect());
        let cut = request[..length].to_owned();
        let (text, end) = sim.run(async move {
            client.stream.send(cut.as_bytes()).await;
            client.stream.fin();
            client.rest().await
        });
        assert_eq!((text.contains("HTTP/1.1 400"), end), (length > 0, End::Fin), "{length}: {text}");
    }
}

#[test]
fn answers_of_any_length_arrive_whole_announced_or_not() {
    for n in [0, 1, 300, 350, 400, 500, 511, 512, 513, 1024, 100_000] {
        for (path, byte) in [("/stream", "s"), ("/sized", "b")] {
            let answer = ask(&get(&format!("{path}?n={n}")));
            assert_eq!((answer.status, answer.body == byte.repeat(n)), (200, true), "{path} {n}");
            assert_eq!(answer.field("content-length").is_some(), path == "/sized");
        }
    }
    let numbers: String = (0..2000).map(|number| format!("{number},")).collect();
    let answer = ask(&get("/text?n=2000"));
    assert_eq!(answer.field("content-length"), Some(numbers.len().to_string().as_str()));
    assert_eq!(answer.body, numbers, "written again for each part, and each byte once");
}

#[test]
fn a_client_of_http_1_0_gets_a_stream_until_the_end_of_the_connection() {
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    let (text, end) = sim.run(async move {
        client.stream.send(b"GET /stream?n=1000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").await;
        client.rest().await
    });
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("Connection: close") && !head.contains("Transfer-Encoding"), "{head}");
    assert_eq!((body, end), ("s".repeat(1000).as_str(), End::Fin));
}

#[test]
fn head_has_the_fields_of_a_stream_and_no_body() {
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    sim.run(async move {
        for (path, field, value) in
            [("/stream", "transfer-encoding", "chunked"), ("/sized?n=9000", "content-length", "9000")]
        {
            client.stream.send(get(path).replace("GET", "HEAD").as_bytes()).await;
            assert_eq!(client.head().await.unwrap().field(field), Some(value));
        }
        assert_eq!(client.ask(&get("/sized?n=3")).await.unwrap().body, "bbb");
    });
}

#[test]
fn a_body_of_any_length_goes_through_the_buffer_in_pieces() {
    let body: Vec<u8> = (0..100_000u32).map(|number| b'a' + (number % 26) as u8).collect();
    let expected = format!("100000 {}", body.iter().map(|byte| u64::from(*byte)).sum::<u64>());
    let body = String::from_utf8(body).unwrap();
    let sized = format!("POST /sum HTTP/1.1\r\nHost: b\r\nContent-Length: 100000\r\n\r\n{body}");
    let chunks: String = body
        .as_bytes()
        .chunks(777)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), str::from_utf8(chunk).unwrap()))
        .collect();
    let chunked =
        format!("POST /sum HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
    for request in [sized, chunked] {
        for window in [1000, 16 * 1024] {
            let mut sim = sim();
            let mut client = Client::new(sim.connect_with_window(window));
            let request = request.clone();
            let answers = sim.run(async move {
                [client.ask(&request).await.unwrap().body, client.ask(&get("/sized?n=2")).await.unwrap().body]
            });
            assert_eq!(answers, [expected.as_str(), "bb"]);
            assert_eq!(sim.said(), [] as [String; 0]);
        }
    }
}

#[test]
fn a_body_that_is_longer_than_its_route_takes_is_413() {
    let length = (1 << 20) + 1;
    let sized = format!("POST /sum HTTP/1.1\r\nHost: b\r\nContent-Length: {length}\r\n\r\n");
    assert_eq!(ask(&sized).status, 413);
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000)).repeat(257);
    let chunked = format!("POST /sum HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
    let answer = ask(&chunked);
    assert_eq!((answer.status, answer.body.contains("1048576 bytes")), (413, true));
}

#[test]
fn a_whole_body_that_does_not_fit_the_buffer_is_413() {
    let put = |length: usize| {
        format!("PUT /whole HTTP/1.1\r\nHost: b\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(length))
    };
    assert_eq!(ask(&put(4000)).body, "x".repeat(4000));
    let answer = ask(&put(5000));
    assert_eq!((answer.status, answer.field("connection")), (413, Some("close")));
    assert_eq!(ask("POST /whole HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n").body, "");
}

#[test]
fn a_client_that_waits_for_100_is_told_when_the_page_reads_and_closed_when_it_does_not() {
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    let expecting = |line: &str| {
        format!("{line} HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    };
    sim.run(async move {
        assert_eq!(client.ask(&expecting("POST /sum")).await.unwrap().status, 100);
        assert_eq!(client.ask("abc").await.unwrap().body, "3 294");
        let answer = client.ask(&expecting("POST /unread")).await.unwrap();
        assert_eq!((answer.status, answer.field("connection")), (204, Some("close")));
        assert_eq!(client.rest().await, (String::new(), End::Fin));
    });
}

#[test]
fn a_page_that_can_not_answer_now_says_why_and_the_connection_stays() {
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    sim.run(async move {
        let answer = client.ask(&get("/refuse")).await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (503, "Not now: the sensor is cold.\n"));
        assert_eq!(client.ask(&get("/sized?n=1")).await.unwrap().body, "b");
    });
    assert_eq!(sim.said(), [] as [String; 0]);
}

#[test]
fn fifty_requests_for_a_stream_sent_at_once_are_answered_one_after_the_other() {
    let mut sim = sim();
    let mut client = Client::new(sim.connect());
    sim.run(async move {
        client.stream.send(get("/stream?n=5000").repeat(50).as_bytes()).await;
        for _ in 0..50 {
            assert_eq!(client.answer().await.unwrap().body.len(), 5000);
        }
    });
    assert_eq!(sim.server.stats().requests, 50);
}

pub(crate) fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: b\r\n\r\n")
}

/// The first answer to `request`.
fn ask(request: &str) -> Answer {
    let mut sim = sim();
    let mut client = Client::new(sim.connect_with_window(1 << 21));
    let request = request.to_owned();
    sim.run(async move { client.ask(&request).await.unwrap() })
}
