//! What each request is answered with.

use esp_https_provision::Limits;

use crate::client::{Answer, Client};
use crate::pipe::End;
use crate::plain::Plain;
use crate::sim::Sim;

#[test]
fn the_page_is_the_books_byte_for_byte() {
    let answer = ask("GET / HTTP/1.1\r\nHost: board\r\n\r\n");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, "<h1>Hello Secure World! </h1>");
    assert_eq!(answer.field("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.field("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.field("content-length"), Some("29"));
    assert_eq!(answer.field("connection"), None);
}

#[test]
fn the_light_is_on_until_it_is_switched() {
    let mut sim = Sim::plain();
    let mut client = Client::new(sim.connect());
    let states = sim.run(async move {
        let mut states = Vec::new();
        for request in [
            "GET /light HTTP/1.1\r\nHost: b\r\n\r\n",
            "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 17\r\n\r\n{\"status\": false}",
            "GET /light HTTP/1.1\r\nHost: b\r\n\r\n",
            "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 19\r\n\r\n { \"status\" :true }\n",
            "GET /light HTTP/1.1\r\nHost: b\r\n\r\n",
        ] {
            let answer = client.ask(request).await.unwrap();
            assert_eq!((answer.status, answer.field("content-type")), (200, Some("application/json")));
            states.push(answer.body);
        }
        states
    });
    let (on, off) = ("{\"status\": true}", "{\"status\": false}");
    assert_eq!(states, [on, off, off, on, on]);
}

#[test]
fn an_order_that_is_not_one_is_400_and_changes_nothing() {
    for body in
        ["", "{}", "true", "{\"status\": 1}", "{\"status\": true", "{\"status\": false} x", "\u{fffd}"]
    {
        let mut sim = Sim::plain();
        let mut client = Client::new(sim.connect());
        let request =
            format!("POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        sim.run(async move {
            let refused = client.ask(&request).await.unwrap();
            assert_eq!(refused.status, 400, "{request}");
            assert!(refused.body.contains("{\"status\": true}"), "{}", refused.body);
            let light = client.ask("GET /light HTTP/1.1\r\nHost: b\r\n\r\n").await.unwrap();
            assert_eq!(light.body, "{\"status\": true}");
        });
    }
}

#[test]
fn a_page_of_another_origin_is_403_and_changes_nothing() {
    let json = "Content-Type: application/json\r\n";
    for (fields, status, light) in [
        ("", 200, "false"),
        ("Content-Type: application/x-www-form-urlencoded\r\n", 200, "false"),
        (&format!("{json}Origin: https://b\r\nSec-Fetch-Site: same-origin\r\n"), 200, "false"),
        ("Origin: https://b\r\nContent-Type: text/plain\r\n", 415, "true"),
        (&format!("{json}Origin: https://evil.example\r\n"), 403, "true"),
        (&format!("{json}Origin: null\r\nExpect: 100-continue\r\n"), 403, "true"),
        ("Sec-Fetch-Site: cross-site\r\nContent-Type: text/plain\r\n", 403, "true"),
    ] {
        let mut sim = Sim::plain();
        let mut client = Client::new(sim.connect());
        let request = format!(
            "POST /light HTTP/1.1\r\n{fields}Host: b\r\nContent-Length: 17\r\n\r\n{{\"status\": false}}"
        );
        let expects = fields.contains("Expect");
        let answer = sim.run(async move { client.ask(&request).await.unwrap() });
        assert_eq!((answer.status, answer.field("access-control-allow-origin")), (status, None), "{fields}");
        assert_eq!(answer.field("connection").is_some(), expects, "{fields}");
        let mut client = Client::new(sim.connect());
        let now =
            sim.run(async move { client.ask("GET /light HTTP/1.1\r\nHost: b\r\n\r\n").await.unwrap().body });
        assert_eq!(now, format!("{{\"status\": {light}}}"), "{fields}");
    }
}

#[test]
fn options_of_the_whole_server_lists_the_methods() {
    let answer = ask("OPTIONS * HTTP/1.1\r\nHost: b\r\n\r\n");
    assert_eq!((answer.status, answer.field("allow")), (204, Some("GET, HEAD, OPTIONS, POST")));
    assert_eq!(ask("GET * HTTP/1.1\r\nHost: b\r\n\r\n").status, 400);
}

#[test]
fn the_figures_are_the_stat_object() {
    let answer = ask("GET /stat HTTP/1.1\r\nHost: b\r\n\r\n");
    assert_eq!(answer.field("content-type"), Some("application/json"));
    assert_eq!(
        answer.body,
        "{\"uptime_s\":0,\"heap_free\":150000,\"heap_min\":22000,\"sessions\":1,\"handshakes\":1,\"resumed\":0,\
         \"handshake_us\":0,\"failed\":0,\"requests\":0}"
    );
}

#[test]
fn the_icon_that_browsers_ask_for_is_204_without_content() {
    let answer = ask("GET /favicon.ico HTTP/1.1\r\nHost: b\r\n\r\n");
    assert_eq!((answer.status, answer.fields.len()), (204, 0), "{answer:?}");
}

#[test]
fn head_has_the_fields_of_get_and_no_body() {
    for path in ["/", "/light", "/stat", "/favicon.ico", "/nothing"] {
        let get = ask(&format!("GET {path} HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n"));
        let (text, end) = all(&format!("HEAD {path} HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n"));
        assert_eq!(end, End::Fin);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "", "{path}");
        for (name, value) in get.fields {
            assert!(
                head.to_ascii_lowercase().contains(&format!("{name}: {value}").to_ascii_lowercase()),
                "{head}"
            );
        }
    }
}

#[test]
fn a_path_that_is_not_there_is_404_and_the_connection_stays() {
    let answer = ask("GET /nothing HTTP/1.1\r\nHost: b\r\n\r\n");
    assert_eq!((answer.status, answer.field("connection")), (404, None));
    assert!(answer.body.contains("/light"), "{}", answer.body);
}

#[test]
fn a_method_the_resource_does_not_have_is_405_with_allow() {
    for (method, path, allow) in [
        ("POST", "/", "GET, HEAD"),
        ("PUT", "/light", "GET, HEAD, POST"),
        ("DELETE", "/stat", "GET, HEAD"),
        ("OPTIONS", "/light", "GET, HEAD, POST"),
        ("PATCH", "/favicon.ico", "GET, HEAD"),
        ("TRACE", "/", "GET, HEAD"),
    ] {
        let answer = ask(&format!("{method} {path} HTTP/1.1\r\nHost: b\r\n\r\n"));
        assert_eq!((answer.status, answer.field("allow")), (405, Some(allow)), "{method} {path}");
        assert_eq!(answer.field("connection"), None);
    }
}

#[test]
fn queries_and_absolute_urls_reach_the_resource() {
    for target in
        ["/?", "/?a=b/c", "https://board", "https://board/", "HTTP://board:443/", "https://board?x=y"]
    {
        assert_eq!(ask(&format!("GET {target} HTTP/1.1\r\nHost: b\r\n\r\n")).status, 200, "{target}");
    }
    assert_eq!(ask("GET https://board/light?x HTTP/1.1\r\nHost: b\r\n\r\n").body, "{\"status\": true}");
}

#[test]
fn what_breaks_the_syntax_is_400_and_ends_the_connection() {
    for request in [
        "GET\r\n\r\n",
        "GET /\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET /  HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: b\r\n\r\n",
        "GET / HTTP/11\r\nHost: b\r\n\r\n",
        "GET / http/1.1\r\nHost: b\r\n\r\n",
        "GET /\t HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET /#top HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET light HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET http:///light HTTP/1.1\r\nHost: b\r\n\r\n",
        "G@T / HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: b\r\nX: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: b\r\nNo colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: b\r\n: empty\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: b\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: b\r\nX: a\rb\r\n\r\n",
        "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1",
        "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 1, 1\r\n\r\n1",
        "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: +1\r\n\r\n1",
        "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 0x1\r\n\r\n1",
        "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length:\r\n\r\n",
        "POST /light HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /light HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        assert_eq!(refused(request), 400, "{request:?}");
    }
}

#[test]
fn a_target_at_the_limit_is_read_and_one_beyond_is_414() {
    let limit = usize::from(Limits::default().max_uri);
    let request = |length: usize| format!("GET /?{} HTTP/1.1\r\nHost: b\r\n\r\n", "x".repeat(length - 2));
    assert_eq!(ask(&request(limit)).status, 200);
    assert_eq!(refused(&request(limit + 1)), 414);
    assert!(all(&request(limit + 1)).0.contains("the limit is 512 bytes"));
    assert_eq!(refused(&format!("GET /{}", "x".repeat(600))), 414);
}

#[test]
fn a_header_at_the_limit_is_read_and_one_beyond_is_431_which_says_what_to_do() {
    for limit in [256, 2048, 4096] {
        let limits = Limits { max_header: limit, ..Limits::default() };
        let request = |length: u16| {
            let rest = usize::from(length) - "GET / HTTP/1.1\r\nHost: b\r\nX: \r\n\r\n".len();
            format!("GET / HTTP/1.1\r\nHost: b\r\nX: {}\r\n\r\n", "x".repeat(rest))
        };
        assert_eq!(request(limit).len(), usize::from(limit));
        assert_eq!(ask_with(limits, &request(limit)).status, 200);
        let answer = ask_with(limits, &request(limit + 1));
        assert_eq!((answer.status, answer.field("connection")), (431, Some("close")));
        assert_eq!(
            answer.body,
            format!(
                "Header fields are too long for server to interpret: the limit is {limit} bytes.\n\
                 Raise it with --max-header of `esp-https emulate` or `esp-https flash`.\n"
            )
        );
    }
}

#[test]
fn more_fields_than_the_parser_holds_is_431() {
    let request = |count| format!("GET / HTTP/1.1\r\nHost: b\r\n{}\r\n", "a:b\r\n".repeat(count));
    assert_eq!(ask(&request(63)).status, 200);
    assert_eq!(refused(&request(64)), 431);
    assert!(all(&request(64)).0.contains("at most 64 fields"));
}

#[test]
fn methods_and_codings_that_nobody_knows_are_501() {
    for request in [
        "BREW / HTTP/1.1\r\nHost: b\r\n\r\n",
        "get / HTTP/1.1\r\nHost: b\r\n\r\n",
        "CONNECT board:443 HTTP/1.1\r\nHost: b\r\n\r\n",
        "AVERYLONGMETHODTHATISNONE / HTTP/1.1\r\n\r\n",
        "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST /light HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: identity\r\n\r\n",
    ] {
        assert_eq!(refused(request), 501, "{request:?}");
    }
}

#[test]
fn other_major_versions_are_505_and_later_minor_ones_are_served() {
    assert_eq!(refused("GET / HTTP/2.0\r\nHost: b\r\n\r\n"), 505);
    assert_eq!(refused("GET / HTTP/0.9\r\n\r\n"), 505);
    assert_eq!(refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
    assert_eq!(ask("GET / HTTP/1.2\r\nHost: b\r\n\r\n").status, 200);
}

#[test]
fn http_1_0_closes_unless_asked_to_stay() {
    let (text, end) = all("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(end, End::Fin);
    assert!(text.contains("Connection: close\r\n"), "{text}");
    let answer = ask("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    assert_eq!(answer.field("connection"), Some("keep-alive"));
}

#[test]
fn connection_close_is_kept_to() {
    let (text, end) =
        all("GET / HTTP/1.1\r\nHost: b\r\nConnection: foo, Close\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n");
    assert_eq!((text.matches("HTTP/1.1 200").count(), end), (1, End::Fin));
}

#[test]
fn lines_may_end_with_lf_alone_as_a_person_types_them() {
    assert_eq!(ask("\r\n\nGET / HTTP/1.1\nHost: b\n\n").status, 200);
}

/// The first answer to `request`, with the default limits.
pub(crate) fn ask(request: &str) -> Answer {
    ask_with(Limits::default(), request)
}

fn ask_with(limits: Limits, request: &str) -> Answer {
    let mut sim = Sim::new(Plain, limits);
    let mut client = Client::new(sim.connect());
    let request = request.to_owned();
    sim.run(async move { client.ask(&request).await.unwrap() })
}

/// All that `request` and the end of the client's stream are answered with.
pub(crate) fn all(request: &str) -> (String, End) {
    let mut sim = Sim::plain();
    let mut client = Client::new(sim.connect());
    let request = request.to_owned();
    sim.run(async move {
        client.stream.send(request.as_bytes()).await;
        client.rest().await
    })
}

/// The status of the one answer to a request that ends the connection in order, whatever follows it.
pub(crate) fn refused(request: &str) -> u16 {
    let mut sim = Sim::plain();
    let mut client = Client::new(sim.connect());
    let requests = format!("{request}GET / HTTP/1.1\r\nHost: b\r\n\r\n");
    let (answer, rest) = sim.run(async move { (client.ask(&requests).await.unwrap(), client.rest().await) });
    assert_eq!((answer.field("connection"), rest), (Some("close"), (String::new(), End::Fin)), "{request:?}");
    answer.status
}
