//! A proxy that breaks connections at random, as a busy device and its network do.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Passed,
    ClosedAtOnce,
    ResetAtOnce,
    ResetAfterHello,
    ResetAmidFlight,
    Delayed,
}

/// Listens on a free port and passes connections on to `upstream`, breaking `percent` of them; returns its address.
pub(crate) fn faulty(upstream: String, percent: u64, seed: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let state = Arc::new(AtomicU64::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let fate = fate(&state, percent);
            let upstream = upstream.clone();
            // One after the other, as a client that has one connection at a time makes them.
            thread::spawn(move || handle(stream.unwrap(), &upstream, fate));
        }
    });
    address
}

fn fate(state: &AtomicU64, percent: u64) -> Fate {
    let draw = || {
        // Marsaglia's xorshift.
        let mut x = state.load(Ordering::Relaxed);
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        state.store(x, Ordering::Relaxed);
        x >> 20
    };
    if draw() % 100 >= percent {
        return Fate::Passed;
    }
    match draw() % 5 {
        0 => Fate::ClosedAtOnce,
        1 => Fate::ResetAtOnce,
        2 => Fate::ResetAfterHello,
        3 => Fate::ResetAmidFlight,
        _ => Fate::Delayed,
    }
}

fn handle(stream: TcpStream, upstream: &str, fate: Fate) {
    match fate {
        Fate::Passed => forward(stream, upstream, usize::MAX),
        Fate::ClosedAtOnce => drop(stream),
        Fate::ResetAtOnce => reset(stream),
        Fate::ResetAfterHello => {
            let _ = (&stream).read(&mut [0; 16]);
            reset(stream);
        }
        Fate::ResetAmidFlight => forward(stream, upstream, 100),
        Fate::Delayed => {
            thread::sleep(Duration::from_millis(100));
            forward(stream, upstream, usize::MAX);
        }
    }
}

/// Passes on both ways; after `most` bytes from the server, resets.
fn forward(stream: TcpStream, upstream: &str, mut most: usize) {
    let Ok(mut server) = TcpStream::connect(upstream) else { return };
    let (mut from_client, mut to_server) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let mut buffer = [0; 4096];
    loop {
        let Ok(count) = server.read(&mut buffer) else { return reset(stream) };
        if count == 0 {
            let _ = stream.shutdown(Shutdown::Write);
            return;
        }
        let passed = count.min(most);
        most -= passed;
        if (&stream).write_all(&buffer[..passed]).is_err() || most == 0 {
            return reset(stream);
        }
    }
}

/// Ends the connection with a TCP reset.
pub(crate) fn reset(stream: TcpStream) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _entered = runtime.enter();
    stream.set_nonblocking(true).unwrap();
    tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
}
