//! A whole conversation, message by message: what each side sent, in which record, when, and which step of the book's
//! figure 8.15 it is. What is encrypted is opened with the secrets of our own key log.

mod detail;
mod secret;
mod step;

use serde::Serialize;

use self::{
    detail::detail,
    step::{Place, step},
};
use super::{
    AlertMessage, ContentType, Deframer, HandshakeMessage, HandshakeType, Joiner, ProtocolVersion, Record,
    ServerHello, Suite,
    client_hello::ClientHello,
    keys::{Opener, Side},
};

pub use secret::{Secret, SecretLabel};

/// Bytes that one side sent at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Who sent them.
    pub side: Side,
    /// When, in microseconds since the connection was opened.
    pub at_us: u64,
    /// The bytes; none at all when the side ended its half of the connection.
    pub bytes: Vec<u8>,
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// The records in the order in which they were sent and came.
    pub records: Vec<TracedRecord>,
    /// What of the book's fifteen steps is different in this version.
    pub differences: Vec<Difference>,
    /// What ended the reading early; null when all was read.
    pub broken: Option<String>,
}

/// A record of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TracedRecord {
    /// When its last byte was sent or came, in microseconds since the connection was opened.
    pub at_us: u64,
    /// Who sent it.
    pub from: Side,
    /// The header's content type.
    pub content_type: ContentType,
    /// The header's version.
    pub version: ProtocolVersion,
    /// The header's length, in bytes.
    pub length: u16,
    /// Whether it is encrypted, and was opened.
    pub protection: Protection,
    /// What it carries; empty when that is the middle of a message.
    pub messages: Vec<TracedMessage>,
}

/// Whether a record is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Protection {
    /// In the clear.
    None,
    /// Encrypted, and opened with our own key log.
    Opened,
    /// Encrypted, and not to be opened.
    Closed,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TracedMessage {
    /// Its name, e.g. `ServerHello`, `alert`, `change_cipher_spec`, `application_data`.
    pub name: String,
    /// Its size in bytes, without padding and tag.
    pub size: usize,
    /// The book's step, 1 to 15; null for what the book does not have.
    pub step: Option<u8>,
    /// What the step is called there, or what this message is.
    pub meaning: &'static str,
    /// What it says, in a few words; empty when there is nothing to say.
    pub detail: String,
}

/// What is different from the book's figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The steps in question.
    pub steps: &'static str,
    /// What became of them.
    pub what: &'static str,
}

impl Trace {
    /// Reads what both sides sent, with the secrets of the connection.
    #[must_use]
    pub fn read(segments: &[Segment], secrets: &[Secret]) -> Self {
        let mut reader = TraceReader::new(secrets);
        for segment in segments {
            reader.segment(segment);
        }
        let differences =
            reader.hello.as_ref().map(|hello| step::differences(hello.version())).unwrap_or_default();
        Self { records: reader.records, differences: differences.to_vec(), broken: reader.broken }
    }
}

/// What is known of one side while its bytes are read.
#[derive(Debug, Default)]
struct Half {
    deframer: Deframer,
    joiner: Joiner,
    opener: Option<Opener>,
    epoch: Epoch,
}

/// Which keys a side sends under.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Epoch {
    #[default]
    Clear,
    Handshake,
    Application,
}

struct TraceReader<'a> {
    secrets: &'a [Secret],
    client: Half,
    server: Half,
    client_random: Option<[u8; 32]>,
    hello: Option<ServerHello>,
    records: Vec<TracedRecord>,
    broken: Option<String>,
}

impl<'a> TraceReader<'a> {
    fn new(secrets: &'a [Secret]) -> Self {
        Self {
            secrets,
            client: Half::default(),
            server: Half::default(),
            client_random: None,
            hello: None,
            records: Vec::new(),
            broken: None,
        }
    }

    fn segment(&mut self, segment: &Segment) {
        self.half(segment.side).deframer.push(&segment.bytes);
        while self.broken.is_none() {
            match self.half(segment.side).deframer.next_record() {
                Ok(Some(record)) => self.record(segment, &record),
                Ok(None) => return,
                Err(error) => self.broken = Some(error.to_string()),
            }
        }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn record(&mut self, segment: &Segment, record: &Record) {
        let header = record.header;
        let (protection, inner) = self.open(segment.side, record);
        let messages = match inner {
            Some((content_type, content)) => self.messages(segment.side, content_type, &content),
            None => vec![closed(record)],
        };
        self.records.push(TracedRecord {
            at_us: segment.at_us,
            from: segment.side,
            content_type: header.content_type,
            version: header.version,
            length: header.length,
            protection,
            messages,
        });
    }

    /// What a record carries, if that can be told. An alert of two bytes is in the clear, whatever keys are there.
    fn open(&mut self, side: Side, record: &Record) -> (Protection, Option<(ContentType, Vec<u8>)>) {
        let header = record.header;
        let half = self.half(side);
        let is_clear = half.epoch == Epoch::Clear && header.content_type != ContentType::APPLICATION_DATA;
        if is_clear || header.content_type == ContentType::CHANGE_CIPHER_SPEC || is_clear_alert(record) {
            return (Protection::None, Some((header.content_type, record.payload.clone())));
        }
        match half.opener.as_mut().map(|opener| opener.open(header, &record.payload)) {
            Some(Ok(inner)) => (Protection::Opened, Some(inner)),
            Some(Err(_)) | None => (Protection::Closed, None),
        }
    }

    fn messages(&mut self, side: Side, content_type: ContentType, content: &[u8]) -> Vec<TracedMessage> {
        match content_type {
            ContentType::HANDSHAKE => self.handshake(side, content),
            ContentType::CHANGE_CIPHER_SPEC => {
                self.change_cipher_spec(side);
                vec![self.traced(side, &Place::ChangeCipherSpec, content.len(), String::new())]
            }
            ContentType::ALERT => {
                let alert = AlertMessage::decode(content);
                let says = alert
                    .as_ref()
                    .map_or_else(|error| error.to_string(), |it| format!("{} {}", it.level, it.description));
                vec![self.traced(
                    side,
                    &Place::Alert(alert.ok().map(|it| it.description)),
                    content.len(),
                    says,
                )]
            }
            ContentType::APPLICATION_DATA => {
                vec![self.traced(side, &Place::Data, content.len(), first_line(content))]
            }
            _ => vec![self.traced(side, &Place::Other, content.len(), String::new())],
        }
    }

    fn handshake(&mut self, side: Side, content: &[u8]) -> Vec<TracedMessage> {
        self.half(side).joiner.push(content);
        let mut traced = Vec::new();
        while self.broken.is_none() {
            match self.half(side).joiner.next_message() {
                Ok(Some(message)) => traced.push(self.message(side, &message)),
                Ok(None) => break,
                Err(error) => self.broken = Some(error.to_string()),
            }
        }
        traced
    }

    fn message(&mut self, side: Side, message: &HandshakeMessage) -> TracedMessage {
        let version = self.version();
        let says = detail(message, version, self.suite());
        let traced = self.traced(side, &Place::Handshake(message), message.body.len() + 4, says);
        match message.kind {
            HandshakeType::CLIENT_HELLO => {
                self.client_random = ClientHello::decode(&message.body).ok().map(|hello| hello.random);
            }
            HandshakeType::SERVER_HELLO => self.server_hello(&message.body),
            HandshakeType::FINISHED if self.version() == Some(ProtocolVersion::TLS_1_3) => {
                self.enter(side, Epoch::Application);
            }
            _ => {}
        }
        // The server hello is told by itself: only now is the version known.
        if message.kind == HandshakeType::SERVER_HELLO {
            let says = detail(message, self.version(), self.suite());
            return self.traced(side, &Place::Handshake(message), message.body.len() + 4, says);
        }
        traced
    }

    fn server_hello(&mut self, body: &[u8]) {
        let Ok(hello) = ServerHello::decode(body) else { return };
        let changes_keys = hello.version() == ProtocolVersion::TLS_1_3 && !hello.is_retry();
        self.hello = Some(hello);
        if changes_keys {
            self.enter(Side::Server, Epoch::Handshake);
            self.enter(Side::Client, Epoch::Handshake);
        }
    }

    /// In TLS 1.2, a side's records are encrypted from here on; in TLS 1.3 it means nothing.
    fn change_cipher_spec(&mut self, side: Side) {
        if self.version() != Some(ProtocolVersion::TLS_1_3) {
            self.enter(side, Epoch::Application);
        }
    }

    fn enter(&mut self, side: Side, epoch: Epoch) {
        let opener = self.opener(side, epoch);
        let half = self.half(side);
        half.epoch = epoch;
        half.opener = opener;
    }

    fn opener(&self, side: Side, epoch: Epoch) -> Option<Opener> {
        let (hello, client_random) = (self.hello.as_ref()?, self.client_random?);
        let secret = |label: SecretLabel| {
            let found = self.secrets.iter().find(|it| it.label == label && it.client_random == client_random);
            found.map(|it| it.secret.as_slice())
        };
        if hello.version() != ProtocolVersion::TLS_1_3 {
            let master = secret(SecretLabel::Master)?;
            return Opener::tls12(hello.suite, master, &client_random, &hello.random, side).ok();
        }
        let label = match epoch {
            Epoch::Application => SecretLabel::Application(side),
            Epoch::Clear | Epoch::Handshake => SecretLabel::Handshake(side),
        };
        Opener::tls13(hello.suite, secret(label)?).ok()
    }

    fn version(&self) -> Option<ProtocolVersion> {
        self.hello.as_ref().map(ServerHello::version)
    }

    fn suite(&self) -> Option<Suite> {
        self.hello.as_ref().map(|hello| hello.suite)
    }

    fn traced(&self, side: Side, place: &Place<'_>, size: usize, detail: String) -> TracedMessage {
        let (step, meaning) = step(side, place, self.version());
        TracedMessage { name: place.name(), size, step, meaning, detail }
    }
}

fn is_clear_alert(record: &Record) -> bool {
    record.header.content_type == ContentType::ALERT && record.payload.len() == 2
}

fn closed(record: &Record) -> TracedMessage {
    TracedMessage {
        name: "encrypted".to_owned(),
        size: record.payload.len(),
        step: None,
        meaning: "not opened",
        detail: String::new(),
    }
}

/// The first line of a request or an answer.
fn first_line(content: &[u8]) -> String {
    let line = content.split(|byte| *byte == b'\r' || *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(&line[..line.len().min(LONGEST_LINE)]).into_owned()
}

const LONGEST_LINE: usize = 60;
