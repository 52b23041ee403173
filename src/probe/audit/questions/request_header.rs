//! How large a request header does it take, and what does it say to a larger one (the book's last figure)? Growing requests
//! on one connection, then finer ones on another.

use std::time::Duration;

use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

use super::{Known, client_certificate, resumption::PSK};
use crate::client::{
    answer::{Answer, Progress},
    connection::PeerSide,
    handshake::CompletedHandshake,
    observing::{Client, Memory, Settings},
};
use crate::probe::audit::item::{Evidence, Grounds, Item, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{
    asker::Asker, client_certificate_rule::ClientCertificateRule, handshakes::HandshakeAttempt,
};
use crate::probe::audit::skip::SkipReason;

pub(super) const SUBJECTS: &[Subject] = &[HEADER, TOO_LARGE];

/// Asks for the largest request header. A client that remembers a session makes this cheap.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let items = match client_certificate::obstacle(asker, known) {
        Some(why) => skipped(&why),
        None => search(asker, known).await,
    };
    known.items.extend(items);
}

async fn search(asker: &mut Asker<'_>, known: &Known<'_>) -> Vec<Item> {
    let resumes = known.verdict(PSK) == Verdict::Yes;
    let fresh = || Client::new(&Settings { memory: Memory::None, ..asker.plan.client.clone() });
    let Some(client) = resumes.then(|| known.client.clone()).or_else(|| fresh().ok()) else {
        return unknown(SkipReason::NotPrepared);
    };
    let mut search = HeaderSearch::new();
    while search.is_open() && search.connections < MOST_CONNECTIONS {
        let Err(why) = search.measure(asker, &client).await else { continue };
        match asker.reason_to_stop() {
            Some(why) if !asker.is_gone() => return skipped(&why),
            _ if search.connections == 0 => return unknown(why),
            _ => break,
        }
    }
    // Its page is for those with a certificate; that it refuses us says nothing about the size.
    if search.taken == 0 && asker.client_certificate_rule == ClientCertificateRule::Requested {
        return skipped(&SkipReason::NeedsClientCertificate);
    }
    search.items()
}

/// The search for the limit among fixed sizes, so that its result does not depend on what happened on the way.
#[derive(Debug)]
struct HeaderSearch {
    sizes: Vec<usize>,
    /// How many of the sizes, from the smallest, are taken.
    taken: usize,
    /// The index of the smallest size that is refused, and how; one beyond the last while none is.
    refused: (usize, Option<Refusal>),
    connections: u32,
    closes: u32,
    after_answer: AfterAnswer,
}

/// What a server does after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AfterAnswer {
    /// It waits for another request.
    KeepsOpen,
    /// It closes the connection.
    Closes,
}

/// How a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Refusal {
    Status(u16),
    Closed,
    Silent,
}

impl HeaderSearch {
    fn new() -> Self {
        let parts_of = |start: usize| (0..PARTS).map(move |part| start + part * start / PARTS);
        let sizes: Vec<_> = DOUBLED_SIZES.into_iter().flat_map(parts_of).chain([LARGEST]).collect();
        let refused = (sizes.len(), None);
        Self { sizes, taken: 0, refused, connections: 0, closes: 0, after_answer: AfterAnswer::KeepsOpen }
    }

    fn is_open(&self) -> bool {
        self.taken < self.refused.0
    }

    /// The indices to try on the next connection: sizes that double first, then finer ones; and where the server closes
    /// after each answer, the one that halves what is left.
    fn next(&self) -> Vec<usize> {
        let range = self.taken..self.refused.0;
        match (self.after_answer, &self.refused.1) {
            (AfterAnswer::Closes, None) => vec![self.sizes.len() - 1],
            (AfterAnswer::Closes, Some(_)) => vec![range.start + range.len() / 2],
            (AfterAnswer::KeepsOpen, _) => {
                let doubled: Vec<_> = range.clone().filter(|index| index % PARTS == 0).collect();
                if doubled.is_empty() { range.collect() } else { doubled }
            }
        }
    }

    async fn measure(&mut self, asker: &mut Asker<'_>, client: &Client) -> Result<(), Grounds> {
        asker.begin(HEADER);
        let mut completed = match asker.attempt_handshake(client, 1).await {
            HandshakeAttempt::Done(completed) => completed,
            HandshakeAttempt::Answered(how) => return Err(how.to_string().into()),
            HandshakeAttempt::None(why) => return Err(why.into()),
        };
        self.connections += 1;
        let since = Instant::now();
        let sent = asker.stop.or(self.send_growing(asker, &mut completed)).await;
        asker.note_waited(since);
        asker.end_in_order(completed).await;
        sent.ok_or(SkipReason::Interrupted.into())
    }

    /// Sends requests until one is refused or the connection ends.
    async fn send_growing(&mut self, asker: &Asker<'_>, completed: &mut CompletedHandshake<TcpStream>) {
        let authority = asker.plan.target.authority();
        let mut answered = 0;
        for index in self.next() {
            let before = completed.link.plaintext().len();
            // A server that has refused may close before all of it is out; its answer may still be there to read.
            let _ = completed.link.send(&request(&authority, self.sizes[index])).await;
            match read(completed, before, asker.plan.timeout.min(ANSWER_LIMIT).min(asker.left())).await {
                Ok(status) if status < FIRST_REFUSAL || status == NOT_FOUND => {
                    (self.taken, self.closes) = (index + 1, 0);
                    answered += 1;
                }
                Ok(status) => {
                    self.refused = (index, Some(Refusal::Status(status)));
                    return;
                }
                Err(_) if answered > 0 => {
                    self.after_answer = AfterAnswer::Closes;
                    return;
                }
                Err(refusal) => return self.closed(asker, index, refusal),
            }
            if completed.link.peer() != PeerSide::Open {
                self.after_answer = AfterAnswer::Closes;
                return;
            }
        }
    }

    /// No answer to the first request of a connection: by chance, unless it happens again and again.
    fn closed(&mut self, asker: &Asker<'_>, index: usize, refusal: Refusal) {
        self.closes += 1;
        if self.closes >= asker.closes_for_a_no().min(MOST_CLOSES) {
            self.refused = (index, Some(refusal));
            self.closes = 0;
        }
    }

    fn items(self) -> Vec<Item> {
        let evidence = |says: String| Evidence::seen(says, self.connections);
        let taken =
            self.taken.checked_sub(1).and_then(|index| self.sizes.get(index)).copied().unwrap_or_default();
        let value = Value::Bytes(taken as u64);
        let Some(size) = self.sizes.get(self.refused.0) else {
            return if self.is_open() {
                unknown("the connections ended too early to tell")
            } else {
                let largest =
                    HEADER.with(Verdict::Yes, value, evidence("the largest that was tried".to_owned()));
                vec![largest, TOO_LARGE.not_applicable("no header that was tried is too large")]
            };
        };
        if taken == 0 && !matches!(self.refused.1, Some(Refusal::Status(_))) {
            return unknown("not even the smallest request is answered");
        }
        let (answer, too_large) = match &self.refused.1 {
            Some(Refusal::Status(status)) => (status.to_string(), Some(*status)),
            Some(Refusal::Silent) => ("silence".to_owned(), None),
            _ => ("a close".to_owned(), None),
        };
        let says = format!("{size} bytes are answered with {answer}");
        let verdict = if taken > 0 && !self.is_open() { Verdict::Yes } else { Verdict::Inconclusive };
        let too_large = match too_large {
            Some(FIELDS_TOO_LARGE) => {
                TOO_LARGE.with(Verdict::Yes, Value::Text(answer), evidence(says.clone()))
            }
            Some(_) => TOO_LARGE.with(Verdict::No, Value::Text(answer), evidence(says.clone())),
            None => TOO_LARGE.item(Verdict::No, evidence(says.clone())),
        };
        vec![HEADER.with(verdict, value, evidence(says)), too_large]
    }
}

fn unknown(why: impl Into<Grounds>) -> Vec<Item> {
    let evidence = Evidence::seen(why, 1);
    [HEADER, TOO_LARGE].map(|it| it.item(Verdict::Inconclusive, evidence.clone())).to_vec()
}

fn skipped(why: &SkipReason) -> Vec<Item> {
    [HEADER, TOO_LARGE].map(|it| it.skipped(why.clone())).to_vec()
}

/// A request whose header, from its first byte to the empty line, has `size` bytes.
fn request(authority: &str, size: usize) -> Vec<u8> {
    let start = format!("GET / HTTP/1.1\r\nHost: {authority}\r\nConnection: keep-alive\r\nX-Probe: ");
    let filler = size.saturating_sub(start.len() + "\r\n\r\n".len());
    format!("{start}{}\r\n\r\n", "a".repeat(filler)).into_bytes()
}

/// The status of the answer that begins at `from`.
async fn read(
    completed: &mut CompletedHandshake<TcpStream>,
    from: usize,
    limit: Duration,
) -> Result<u16, Refusal> {
    let deadline = Instant::now() + limit;
    loop {
        let link = &mut completed.link;
        let came = link.plaintext().get(from..).unwrap_or_default();
        match Answer::progress(came) {
            Progress::Complete(answer) => return Ok(answer.status),
            Progress::Partial(answer) if link.peer() != PeerSide::Open => return Ok(answer.status),
            // What the header says is an answer, whatever is wrong with the body.
            Progress::Broken(Some(answer), _) => return Ok(answer.status),
            Progress::Broken(None, _) => return Err(Refusal::Closed),
            _ if link.peer() != PeerSide::Open || came.len() > MOST_ANSWER => return Err(Refusal::Closed),
            _ => {}
        }
        match timeout_at(deadline, link.receive()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => {
                let came = completed.link.plaintext().get(from..).unwrap_or_default();
                return match Answer::progress(came) {
                    Progress::Complete(answer) | Progress::Partial(answer) => Ok(answer.status),
                    _ => Err(Refusal::Closed),
                };
            }
            Err(_) => return Err(Refusal::Silent),
        }
    }
}

const DOUBLED_SIZES: [usize; 5] = [512, 1024, 2048, 4096, 8192];
const LARGEST: usize = 16_384;
const PARTS: usize = 8;
const MOST_CONNECTIONS: u32 = 40;
const MOST_CLOSES: u32 = 14;
const FIRST_REFUSAL: u16 = 400;
const NOT_FOUND: u16 = 404;
/// Request Header Fields Too Large (RFC 6585, section 5).
const FIELDS_TOO_LARGE: u16 = 431;
const ANSWER_LIMIT: Duration = Duration::from_secs(6);
const MOST_ANSWER: usize = 64 * 1024;

pub(crate) const HEADER: Subject = Subject::in_bytes(
    Section::HellosAndRequests,
    "request.largest_header",
    "the largest request header accepted",
);
const TOO_LARGE: Subject =
    Subject::new(Section::HellosAndRequests, "request.too_large", "a larger one is answered with 431");
