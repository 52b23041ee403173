//! Session tickets, with openssl as the client.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use esp_https::{
    device::ready::Stat,
    tls::{ClientHello, Extension, NamedGroup, ProtocolVersion, SignatureScheme, Suite},
};
use support::openssl;
use tempfile::TempDir;

use crate::board::{Board, Pki};

const VERSIONS: [&str; 2] = ["-tls1_3", "-tls1_2"];

/// What openssl says of one connection.
#[derive(Debug)]
struct Visit {
    /// `New` or `Reused`; nothing when the handshake failed.
    kind: Option<String>,
    said: String,
}

impl Visit {
    #[track_caller]
    fn assert(&self, kind: &str) {
        assert_eq!(self.kind.as_deref(), Some(kind), "{}", self.said);
        assert!(self.said.contains("\"uptime_s\""), "the page comes all the same: {}", self.said);
    }

    /// The figures that it got, of the time when this was the only connection.
    fn figures(&self) -> Stat {
        let json = &self.said[self.said.find("{\"uptime_s\"").unwrap()..];
        serde_json::Deserializer::from_str(json).into_iter().next().unwrap().unwrap()
    }
}

/// A client that keeps its session in a file.
struct Visitor<'a> {
    folder: &'a TempDir,
    board: &'a Board,
    version: &'a str,
    /// More of openssl's flags.
    flags: &'a [&'a str],
}

impl<'a> Visitor<'a> {
    fn new(folder: &'a TempDir, board: &'a Board, version: &'a str) -> Self {
        Self { folder, board, version, flags: &[] }
    }

    fn session(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}{}.session", self.version))
    }

    /// Asks for the figures, with the session of the file `from` if there is one, and keeps the session in the file `to`.
    fn visit(&self, from: Option<&str>, to: &str) -> Visit {
        let address = format!("127.0.0.1:{}", self.board.port());
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &address, self.version, "-ign_eof", "-CAfile"]);
        command.arg(self.board.certificate()).arg("-sess_out").arg(self.session(to));
        command.args(self.flags);
        if let Some(from) = from {
            command.arg("-sess_in").arg(self.session(from));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        let request = b"GET /stat HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        running.stdin.take().unwrap().write_all(request).unwrap();
        let output = running.wait_with_output().unwrap();
        let said =
            [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
        let kind = said.lines().find_map(|line| line.split_once(", TLSv1").map(|(kind, _)| kind.to_owned()));
        Visit { kind, said }
    }

    /// Writes the session of the file `from` to the file `to`, with something of it changed.
    fn change(&self, from: &str, to: &str, change: impl FnOnce(&mut Vec<Element>)) {
        let (pem, der) = (self.session(from), self.folder.path().join("session.der"));
        let convert = |input: &Path, form: &str, output: &Path, out_form: &str| {
            let names = [input, output].map(|it| it.to_str().unwrap().to_owned());
            let args =
                ["sess_id", "-inform", form, "-in", &names[0], "-outform", out_form, "-out", &names[1]];
            openssl(self.folder.path(), &args);
        };
        convert(&pem, "PEM", &der, "DER");
        let mut fields = elements(&elements(&fs::read(&der).unwrap())[0].content);
        change(&mut fields);
        let content = fields.iter().flat_map(Element::encoded).collect();
        fs::write(&der, Element { tag: 0x30, content }.encoded()).unwrap();
        convert(&der, "DER", &self.session(to), "PEM");
    }
}

/// An element of a session in DER (X.690), of which openssl's is a SEQUENCE.
struct Element {
    tag: u8,
    content: Vec<u8>,
}

impl Element {
    fn encoded(&self) -> Vec<u8> {
        let length = u16::try_from(self.content.len()).unwrap().to_be_bytes();
        [&[self.tag, 0x82][..], &length, &self.content].concat()
    }
}

fn elements(mut der: &[u8]) -> Vec<Element> {
    let mut found = Vec::new();
    while let [tag, length, rest @ ..] = der {
        let width = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
        let (long, rest) = rest.split_at(width);
        let long = long.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let (content, rest) = rest.split_at(if width == 0 { usize::from(*length) } else { long });
        found.push(Element { tag: *tag, content: content.to_vec() });
        der = rest;
    }
    found
}

/// openssl's `ssl_asn1.c`: the ticket is an OCTET STRING in [10].
fn ticket(session: &[Element]) -> Vec<u8> {
    let field = session.iter().find(|field| field.tag == TICKET).unwrap();
    elements(&field.content)[0].content.clone()
}

fn set_ticket(session: &mut [Element], ticket: Vec<u8>) {
    let field = session.iter_mut().find(|field| field.tag == TICKET).unwrap();
    field.content = Element { tag: OCTET_STRING, content: ticket }.encoded();
}

const TICKET: u8 = 0xAA;
const OCTET_STRING: u8 = 4;

/// Where a session has its secret: behind two versions, the suite and the session's id.
const MASTER_KEY: usize = 4;

#[test]
fn a_session_is_resumed_in_either_version_for_a_fifth_of_the_instructions() {
    let folder = tempfile::tempdir().unwrap();
    let Some(board) = Board::with_key("rsa2048", &["--deterministic"]) else { return };
    for (version, most) in [("-tls1_3", 30), ("-tls1_2", 3)] {
        let visitor = Visitor::new(&folder, &board, version);
        let first = visitor.visit(None, "kept");
        first.assert("New");
        // Each of TLS 1.3 brings the next ticket.
        for resumed in 1..=3 {
            let visit = visitor.visit(Some("kept"), "kept");
            visit.assert("Reused");
            let figures = visit.figures();
            assert_eq!(figures.resumed, first.figures().resumed + resumed, "{figures:?}");
            // Each instruction takes 8 ns of the board's time.
            let million = figures.handshake_us * 125 / 1_000_000;
            assert!(million <= most, "{version}: {million} million instructions");
        }
    }
}

#[test]
fn a_ticket_that_was_changed_or_cut_means_a_full_handshake() {
    let folder = tempfile::tempdir().unwrap();
    let Some(board) = Board::new(&[]) else { return };
    for version in VERSIONS {
        let visitor = Visitor::new(&folder, &board, version);
        visitor.visit(None, "good").assert("New");
        // The key's name, the nonce, the session, and the tag.
        for at in [0, 4, 40, usize::MAX] {
            visitor.change("good", "bad", |session| {
                let mut ticket = ticket(session);
                let at = at.min(ticket.len() - 1);
                ticket[at] ^= 1;
                set_ticket(session, ticket);
            });
            visitor.visit(Some("bad"), "other").assert("New");
        }
        for length in [1, 4, 33, 34, 60] {
            visitor.change("good", "bad", |session| {
                let ticket = ticket(session);
                set_ticket(session, ticket[..length].to_vec());
            });
            visitor.visit(Some("bad"), "other").assert("New");
        }
        visitor.visit(Some("good"), "other").assert("Reused");
    }
}

/// Mbed TLS would go on in TLS 1.2 with a master secret that is all zero (CVE-2026-93831).
#[test]
fn a_ticket_of_the_other_version_means_a_full_handshake() {
    let folder = tempfile::tempdir().unwrap();
    let Some(board) = Board::new(&[]) else { return };
    let visitors = VERSIONS.map(|version| Visitor::new(&folder, &board, version));
    let tickets = visitors.each_ref().map(|visitor| {
        visitor.visit(None, "good").assert("New");
        let mut found = Vec::new();
        visitor.change("good", "same", |session| found = ticket(session));
        found
    });
    for (visitor, foreign) in visitors.iter().zip(tickets.into_iter().rev()) {
        visitor.change("good", "foreign", |session| set_ticket(session, foreign));
        visitor.visit(Some("foreign"), "other").assert("New");
    }
}

#[test]
fn who_does_not_know_the_tickets_secret_is_refused_with_an_alert() {
    let folder = tempfile::tempdir().unwrap();
    let Some(board) = Board::new(&[]) else { return };
    let visitor = Visitor::new(&folder, &board, "-tls1_3");
    visitor.visit(None, "good").assert("New");
    visitor.change("good", "guessed", |session| session[MASTER_KEY].content[0] ^= 1);
    let refused = visitor.visit(Some("guessed"), "other");
    assert!(refused.said.contains("alert decrypt error"), "{}", refused.said);
}

#[test]
fn a_long_ticket_of_another_server_takes_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let Some(board) = Board::new(&[]) else { return };
    let visitor = Visitor::new(&folder, &board, "-tls1_3");
    let first = visitor.visit(None, "good");
    first.assert("New");
    for length in [257, 8000] {
        visitor.change("good", "long", |session| set_ticket(session, vec![7; length]));
        let visit = visitor.visit(Some("long"), "other");
        visit.assert("New");
        let (before, after) = (first.figures(), visit.figures());
        assert!(after.heap_min + 200 > before.heap_min, "{before:?} {after:?}");
        assert_eq!(after.heap_free, before.heap_free);
    }
}

#[test]
fn a_ticket_from_before_a_restart_means_a_full_handshake() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let Some(board) = Board::start(&folder, &[]) else { return };
        for version in VERSIONS {
            let visitor = Visitor::new(&folder, &board, version);
            let kept = visitor.session("kept");
            // With the ticket of the first board at the second one, which has the same certificate.
            visitor.visit(kept.exists().then_some("kept"), "kept").assert("New");
            visitor.visit(Some("kept"), "kept").assert("Reused");
        }
    }
}

#[test]
fn a_ticket_resumes_for_an_hour_and_not_after_two() {
    const HOUR: Duration = Duration::from_secs(3600);
    let folder = tempfile::tempdir().unwrap();
    let Some((board, mut clock)) = Board::with_clock(&folder, &[]) else { return };
    let visitors = VERSIONS.map(|version| Visitor::new(&folder, &board, version));
    for visitor in &visitors {
        visitor.visit(None, "early").assert("New");
    }
    // The tickets are younger than two hours, and the board is in its second hour.
    clock.forward(HOUR);
    for visitor in &visitors {
        visitor.visit(Some("early"), "unused").assert("Reused");
        visitor.visit(None, "late").assert("New");
    }
    clock.forward(HOUR);
    for visitor in &visitors {
        visitor.visit(Some("early"), "unused").assert("New");
        visitor.visit(Some("late"), "unused").assert("Reused");
    }
    // Nobody comes for several hours, so both keys are replaced at once.
    clock.forward(5 * HOUR);
    for visitor in &visitors {
        visitor.visit(Some("late"), "unused").assert("New");
    }
}

#[test]
fn with_a_client_ca_nobody_gets_a_ticket() {
    let (folder, pki) = (tempfile::tempdir().unwrap(), Pki::new());
    let ca = pki.ca_file();
    let Some(board) = Board::new(&["--client-ca", ca.path().to_str().unwrap()]) else { return };
    let (certificate, key) = pki.client();
    let [certificate, key] =
        [("client.der", certificate[0].to_vec()), ("key.der", key.secret_der().to_vec())].map(
            |(name, der)| {
                let path = folder.path().join(name);
                fs::write(&path, der).unwrap();
                path.into_os_string().into_string().unwrap()
            },
        );
    let flags = ["-cert", &certificate, "-certform", "DER", "-key", &key, "-keyform", "DER"];
    for version in VERSIONS {
        let visitor = Visitor { flags: &flags, ..Visitor::new(&folder, &board, version) };
        let first = visitor.visit(None, "kept");
        first.assert("New");
        assert!(!first.said.contains("session ticket"), "{}", first.said);
        if visitor.session("kept").exists() {
            visitor.visit(Some("kept"), "kept").assert("New");
        }
    }
}

/// Mbed TLS 3.6.5 goes on in TLS 1.2, and with a ticket in the first hello it resumes what was never there (CVE-2026-34873).
#[test]
fn after_a_retry_request_there_is_no_other_version() {
    let Some(board) = Board::new(&[]) else { return };
    let extensions = vec![
        Extension::supported_groups(&[NamedGroup::SECP256R1]).unwrap(),
        Extension::signature_algorithms(&[SignatureScheme::ECDSA_SECP256R1_SHA256]).unwrap(),
    ];
    let suites = [0x1301, 0xC02B].map(Suite).to_vec();
    let (random, version) = ([7; 32], ProtocolVersion::TLS_1_2);
    let tls12 =
        ClientHello { version, random, session_id: vec![9; 32], suites, compression: vec![0], extensions };
    let mut tls13 = tls12.clone();
    tls13.extensions.push(Extension::supported_versions(&[ProtocolVersion::TLS_1_3]).unwrap());
    tls13.extensions.push(Extension::key_share(&[]).unwrap());

    let mut stream = TcpStream::connect(("127.0.0.1", board.port())).unwrap();
    stream.write_all(&tls13.to_record().unwrap()).unwrap();
    let mut header = [0; 5];
    stream.read_exact(&mut header).unwrap();
    let mut retry_request = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    stream.read_exact(&mut retry_request).unwrap();
    assert_eq!((header[0], retry_request[0]), (22, 2), "a ServerHello: {retry_request:?}");
    stream.write_all(&tls12.to_record().unwrap()).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(&[21, 3, 3, 0, 2, 2, 70]), "protocol_version, and nothing before it: {rest:?}");
    assert!(rest.len() <= 13, "at most TLS 1.3's change_cipher_spec: {rest:?}");
}
