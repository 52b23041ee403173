//! One request and its answer, by reqwest with our own TLS settings: no proxy, a bounded body, redirects only where they are
//! asked for and lead to the same server. What reqwest can't read, our own reader looks at, and says why.

mod fault;
mod redirect;
mod sender;

use std::{net::SocketAddr, time::Duration};

use rustls::pki_types::ServerName;
use serde::Serialize;
use tokio::time::{Instant, sleep};

pub use self::{
    fault::{NoAnswer, Unanswered},
    sender::path_as_sent,
};
use self::{redirect::redirected, sender::Sender};
use super::{
    connect::{KnownAddress, addresses},
    request::{Header, Request, concealed},
    target::Target,
    tls::ClientIdentity,
    trusting::Trust,
};
use crate::duration::micros;

/// The server of a request, and how it is reached.
#[derive(Debug, Clone)]
pub struct Server {
    /// Whom to ask. The path is the request's.
    pub target: Target,
    /// Where to connect to instead of looking the host up.
    pub address: Option<KnownAddress>,
    /// The name to send as SNI and to check the certificate against.
    pub server_name: ServerName<'static>,
    /// Whom to trust. A server that is not trusted gets no request.
    pub trust: Trust,
    /// The client's own certificate, for a server that asks for one.
    pub identity: Option<ClientIdentity>,
    /// How long connection and handshake may take; the answer may take as long again.
    pub timeout: Duration,
    /// Whether redirects are followed.
    pub redirects: Redirects,
}

/// What becomes of an answer that names another place (RFC 9110, section 15.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// It is the answer.
    Shown,
    /// It is followed, at most five times and on the same server only: no other server gets what was meant for this one.
    Followed,
}

/// A request that was answered. It serialises without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// The request.
    pub request: Sent,
    /// The address and port that took the connection; null when that is not known.
    pub address: Option<SocketAddr>,
    /// How many connections were tried; more than one when the device was busy or a redirect was followed.
    pub attempts: u32,
    /// The paths of the redirects that were followed, in their order.
    pub redirects: Vec<String>,
    /// The answer.
    pub answer: Received,
    /// How long it took.
    pub timing: ExchangeTiming,
}

/// A request that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The headers that the user gave.
    pub headers: Vec<Header>,
    /// The size of the body in bytes; 0 without one.
    pub body_bytes: usize,
}

/// An answer that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Received {
    /// The status code, e.g. 200.
    pub status: u16,
    /// The header fields in their order.
    pub headers: Vec<Header>,
    /// The body.
    pub body: ReceivedBody,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceivedBody {
    /// How many bytes were read.
    pub bytes: usize,
    /// Whether there is more of it.
    pub extent: Extent,
    /// Its beginning as text, without the secrets that were sent.
    pub opening: String,
    /// What was read of it.
    #[serde(skip)]
    pub content: Vec<u8>,
}

/// Whether all of a body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it.
    Whole,
    /// The beginning: it is longer than what is read.
    Beginning,
}

/// How long a request took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ExchangeTiming {
    /// From the first SYN to the end of the answer's header, the handshake included.
    pub header_us: u64,
    /// From the first SYN to the end of the answer; with it earlier attempts, and redirects.
    pub total_us: u64,
}

impl Received {
    /// The values of a header, each as the server sent it: to be compared, not to be shown.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Header> {
        self.headers.iter().filter(move |header| header.is(name))
    }
}

impl Exchange {
    /// A text of the answer's without the secrets that were sent.
    #[must_use]
    pub fn concealed(&self, text: &str) -> String {
        concealed(&self.request.headers, text)
    }
}

/// Sends the request and reads its answer. A device that refuses the connection, or ends it during the handshake, is busy
/// rather than gone: it is asked again, three times in all. A request that was sent is not sent again, with two exceptions: a
/// redirect that is followed, and a request without effects whose answer can't be read.
///
/// # Errors
/// [`Unanswered`].
pub async fn ask(server: &Server, request: &Request) -> Result<Exchange, Unanswered> {
    let found = addresses(&server.target, server.address, server.timeout).await;
    let (addresses, _) = found.map_err(Unanswered::Lookup)?;
    let sender = Sender::new(server, addresses)?;
    let (start, mut attempts, mut redirects) = (Instant::now(), 0, Vec::new());
    let mut current = request.clone();
    loop {
        let answered = patiently(&sender, &current, &mut attempts).await?;
        let next = match server.redirects {
            Redirects::Followed if redirects.len() < MOST_REDIRECTS => {
                redirected(&server.target, &current, &answered.answer)
            }
            Redirects::Followed | Redirects::Shown => None,
        };
        let Some(next) = next else {
            let timing =
                ExchangeTiming { header_us: micros(answered.header), total_us: micros(start.elapsed()) };
            let (address, answer) = (answered.address, answered.answer);
            return Ok(Exchange { request: Sent::of(request), address, attempts, redirects, answer, timing });
        };
        redirects.push(concealed(&request.headers, &next.path));
        current = next;
    }
}

impl Sent {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method.to_string(),
            path: request.path.clone(),
            headers: request.headers.clone(),
            body_bytes: request.body.as_ref().map_or(0, |body| body.0.len()),
        }
    }
}

/// An answer, and what only its connection knows.
struct Answered {
    answer: Received,
    address: Option<SocketAddr>,
    /// From the first SYN to the end of the header.
    header: Duration,
}

async fn patiently(
    sender: &Sender<'_>,
    request: &Request,
    attempts: &mut u32,
) -> Result<Answered, Unanswered> {
    let mut pauses = PAUSES.iter();
    loop {
        *attempts += 1;
        match sender.send(request, *attempts).await {
            Err(error) if error.is_busy() => match pauses.next() {
                Some(pause) => sleep(*pause).await,
                None => return Err(error),
            },
            ended => return ended,
        }
    }
}

/// A small device has room again when one handshake of another client is done, which takes it up to a second or two.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
const MOST_REDIRECTS: usize = 5;
/// The most that is read of a body: more than any small device sends.
pub const MOST_READ: usize = 1 << 20;
/// How much of a body is shown.
const OPENING_SIZE: usize = 4096;
