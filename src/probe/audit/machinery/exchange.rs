//! Sends one hello on one connection, reads the answer, and ends the connection in order. Of an audit, only this file and
//! `handshakes` use sockets.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{timeout, timeout_at},
};

use super::{
    flight::{Flight, FlightReader, Progress},
    key_shares::OutgoingHello,
};
use crate::{
    client::{
        connect::connect,
        not_tls::{Foreign, foreign},
        transcript::Transcript,
    },
    tls::{AlertDescription, AlertMessage, ContentType, ProtocolVersion, Record, keys::Side},
};

/// What one attempt brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A ServerHello or a HelloRetryRequest.
    Accepted(Box<Flight>),
    /// A ServerHello, and then the connection ended, or no more came in time.
    BrokenOff(Box<Flight>),
    /// A fatal alert.
    Alert(AlertDescription),
    /// The end of the connection without an answer.
    Closed,
    /// A TCP reset without an answer.
    Reset,
    /// No connection: refused, or not taken in time.
    Refused(String),
    /// Nothing, or not enough, in time.
    Silent,
    /// Text without TLS, such as that the server is busy: what speaks.
    PlainText(String),
    /// Something else that is not TLS.
    Broken(String),
}

/// Sends the pieces of a hello one after the other on a connection of its own, and reads the first flight for at most `answer_limit`.
/// Returns when the connection is closed.
pub(crate) async fn exchange(
    address: SocketAddr,
    hello: OutgoingHello,
    answer_limit: Duration,
    transcript: Option<&Transcript>,
) -> Reply {
    let mut stream = match connect(&[address], answer_limit).await {
        Ok((stream, _)) => RecordedStream::begin(stream, address, transcript),
        Err(error) => return Reply::Refused(error.reason.to_string()),
    };
    let deadline = Instant::now() + answer_limit;
    let mut reader = FlightReader::new(hello.key);
    let mut opening = Vec::new();
    let conversation = converse(&mut stream, &hello.pieces, &mut reader, &mut opening);
    let reply = match timeout_at(deadline.into(), conversation).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(error)) => match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Reply::Reset,
            _ => Reply::Closed,
        },
        Err(_) => Reply::Silent,
    };
    let reply = match (reply, reader.unfinished()) {
        (Reply::Closed | Reply::Reset | Reply::Silent, Some(flight)) => Reply::BrokenOff(Box::new(flight)),
        (reply, _) => reply,
    };
    let reply = match plain_text(&opening) {
        Some(what) => Reply::PlainText(what),
        None => reply,
    };
    let version = match &reply {
        Reply::Accepted(flight) | Reply::BrokenOff(flight) => flight.hello.legacy_version,
        _ => ProtocolVersion::TLS_1_2,
    };
    end_in_order(stream, version, &reply, answer_limit).await;
    reply
}

/// A connection that is recorded, where anybody asked for that.
struct RecordedStream<'t> {
    stream: TcpStream,
    transcript: Option<&'t Transcript>,
}

impl<'t> RecordedStream<'t> {
    fn begin(stream: TcpStream, address: SocketAddr, transcript: Option<&'t Transcript>) -> Self {
        if let (Some(transcript), Ok(own)) = (transcript, stream.local_addr()) {
            transcript.begin(own, address);
        }
        Self { stream, transcript }
    }

    async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.record(Side::Client, bytes);
        Ok(())
    }

    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer).await?;
        self.record(Side::Server, &buffer[..count]);
        Ok(count)
    }

    async fn shutdown(&mut self) -> io::Result<()> {
        self.record(Side::Client, &[]);
        self.stream.shutdown().await
    }

    fn record(&self, side: Side, bytes: &[u8]) {
        if let Some(transcript) = self.transcript {
            transcript.record(side, bytes);
        }
    }
}

async fn converse(
    stream: &mut RecordedStream<'_>,
    pieces: &[Vec<u8>],
    reader: &mut FlightReader,
    opening: &mut Vec<u8>,
) -> io::Result<Reply> {
    for piece in pieces {
        // A server may have had enough before all of it is sent; its alert is there to read then.
        if stream.write_all(piece).await.is_err() {
            break;
        }
    }
    let mut buffer = [0; READ_SIZE];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(Reply::Closed);
        }
        opening.extend(buffer[..count].iter().take(OPENING_SIZE.saturating_sub(opening.len())));
        match reader.push(&buffer[..count]) {
            Progress::Unfinished => {}
            Progress::Accepted(flight) => return Ok(Reply::Accepted(flight)),
            Progress::Alert(AlertDescription::CLOSE_NOTIFY) => return Ok(Reply::Closed),
            Progress::Alert(description) => return Ok(Reply::Alert(description)),
            Progress::Broken(what) => return Ok(Reply::Broken(what)),
        }
    }
}

/// What speaks, if the first bytes are those of a text protocol without TLS.
pub(super) fn plain_text(opening: &[u8]) -> Option<String> {
    match foreign(opening)? {
        Foreign::Bytes(_) => None,
        text => Some(text.to_string()),
    }
}

/// Ends the connection by alerts in the clear, and waits until the server has closed its side, too, so that its socket is
/// free for the next connection.
async fn end_in_order(
    mut stream: RecordedStream<'_>,
    version: ProtocolVersion,
    reply: &Reply,
    answer_limit: Duration,
) {
    if let Reply::Accepted(_) = reply {
        let alerts: Vec<u8> = [AlertDescription::USER_CANCELED, AlertDescription::CLOSE_NOTIFY]
            .iter()
            .filter_map(|it| {
                Record::encode(ContentType::ALERT, version, &AlertMessage::warning(*it).encode()).ok()
            })
            .flatten()
            .collect();
        // The server may have closed it already.
        let _ = stream.write_all(&alerts).await;
    }
    let gone = async {
        // As above.
        let _ = stream.shutdown().await;
        let mut buffer = [0; READ_SIZE];
        for _ in 0..MOST_READS {
            if stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {
                continue;
            }
            break;
        }
    };
    // When the server keeps its side open for longer, dropping the stream resets the connection.
    let _ = timeout(answer_limit.min(CLOSE_LIMIT), gone).await;
}

const READ_SIZE: usize = 4096;
/// So much of an answer tells whether it is text.
const OPENING_SIZE: usize = 128;
/// What may still be on its way: a first flight of a few dozen kilobytes.
const MOST_READS: usize = 64;
/// A server that does not close its side within this is not waited for.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
