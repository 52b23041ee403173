//! `probe` and `load` report the same fault in the same words: code, what was being done, what happened, what to try.

use std::{fs, io::Write as _, net::TcpListener, path::Path};

use support::run::{self, Run};

use crate::server::{Server, hello, nobody, reset, silence};

/// A fault: the words of the command line after the verb, and the code that both verbs give it.
struct Case {
    words: Vec<String>,
    code: &'static str,
}

fn case(code: &'static str, words: &[&str]) -> Case {
    Case { words: words.iter().map(|word| (*word).to_owned()).collect(), code }
}

/// Every way to name a file or a server that can't be used.
fn usage(folder: &Path) -> Vec<Case> {
    let file = |name: &str, content: &str| {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let (absent, text) = (folder.join("absent.pem").display().to_string(), file("text.pem", "hello"));
    let pair = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let own = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
        (file(&format!("{name}.pem"), &own.pem()), file(&format!("{name}.key"), &key.serialize_pem()))
    };
    let ((own, key), (_, other_key)) = (pair("own"), pair("other"));
    vec![
        case("client.target", &["http://host/"]),
        case("client.target", &["host:0"]),
        case("client.target", &["[::1"]),
        case("client.server_name", &["host", "--server-name", "a b"]),
        case("client.certificate_file", &["host", "--cert", &absent]),
        case("client.certificate_file", &["host", "--cert", &text]),
        case("client.certificate_file", &["host", "--cacert", &absent]),
        case("client.certificate_file", &["host", "--cacert", &key]),
        case("client.certificate_file", &["host", "--client-cert", &absent, "--client-key", &key]),
        case("client.key_file", &["host", "--client-cert", &own, "--client-key", &absent]),
        case("client.key_file", &["host", "--client-cert", &own, "--client-key", &own]),
        case("client.key_file", &["host", "--client-cert", &own, "--client-key", &other_key]),
        case("client.name_not_found", &["no-such-board.invalid"]),
        case("client.no_interface", &["[fe80::1%nosuch0]"]),
    ]
}

#[test]
fn what_can_not_be_used_is_told_in_the_same_words() {
    let folder = tempfile::tempdir().unwrap();
    for Case { words, code } in usage(folder.path()) {
        let [probe, load] = ["probe", "load"].map(|verb| Run::new(verb, &words));
        assert_eq!(probe.document["error"]["code"], code, "{words:?}");
        assert_eq!(probe.document["error"], load.document["error"], "{words:?}");
        assert_eq!(probe.code, load.code, "{words:?}");
    }
}

/// `what` without how often it was tried and how far it came, which each verb counts in its own way.
fn core(what: &str) -> &str {
    let end =
        [";", " without a byte", " after ", ": not a byte"].iter().filter_map(|mark| what.find(mark)).min();
    &what[..end.unwrap_or(what.len())]
}

fn assert_same(address: &str, code: &str) {
    let probe = Run::new("probe", &[address, "--timeout", "700ms"]);
    let patience = ["--connect-timeout", "700ms", "--handshake-timeout", "700ms", "--timeout", "700ms"];
    let load = Run::new("load", &[&[address, "-n", "2", "--no-stat"], &patience[..]].concat());
    let told = |run: &Run, key: &str| run.document["error"][key].as_str().unwrap_or_default().to_owned();
    assert_eq!((told(&probe, "code"), probe.code), (code.to_owned(), load.code), "{}", probe.stderr);
    for key in ["fault", "code", "doing"] {
        assert_eq!(told(&load, key), told(&probe, key), "{code}: {}", load.stderr);
    }
    assert_eq!(core(&told(&load, "what")), core(&told(&probe, "what")), "{code}");
    let advice = ["--handshake-timeout", "--connect-timeout"]
        .iter()
        .fold(told(&load, "try"), |advice, option| advice.replace(option, "--timeout"));
    // A load does not notice whether the server asked for a client certificate before it refused, and says so.
    let advice = advice.split("\nor the device wants a client certificate").next().unwrap();
    assert_eq!(advice, told(&probe, "try"), "{code}");
    assert!(told(&load, "what").ends_with("; both attempts failed in this way"), "{}", told(&load, "what"));
}

#[test]
fn a_server_that_can_not_be_reached_is_reported_in_the_same_words() {
    assert_same(&nobody(), "client.refused");
    // Its queue of connections is full, so that it answers no SYN.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let waiting = runtime.block_on(fill(address));
    assert_same(&address.to_string(), "client.connect_timeout");
    drop(waiting);
}

/// Connects until the queue of a listener is full.
async fn fill(address: std::net::SocketAddr) -> Vec<tokio::net::TcpStream> {
    let (mut waiting, soon) = (Vec::new(), std::time::Duration::from_millis(500));
    while let Ok(Ok(stream)) = tokio::time::timeout(soon, tokio::net::TcpStream::connect(address)).await {
        waiting.push(stream);
    }
    waiting
}

#[test]
fn a_handshake_that_does_not_come_about_is_reported_in_the_same_words() {
    let silent = Server::tcp(|stream, _| silence(&stream));
    assert_same(&silent.address, "client.handshake_timeout");
    let closing = Server::tcp(|stream, _| hello(&stream));
    assert_same(&closing.address, "client.closed");
    let resetting = Server::tcp(|stream, _| {
        hello(&stream);
        reset(&stream);
    });
    assert_same(&resetting.address, "client.reset");
    for (description, code) in [
        (40, "client.alert"),
        (50, "client.alert"),
        (80, "client.alert"),
        (112, "client.alert"),
        (116, "client.client_certificate"),
        (120, "client.alert"),
        (199, "client.alert"),
    ] {
        let refusing = Server::tcp(move |mut stream, _| {
            hello(&stream);
            let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, description]);
            silence(&stream);
        });
        assert_same(&refusing.address, code);
    }
}

#[test]
fn a_client_key_without_its_certificate_is_refused_in_the_same_words() {
    for words in [["host", "--client-key", "a"], ["host", "--client-cert", "a"]] {
        let [probe, load] = ["probe", "load"].map(|verb| run::text(verb, &words));
        let first = |text: &str| {
            text.lines().take_while(|line| !line.starts_with("Usage")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!((probe.0, first(&probe.2)), (load.0, first(&load.2)));
        assert_eq!(probe.0, 2);
    }
}
