//! What is said about the page, and that HTTP's troubles are not taken for TLS's.

use std::{fs, io::Write as _, net::TcpStream, sync::Arc, time::Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::aws_lc_rs};

use support::peer;

use crate::bench::{Folder, Run, probe};

/// A TLS server that reads a request and then does as it is told.
fn serve(act: impl Fn(StreamOwned<ServerConnection, TcpStream>) + Send + Sync + Clone + 'static) -> String {
    serve_requests(move |_, tls| act(tls))
}

/// The same for one that looks at the request, which is empty where the client ended the connection without one.
pub(crate) fn serve_requests(
    act: impl Fn(&str, StreamOwned<ServerConnection, TcpStream>) + Send + Sync + Clone + 'static,
) -> String {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
    let folder = Folder::new();
    folder.p256("board");
    let cert = CertificateDer::from_pem_slice(&fs::read(folder.path("board.pem")).unwrap()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(&fs::read(folder.path("board.key")).unwrap()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)
        .unwrap();
    let config = Arc::new(config);
    peer::listen(move |stream, _| {
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        let request = read_request(&mut tls);
        act(&request, tls);
    })
}

fn read_request(tls: &mut impl std::io::Read) -> String {
    let (mut request, mut buffer) = (String::new(), [0; 4096]);
    while let Ok(count @ 1..) = tls.read(&mut buffer) {
        request.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head.split("Content-Length: ").nth(1).and_then(|rest| rest.lines().next());
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                break;
            }
        }
    }
    request
}

pub(crate) fn serve_bytes(bytes: &'static [u8]) -> String {
    serve(move |mut tls| {
        let _ = tls.write_all(bytes);
        tls.conn.send_close_notify();
        let _ = tls.flush();
    })
}

fn outcome(run: &Run) -> (i32, &str, &str) {
    (run.code, run.result("/page/outcome").as_str().unwrap(), run.error().1)
}

#[test]
fn the_books_page_is_described() {
    let run = probe(&[serve_bytes(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 31\r\nServer: esp\r\n\r\n\
          <h1>Hello Secure World! </h1>\r\n",
    )]);
    assert_eq!(outcome(&run), (0, "answered", "none"));
    let answer = run.result("/page/answer");
    assert_eq!((&answer["status"], &answer["body_bytes"]), (&200.into(), &31.into()));
    assert_eq!((&answer["content_type"], &answer["server"]), (&"text/html".into(), &"esp".into()));
    assert_eq!(run.result("/close/server"), "close_notify");
}

#[test]
fn the_path_of_a_pasted_url_is_the_one_that_is_fetched() {
    let folder = Folder::new();
    folder.p256("board");
    fs::write(folder.path("light"), "on").unwrap();
    let server = folder.serve_at("127.0.0.1:0", "board", &["-WWW"]);
    let run = probe(&[format!("https://{}/light?x#y", server.address)]);
    assert_eq!(run.result("/page/path"), "/light?x");
    let run = probe(&[format!("https://{}/light", server.address)]);
    assert_eq!((run.code, run.result("/page/answer/body_bytes")), (0, &2.into()));
}

#[test]
fn an_error_status_is_an_answer() {
    let run =
        probe(&[serve_bytes(b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n")]);
    assert_eq!((outcome(&run), run.result("/page/answer/status")), ((0, "answered", "none"), &431.into()));
}

#[test]
fn an_answer_that_is_not_http_is_reported_and_no_fault_of_tls() {
    let run = probe(&[serve_bytes(b"\x20\x02\x00\x01 this is MQTT")]);
    assert_eq!(outcome(&run), (0, "not_http", "none"));
}

#[test]
fn an_answer_that_breaks_off_is_told_from_a_whole_one() {
    let run = probe(&[serve_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")]);
    assert_eq!(outcome(&run), (4, "truncated", "probe.no_page"));
    let run = probe(&[serve_bytes(b"HTTP/1.1 200 OK\r\nContent-Type: te")]);
    assert_eq!(outcome(&run), (4, "truncated", "probe.no_page"));
    assert!(run.result("/page/answer").is_null());
    assert_eq!(run.result("/page/opening"), "HTTP/1.1 200 OK\r\nContent-Type: te");
}

#[test]
fn a_device_that_shakes_hands_and_serves_nothing_is_not_well() {
    let closed = serve(|mut tls| {
        tls.conn.send_close_notify();
        let _ = tls.flush();
    });
    let reset = serve(|tls| peer::reset_now(tls.sock));
    let silent = serve(|tls| peer::silence(tls.sock));
    assert_eq!(outcome(&probe(&[closed])), (4, "closed", "probe.no_page"));
    assert_eq!(outcome(&probe(&[reset])), (4, "reset", "probe.no_page"));
    assert_eq!(outcome(&probe(&[silent.as_str(), "--timeout", "500ms"])), (4, "silent", "probe.no_page"));
}

#[test]
fn a_page_without_end_ends_at_the_deadline() {
    let address = serve(|mut tls| {
        peer::trickle(&mut tls, b"HTTP/1.1 200 OK\r\n\r\n", b'x');
    });
    let since = Instant::now();
    let run = probe(&[address.as_str(), "--timeout", "700ms"]);
    assert_eq!(outcome(&run), (4, "truncated", "probe.no_page"));
    // The page has no end: without the deadline of 0.7 s the run would not end at all.
    assert!(since.elapsed() < support::LONGEST, "{:?}", since.elapsed());
}

#[test]
fn an_endless_page_is_left_after_64_kilobytes() {
    let run = probe(&[serve(|mut tls| {
        let _ = tls.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while tls.write_all(&[b'x'; 1024]).is_ok() {}
    })]);
    assert_eq!(outcome(&run), (0, "long", "none"));
    assert!(run.result("/page/answer/body_bytes").as_u64().unwrap() < 2 * 64 * 1024);
    assert_eq!(run.result("/close/server"), "not_awaited");
}
