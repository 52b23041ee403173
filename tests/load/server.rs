//! Servers in this process: a listener on a free loopback port, and what it does with each connection.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer},
};
pub(crate) use support::peer::{hello, nobody, reset_now as reset, silence, trickle};
use tempfile::TempDir;

/// A TLS connection of the server's side.
pub(crate) type Tls = StreamOwned<ServerConnection, TcpStream>;

/// A server; it stops taking connections with the process.
pub(crate) struct Server {
    pub(crate) address: String,
    certificate: PathBuf,
    taken: Arc<AtomicUsize>,
    _folder: TempDir,
}

impl Server {
    /// Handles the bare TCP connections, counted from 1, on a thread each.
    pub(crate) fn tcp(handle: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Self {
        Self::start(move |stream, number, _| handle(stream, number))
    }

    /// Handles the connections that have shaken hands.
    pub(crate) fn tls(handle: impl Fn(&mut Tls, usize) + Send + Sync + 'static) -> Self {
        Self::start(move |stream, number, config| {
            if let Some(mut tls) = shaken(stream, config) {
                handle(&mut tls, number);
            }
        })
    }

    /// A server that answers every request.
    pub(crate) fn good() -> Self {
        Self::tls(|tls, _| while request(tls).is_some_and(|_| answer(tls, OK)) {})
    }

    /// A server that answers every request, and lets no session be resumed.
    pub(crate) fn ticketless() -> Self {
        Self::configured(
            |config| {
                config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
                config.send_tls13_tickets = 0;
            },
            |stream, _, config| {
                if let Some(mut tls) = shaken(stream, config) {
                    while request(&mut tls).is_some_and(|_| answer(&mut tls, OK)) {}
                }
            },
        )
    }

    fn start(handle: impl Fn(TcpStream, usize, Arc<ServerConfig>) + Send + Sync + 'static) -> Self {
        Self::configured(|_| {}, handle)
    }

    fn configured(
        tune: impl Fn(&mut ServerConfig),
        handle: impl Fn(TcpStream, usize, Arc<ServerConfig>) + Send + Sync + 'static,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = folder.path().join("server.pem");
        let mut config = config(&certificate);
        tune(&mut config);
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let taken = Arc::new(AtomicUsize::new(0));
        let (handle, counter) = (Arc::new(handle), Arc::clone(&taken));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
                let (handle, config) = (Arc::clone(&handle), Arc::clone(&config));
                thread::spawn(move || handle(stream, number, config));
            }
        });
        Self { address, certificate, taken, _folder: folder }
    }

    /// The path of its certificate.
    pub(crate) fn certificate(&self) -> &str {
        self.certificate.to_str().unwrap()
    }

    /// How many connections it has taken.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

fn config(certificate: &std::path::Path) -> ServerConfig {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["board.local".to_owned()]).unwrap();
    let own = params.self_signed(&key).unwrap();
    std::fs::write(certificate, own.pem()).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let chain = vec![CertificateDer::from(own.der().to_vec())];
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_protocol_versions(rustls::ALL_VERSIONS).unwrap();
    builder.with_no_client_auth().with_single_cert(chain, key).unwrap()
}

fn shaken(mut stream: TcpStream, config: Arc<ServerConfig>) -> Option<Tls> {
    let mut tls = ServerConnection::new(config).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut stream).ok()?;
    }
    Some(StreamOwned::new(tls, stream))
}

/// Reads one request's header; `None` at the end of the connection.
pub(crate) fn request(tls: &mut Tls) -> Option<String> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if tls.read(&mut byte).ok()? == 0 {
            return None;
        }
        read.push(byte[0]);
    }
    Some(String::from_utf8(read).unwrap())
}

/// Sends bytes; says whether that went well.
pub(crate) fn answer(tls: &mut Tls, bytes: &[u8]) -> bool {
    tls.write_all(bytes).and_then(|()| tls.flush()).is_ok()
}

/// An answer with a JSON body.
pub(crate) fn answer_json(tls: &mut Tls, json: &str) -> bool {
    answer(tls, format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{json}", json.len()).as_bytes())
}

/// The book's page.
pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n<h1>Hello Secure World! </h1>";
