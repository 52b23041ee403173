//! The server's HTTP, without TLS: whatever comes in ends in an end, without a panic and without waiting, and gets the
//! same answers in one piece as in many.
#![no_main]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use esp_https_fuzz::{Plain, Stream};
use esp_https_provision::Limits;
use esp_https_server::{Board, Book, HeapFigures, Server};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (piece, limits, data) = input;
    let limits = match limits % 3 {
        0 => Limits::MIN,
        1 => Limits::MAX,
        _ => Limits::default(),
    };
    let whole = answers(data, usize::MAX, limits);
    assert!(whole.is_empty() || whole.starts_with(b"HTTP/1.1 "));
    assert_eq!(whole, answers(data, usize::from(piece).max(1), limits));
});

fn answers(data: &[u8], piece: usize, limits: Limits) -> Vec<u8> {
    let board = Board { heap: || HeapFigures { free: 0, min: 0 }, say: |_| {} };
    let server = Server::new(Plain, limits, board, Book::new());
    let mut stream = Stream::new(data, piece);
    {
        // The stream is always ready, so nothing has to be waited for.
        let connection = pin!(server.connection(&mut stream));
        assert_eq!(connection.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
    }
    assert_eq!((server.stats().sessions, server.waiting()), (0, 0));
    without_interim(stream.out)
}

/// Whether the client is told to continue depends on whether its body has come, so that answer is left out.
fn without_interim(out: Vec<u8>) -> Vec<u8> {
    const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut rest = out.as_slice();
    let mut kept = Vec::new();
    while let Some((byte, tail)) = rest.split_first() {
        match rest.strip_prefix(CONTINUE) {
            Some(after) => rest = after,
            None => {
                kept.push(*byte);
                rest = tail;
            }
        }
    }
    kept
}
