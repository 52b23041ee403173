//! The path and the query of a request, through the table of routes to the page: which route it is, and what its parameters are. Compared
//! with what another implementation makes of the same text, and with the same request in pieces.
#![no_main]

use std::{
    cell::RefCell,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use esp_https_fuzz::{Plain, Stream};
use esp_https_provision::Limits;
use esp_https_server::{Board, Done, Handler, HeapFigures, Refused, Request, Route, Routes, Server, Status};
use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode;

fuzz_target!(|input: (u8, &[u8])| {
    let (piece, text) = input;
    // What can't be in a target ends it.
    let target: Vec<u8> = text.iter().copied().filter(u8::is_ascii_graphic).take(400).collect();
    if target.contains(&b'#') {
        return;
    }
    let whole = seen(&target, usize::MAX);
    assert_eq!(whole, seen(&target, usize::from(piece).max(1)));
    assert_eq!(whole, expected(&target));
});

/// What the page sees, if there is one.
fn seen(target: &[u8], piece: usize) -> Option<Seen> {
    let board = Board { heap: || HeapFigures { free: 0, min: 0 }, say: |_| {} };
    let server = Server::new(Plain, Limits::default(), board, Pages::default());
    let request = [b"GET /", target, b" HTTP/1.1\r\nHost: b\r\n\r\n"].concat();
    let mut stream = Stream::new(&request, piece);
    {
        let connection = pin!(server.connection(&mut stream));
        assert_eq!(connection.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
    }
    server.handler().seen.take()
}

/// The same by a percent-decoder and a parser of forms of somebody else.
fn expected(target: &[u8]) -> Option<Seen> {
    let mut parts = target.splitn(2, |byte| *byte == b'?');
    let (path, query) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if !is_well_formed(path) {
        return None;
    }
    let decode = |bytes: &[u8]| percent_decode(bytes).decode_utf8_lossy().into_owned();
    let segments: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    let (page, parameters) = match segments.as_slice() {
        [first, one, b""] if decode(first) == "a" && !one.is_empty() => (1, vec![decode(one), String::new()]),
        [first, one, rest @ ..] if decode(first) == "a" && !one.is_empty() && !rest.is_empty() => {
            (1, vec![decode(one), rest.iter().map(|segment| decode(segment)).collect::<Vec<_>>().join("/")])
        }
        [one] if !one.is_empty() => (2, vec![decode(one)]),
        [one, two] if !one.is_empty() && decode(two) == "light" => (3, vec![decode(one)]),
        _ => return None,
    };
    let first =
        form_urlencoded::parse(query).find(|(name, _)| name == "q").map(|(_, value)| value.into_owned());
    Some(Seen { page, parameters, query: first })
}

fn is_well_formed(path: &[u8]) -> bool {
    let hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    path.iter()
        .enumerate()
        .all(|(at, byte)| *byte != b'%' || (hex(path.get(at + 1)) && hex(path.get(at + 2))))
}

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    page: u8,
    parameters: Vec<String>,
    query: Option<String>,
}

#[derive(Default)]
struct Pages {
    seen: RefCell<Option<Seen>>,
}

impl Handler for Pages {
    type Page = u8;

    const ROUTES: Routes<u8> = Routes::new(&[
        Route::get("/a/{one}/{*rest}", 1),
        Route::get("/{one}", 2),
        Route::get("/{one}/light", 3),
    ]);

    async fn handle(&self, page: u8, request: Request<'_>) -> Result<Done, Refused> {
        let names: &[&str] = if page == 1 { &["one", "rest"] } else { &["one"] };
        let parameters = names.iter().map(|name| request.parameter(name).to_owned()).collect();
        let query = request.query("q").map(|value| value.to_owned());
        self.seen.replace(Some(Seen { page, parameters, query }));
        request.answer(Status::OK).empty()
    }
}
