//! Peers that misbehave: a listener and what it does with each connection.

use std::{
    borrow::Borrow,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use tokio::net::TcpSocket;

/// Listens on a free port and handles each connection, counted from 1, on a thread of its own. Returns the address.
pub fn listen(handle: impl Fn(TcpStream, usize) + Send + Sync + Clone + 'static) -> String {
    listen_at("127.0.0.1:0", handle)
}

/// The same at another address.
pub fn listen_at(address: &str, handle: impl Fn(TcpStream, usize) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind(address).unwrap();
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
pub fn answer(mut stream: TcpStream, bytes: &[u8]) {
    hello(&stream);
    let _ = stream.write_all(bytes);
}

/// Waits until the client has sent something.
pub fn hello(mut stream: impl Read) {
    let _ = stream.read(&mut [0; 4096]);
}

/// Ends the connection with a TCP reset, once the client has sent something.
pub fn reset(stream: TcpStream) {
    let _ = (&stream).read(&mut [0]);
    reset_now(stream);
}

/// Ends the connection with a TCP reset, as soon as nobody else has it any more.
pub fn reset_now(stream: impl Borrow<TcpStream>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _entered = runtime.enter();
    let stream = stream.borrow().try_clone().unwrap();
    stream.set_nonblocking(true).unwrap();
    tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
}

/// Sends `byte` every 20 ms until the client is gone.
pub fn trickle(mut stream: impl Write, start: &[u8], byte: u8) {
    let _ = stream.write_all(start);
    while stream.write_all(&[byte]).and_then(|()| stream.flush()).is_ok() {
        thread::sleep(Duration::from_millis(20));
    }
}

/// Keeps the connection open and says nothing, until the client ends it.
pub fn silence(mut stream: impl Read) {
    while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {}
}

/// Passes the connection on to `upstream`, until both sides have ended it.
pub fn forward(stream: TcpStream, upstream: &str) {
    forward_after(stream, &[], upstream);
}

/// The same for a connection of which `read` has been read already.
pub fn forward_after(stream: TcpStream, read: &[u8], upstream: &str) {
    let mut server = TcpStream::connect(upstream).unwrap();
    server.write_all(read).unwrap();
    let (mut from_client, mut to_server) = (stream.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, stream);
    let _ = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(Shutdown::Write);
}

/// An address where nothing listens, and where nobody else can until this process ends.
pub fn nobody() -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    // A port that was given back could be another test's a moment later.
    std::mem::forget(socket);
    address
}
