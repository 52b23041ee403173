//! The server's HTTP, without TLS: whatever comes in ends in an end, without a panic and without waiting, and gets the
//! same answers in one piece as in many.
#![no_main]

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use embedded_io_async::{ErrorType, Read, Write};
use esp_https_provision::Limits;
use esp_https_server::{
    Acceptor, Board, Book, HandshakeError, HeapFigures, Readiness, Resumption, Server, TlsSession, Transport,
};
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
    let mut stream = Stream { left: data, piece, out: Vec::new() };
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

/// Bytes in pieces, then the end.
struct Stream<'d> {
    left: &'d [u8],
    piece: usize,
    out: Vec<u8>,
}

impl ErrorType for Stream<'_> {
    type Error = Infallible;
}

impl Read for Stream<'_> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        assert!(!buf.is_empty(), "a read into nothing looks like the end of the stream");
        let (now, later) = self.left.split_at(self.left.len().min(self.piece).min(buf.len()));
        buf[..now.len()].copy_from_slice(now);
        self.left = later;
        Ok(now.len())
    }
}

impl Write for Stream<'_> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        self.out.extend(buf);
        Ok(buf.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Transport for Stream<'_> {
    async fn readable(&mut self) -> Result<Readiness, Infallible> {
        Ok(Readiness::Ready)
    }

    async fn finish(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn abort(&mut self) {}
}

/// Sessions that do not encrypt.
struct Plain;

struct PlainSession<'t, T>(&'t mut T);

impl Acceptor for Plain {
    type Session<'t, T: Transport + 't> = PlainSession<'t, T>;

    async fn accept<'t, T: Transport + 't>(
        &'t self,
        transport: &'t mut T,
    ) -> Result<PlainSession<'t, T>, HandshakeError> {
        Ok(PlainSession(transport))
    }
}

impl<T: Transport> ErrorType for PlainSession<'_, T> {
    type Error = T::Error;
}

impl<T: Transport> Read for PlainSession<'_, T> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, T::Error> {
        self.0.read(buf).await
    }
}

impl<T: Transport> Write for PlainSession<'_, T> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, T::Error> {
        self.0.write(buf).await
    }

    async fn flush(&mut self) -> Result<(), T::Error> {
        self.0.flush().await
    }
}

impl<T: Transport> TlsSession for PlainSession<'_, T> {
    fn resumption(&self) -> Resumption {
        Resumption::Full
    }

    async fn close_notify(&mut self) -> Result<(), T::Error> {
        Ok(())
    }
}
