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
    client::connect::connect,
    tls::{AlertDescription, AlertMessage, ContentType, ProtocolVersion, Record},
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
    /// Something that is not TLS.
    Broken(String),
}

/// Sends the pieces of a hello one after the other on a connection of its own, and reads the first flight for at most `answer_limit`.
/// Returns when the connection is closed.
pub(crate) async fn exchange(address: SocketAddr, hello: OutgoingHello, answer_limit: Duration) -> Reply {
    let (mut stream, _) = match connect(&[address], answer_limit).await {
        Ok(connected) => connected,
        Err(error) => return Reply::Refused(error.reason.to_string()),
    };
    let deadline = Instant::now() + answer_limit;
    let mut reader = FlightReader::new(hello.key);
    let reply = match timeout_at(deadline.into(), converse(&mut stream, &hello.pieces, &mut reader)).await {
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
    let version = match &reply {
        Reply::Accepted(flight) | Reply::BrokenOff(flight) => flight.hello.legacy_version,
        _ => ProtocolVersion::TLS_1_2,
    };
    end_in_order(stream, version, &reply, answer_limit).await;
    reply
}

async fn converse(
    stream: &mut TcpStream,
    pieces: &[Vec<u8>],
    reader: &mut FlightReader,
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
        match reader.push(&buffer[..count]) {
            Progress::Unfinished => {}
            Progress::Accepted(flight) => return Ok(Reply::Accepted(flight)),
            Progress::Alert(AlertDescription::CLOSE_NOTIFY) => return Ok(Reply::Closed),
            Progress::Alert(description) => return Ok(Reply::Alert(description)),
            Progress::Broken(what) => return Ok(Reply::Broken(what)),
        }
    }
}

/// Ends the connection by alerts in the clear, and waits until the server has closed its side, too, so that its socket is
/// free for the next connection.
async fn end_in_order(
    mut stream: TcpStream,
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
/// What may still be on its way: a first flight of a few dozen kilobytes.
const MOST_READS: usize = 64;
/// A server that does not close its side within this is not waited for.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
