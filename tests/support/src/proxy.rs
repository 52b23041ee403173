//! A proxy that breaks connections at random, as a busy device and its network do.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::net::TcpSocket;

use crate::peer::{reset_now, silence};

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Passed,
    Refused,
    ClosedAtOnce,
    ResetAtOnce,
    ResetAfterHello,
    ResetAmidFlight,
    Delayed,
    InternalError,
}

/// Listens on a free port and passes connections on to `upstream`, breaking `percent` of them; returns its address.
pub fn faulty(upstream: String, percent: u64, seed: u64) -> String {
    let held = hold("127.0.0.1:0".parse().unwrap());
    let address = held.local_addr().unwrap();
    let mut listener = listen(address);
    let state = Arc::new(AtomicU64::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1));
    thread::spawn(move || {
        let _held = held;
        let mut next = fate(&state, percent);
        loop {
            if next == Fate::Refused {
                // Whoever connects now is refused by the kernel, as by a device whose server has no socket left.
                drop(listener);
                thread::sleep(REFUSING);
                listener = listen(address);
                next = fate(&state, percent);
                continue;
            }
            let Ok((stream, _)) = listener.accept() else { return };
            let (upstream, fate_of_this) = (upstream.clone(), next);
            next = fate(&state, percent);
            // One after the other, as a client that has one connection at a time makes them.
            thread::spawn(move || handle(stream, &upstream, fate_of_this));
        }
    });
    address.to_string()
}

/// A socket at that address that does not listen: while there is one, nobody else is given the port, and whoever connects
/// is refused.
fn hold(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

/// Listens beside the socket that holds the port.
fn listen(address: SocketAddr) -> TcpListener {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _entered = runtime.enter();
    let listener = hold(address).listen(128).unwrap().into_std().unwrap();
    listener.set_nonblocking(false).unwrap();
    listener
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
    match draw() % 7 {
        0 => Fate::Refused,
        1 => Fate::ClosedAtOnce,
        2 => Fate::ResetAtOnce,
        3 => Fate::ResetAfterHello,
        4 => Fate::ResetAmidFlight,
        5 => Fate::InternalError,
        _ => Fate::Delayed,
    }
}

fn handle(stream: TcpStream, upstream: &str, fate: Fate) {
    match fate {
        // Refused before it came here.
        Fate::Refused => drop(stream),
        Fate::Passed => forward(stream, upstream, usize::MAX),
        Fate::ClosedAtOnce => drop(stream),
        Fate::ResetAtOnce => reset_now(stream),
        Fate::ResetAfterHello => {
            let _ = (&stream).read(&mut [0; 16]);
            reset_now(stream);
        }
        Fate::InternalError => {
            // The hello, whole or not; what is left unread at the end would turn it into a reset.
            let _ = (&stream).read(&mut [0; 20_000]);
            let _ = (&stream).write_all(&INTERNAL_ERROR);
            let _ = stream.shutdown(Shutdown::Write);
            silence(stream);
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
    let (from_client, to_server) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
    let is_over = Arc::new(AtomicBool::new(false));
    let ending = Arc::clone(&is_over);
    let sender = thread::spawn(move || pass_on(from_client, to_server, &ending));
    // A socket is only reset once nobody holds it any more.
    let break_off = |stream| {
        is_over.store(true, Ordering::Relaxed);
        let _ = sender.join();
        reset_now(stream);
    };
    let mut buffer = [0; 4096];
    loop {
        let Ok(count) = server.read(&mut buffer) else { return break_off(stream) };
        if count == 0 {
            let _ = stream.shutdown(Shutdown::Write);
            return;
        }
        let passed = count.min(most);
        most -= passed;
        if (&stream).write_all(&buffer[..passed]).is_err() || most == 0 {
            return break_off(stream);
        }
    }
}

/// Passes on one way until that is over, or all is.
fn pass_on(mut from: TcpStream, mut to: TcpStream, is_over: &AtomicBool) {
    from.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let mut buffer = [0; 4096];
    while !is_over.load(Ordering::Relaxed) {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) if to.write_all(&buffer[..count]).is_err() => break,
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
            Ok(_) | Err(_) => {}
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The fatal alert internal_error, as a device without memory sends it.
const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];
const REFUSING: Duration = Duration::from_millis(30);
