//! Peers that misbehave: a listener and what it does with each connection.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// Listens on a free port and handles each connection, counted from 1, on a thread of its own. Returns the address.
pub(crate) fn listen(handle: impl Fn(TcpStream, usize) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for (index, stream) in listener.incoming().enumerate() {
            let handle = handle.clone();
            thread::spawn(move || handle(stream.unwrap(), index + 1));
        }
    });
    address
}

/// Reads the client's hello, and answers with `bytes`, then closes.
pub(crate) fn answer(mut stream: TcpStream, bytes: &[u8]) {
    let _ = stream.read(&mut [0; 4096]);
    let _ = stream.write_all(bytes);
}

/// Ends the connection with a TCP reset, once the client has sent something.
pub(crate) fn reset(stream: TcpStream) {
    let _ = (&stream).read(&mut [0]);
    reset_now(stream);
}

/// Ends the connection with a TCP reset at once.
pub(crate) fn reset_now(stream: TcpStream) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _entered = runtime.enter();
    stream.set_nonblocking(true).unwrap();
    tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
}

/// Sends `byte` every 20 ms until the client is gone.
pub(crate) fn trickle(mut stream: TcpStream, start: &[u8], byte: u8) {
    let _ = stream.write_all(start);
    while stream.write_all(&[byte]).is_ok() {
        thread::sleep(Duration::from_millis(20));
    }
}

/// Keeps the connection open and says nothing.
pub(crate) fn silence(mut stream: TcpStream) {
    while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {}
}

/// Passes the connection on to `upstream`.
pub(crate) fn forward(stream: TcpStream, upstream: &str) {
    let server = TcpStream::connect(upstream).unwrap();
    let (mut from_client, mut to_server) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, stream);
    let _ = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(Shutdown::Write);
}

/// An address where nothing listens.
pub(crate) fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
