//! Does it serve a page? A request over the established connection, and what came back, in bounded memory and time.

use std::{io, time::Duration};

use serde::Serialize;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};

use super::{
    answer::{Answer, AnswerFault, Method, Progress},
    connection::{Link, LinkError, PeerSide},
    request::{Afterwards, Request},
};
use crate::tls::AlertDescription;

/// What a request brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The path that was asked for.
    pub path: String,
    /// What became of the request.
    pub outcome: PageOutcome,
    /// The answer, when it was HTTP.
    pub answer: Option<Answer>,
    /// The first bytes of an answer that was not HTTP, or whose header broke off, as text; null otherwise.
    pub opening: Option<String>,
    /// Why the answer is none that HTTP knows, when it is not.
    pub fault: Option<AnswerFault>,
    /// The alert with which the server refused; null when it sent none.
    pub alert: Option<AlertDescription>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PageOutcome {
    /// An HTTP answer came, whole.
    Answered,
    /// An HTTP answer began, and broke off or did not end in time: see the sizes.
    Truncated,
    /// An HTTP answer is longer than what a probe reads, and was left there.
    Long,
    /// Something came that is not HTTP.
    NotHttp,
    /// An HTTP answer came that breaks HTTP, so that its end can't be known.
    Malformed,
    /// The server refused with a TLS alert after the handshake, as TLS 1.3 servers do without a client certificate.
    Alert,
    /// The server closed the connection without an answer.
    Closed,
    /// The server reset the connection without an answer.
    Reset,
    /// Nothing came in time.
    Silent,
    /// The server broke TLS after the handshake.
    Broken,
    /// It was not asked for: another request was made in its place, on a connection of its own.
    NotAsked,
}

/// A page and when its first byte came.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) page: Page,
    /// From the request to the first byte of the answer.
    pub(crate) first_byte: Option<Duration>,
}

/// Why no more is read.
enum ReadEnd {
    Complete,
    Enough,
    Quiet,
    Peer,
    Error(LinkError),
}

impl Fetched {
    /// Nothing, as nothing was asked for.
    pub(crate) fn not_asked(path: &str) -> Self {
        let outcome = PageOutcome::NotAsked;
        let page =
            Page { path: path.to_owned(), outcome, answer: None, opening: None, fault: None, alert: None };
        Self { page, first_byte: None }
    }
}

/// Sends a request and reads the answer for at most `limit` and [`MAX_READ`] bytes.
pub(crate) async fn fetch<S: AsyncRead + AsyncWrite + Unpin>(
    link: &mut Link<S>,
    authority: &str,
    request: &Request,
    limit: Duration,
) -> Fetched {
    let since = Instant::now();
    let deadline = since + limit;
    let (bytes, method) = (request.bytes(authority, Afterwards::Close), request.method.answer());
    let mut first_byte = (!link.plaintext().is_empty()).then_some(Duration::ZERO);
    let end = match timeout_at(deadline, link.send(&bytes)).await {
        Ok(Ok(())) => loop {
            match step(link, method, deadline).await {
                Some(end) => break end,
                None if first_byte.is_none() && !link.plaintext().is_empty() => {
                    first_byte = Some(since.elapsed());
                }
                None => {}
            }
        },
        // A server that has refused may reset before the request is out; its alert may still be there to read.
        Ok(Err(error)) => step(link, method, deadline).await.unwrap_or(ReadEnd::Error(error)),
        Err(_) => ReadEnd::Quiet,
    };
    if first_byte.is_none() && !link.plaintext().is_empty() {
        first_byte = Some(since.elapsed());
    }
    let page = page(request, link.plaintext(), end, link.peer());
    Fetched { page, first_byte }
}

/// Reads once; says why when there is no more to read.
async fn step<S: AsyncRead + AsyncWrite + Unpin>(
    link: &mut Link<S>,
    method: Method,
    deadline: Instant,
) -> Option<ReadEnd> {
    match Answer::progress_to(method, link.plaintext()) {
        Progress::Complete(_) | Progress::Broken(..) => return Some(ReadEnd::Complete),
        Progress::Partial(_) | Progress::Nothing if link.peer() != PeerSide::Open => {
            return Some(ReadEnd::Peer);
        }
        Progress::Partial(_) | Progress::Nothing if link.plaintext().len() >= MAX_READ => {
            return Some(ReadEnd::Enough);
        }
        Progress::Partial(_) | Progress::Nothing => {}
    }
    match timeout_at(deadline, link.receive()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(ReadEnd::Error(error)),
        Err(_) => Some(ReadEnd::Quiet),
    }
}

fn page(request: &Request, plaintext: &[u8], end: ReadEnd, peer: PeerSide) -> Page {
    let alert = match &end {
        ReadEnd::Error(LinkError::Tls(rustls::Error::AlertReceived(description))) => {
            Some(AlertDescription::from(*description))
        }
        _ => None,
    };
    let progress = Answer::progress_to(request.method.answer(), plaintext);
    let fault = match progress {
        Progress::Broken(_, fault) => Some(fault),
        _ => None,
    };
    let (answer, opening) = match progress {
        Progress::Broken(Some(answer), _) => (Some(answer), None),
        Progress::Complete(answer) | Progress::Partial(answer) => (Some(answer), None),
        Progress::Broken(None, _) => (None, Some(opening(plaintext))),
        Progress::Nothing if plaintext.is_empty() => (None, None),
        Progress::Nothing => (None, Some(opening(plaintext))),
    };
    let outcome = match (&answer, &opening, end) {
        _ if fault == Some(AnswerFault::NotHttp) => PageOutcome::NotHttp,
        _ if fault.is_some() => PageOutcome::Malformed,
        (Some(_), _, ReadEnd::Complete) => PageOutcome::Answered,
        // A body without a length ends with the connection (RFC 9112, section 6.3).
        (Some(answer), _, ReadEnd::Peer) if answer.ends_with_connection() && peer != PeerSide::Reset => {
            PageOutcome::Answered
        }
        (_, _, ReadEnd::Enough) => PageOutcome::Long,
        (Some(_), _, _) => PageOutcome::Truncated,
        // Not yet a whole header, and nothing in it that is not HTTP.
        (None, Some(_), _) => PageOutcome::Truncated,
        (None, None, ReadEnd::Error(error)) => failure(&error),
        (None, None, ReadEnd::Quiet) => PageOutcome::Silent,
        (None, None, _) => PageOutcome::Closed,
    };
    Page { path: request.path.clone(), outcome, answer, opening, fault, alert }
}

fn failure(error: &LinkError) -> PageOutcome {
    match error {
        LinkError::Tls(rustls::Error::AlertReceived(_)) => PageOutcome::Alert,
        LinkError::Tls(_) => PageOutcome::Broken,
        LinkError::Io(error) if error.kind() == io::ErrorKind::ConnectionReset => PageOutcome::Reset,
        LinkError::Io(_) => PageOutcome::Closed,
    }
}

fn opening(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(OPENING_SIZE)];
    String::from_utf8_lossy(shown).into_owned()
}

/// A device's page is a few kilobytes; more says nothing new about it.
pub(crate) const MAX_READ: usize = 64 * 1024;
const OPENING_SIZE: usize = 64;
