//! Requests and answers of one established session.

use core::pin::pin;

use embassy_futures::select::{Either, select};
use embassy_time::{Duration, Instant};

use crate::TlsSession;
use crate::budget::Buffers;
use crate::fairness::{overstayed, share};
use crate::http::{
    BodyEnd, BodyPart, ChunkedReader, Delivery, Expectation, Framing, Head, HeadReader, Method, Persistence,
    ReceiveBuffer, Refusal, RequestLine, Response, Version,
};
use crate::routes::Page;
use crate::shared::Shared;
use crate::slots::Slot;
use crate::stats::count;
use crate::timeouts::{ms, within};

/// How a connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionEnd {
    /// By close_notify of TLS, and then FIN.
    Orderly,
    /// By a FIN alone, since the TLS session has failed; an alert may be on its way and should arrive.
    Fin,
    /// By the alert internal_error, and then FIN: there was no memory for a TLS session.
    Unserved,
    /// By a reset: the connection does not work any more.
    Reset,
}

/// The requests of one session, one after the other.
pub(crate) struct Exchange<'a, S> {
    session: &'a mut S,
    shared: &'a Shared,
    slot: &'a Slot<'a>,
    received: ReceiveBuffer<'a>,
    outgoing: &'a mut [u8],
    since: Instant,
    answered: u32,
    /// The first line of the request that is being received, once it is known.
    line: Option<RequestLine>,
}

impl<'a, S: TlsSession> Exchange<'a, S> {
    pub(crate) fn new(
        session: &'a mut S,
        shared: &'a Shared,
        slot: &'a Slot<'a>,
        buffers: &'a mut Buffers,
    ) -> Self {
        let Buffers { request, answer } = buffers;
        let received = ReceiveBuffer::new(request);
        Self {
            session,
            shared,
            slot,
            received,
            outgoing: answer,
            since: Instant::now(),
            answered: 0,
            line: None,
        }
    }

    /// Answers requests until the client, a limit or a waiting connection ends it.
    pub(crate) async fn run(mut self) -> ConnectionEnd {
        loop {
            match self.serve_one().await {
                Ok(Persistence::KeepAlive) => {}
                Ok(Persistence::Close) => return ConnectionEnd::Orderly,
                Err(ending) => return ending,
            }
        }
    }

    /// Waits for one request and answers it.
    async fn serve_one(&mut self) -> Result<Persistence, ConnectionEnd> {
        self.line = None;
        self.received.skip_blank_lines();
        if self.received.unread().is_empty() {
            self.idle().await?;
        }
        self.slot.busy();
        let limit_ms = self.shared.limits.request_timeout_ms;
        let slot = self.slot;
        let outcome = {
            let receive = pin!(self.receive());
            let overstayed = pin!(overstayed([slot, slot], share));
            within(ms(limit_ms), select(receive, overstayed)).await
        };
        self.slot.busy();
        let refusal = match outcome {
            Ok(Either::First(Ok(request))) => return self.answer(request).await,
            Ok(Either::First(Err(ReceiveError::Broken))) => return Err(ConnectionEnd::Fin),
            Ok(Either::First(Err(ReceiveError::Refused(refusal)))) => refusal,
            Ok(Either::First(Err(ReceiveError::Ended))) => Refusal::Malformed("it ends in the middle"),
            Ok(Either::Second(())) => Refusal::OthersWait,
            Err(_) => Refusal::TooSlow { limit_ms },
        };
        self.send(refusal.into(), Persistence::Close).await
    }

    /// Waits for the first byte of a request: no longer than the idle timeout, and no longer than the grace when the
    /// session is wanted by another connection.
    async fn idle(&mut self) -> Result<(), ConnectionEnd> {
        self.slot.idle();
        let is_first = self.answered == 0;
        let (received, session, slot) = (&mut self.received, &mut *self.session, self.slot);
        let arrival = async {
            while received.unread().is_empty() {
                match received.fill(session).await {
                    Ok(0) => return Err(ConnectionEnd::Orderly),
                    Ok(_) => received.skip_blank_lines(),
                    Err(_) => return Err(ConnectionEnd::Fin),
                }
            }
            Ok(())
        };
        let grace = |waiting| if is_first { share(waiting).min(FIRST_GRACE) } else { GRACE };
        let (arrival, overstayed) = (pin!(arrival), pin!(overstayed([slot, slot], grace)));
        let limit = ms(self.shared.limits.idle_timeout_ms);
        match within(limit, select(arrival, overstayed)).await {
            Ok(Either::First(arrived)) => arrived,
            Ok(Either::Second(())) | Err(_) => Err(ConnectionEnd::Orderly),
        }
    }

    async fn receive(&mut self) -> Result<Request, ReceiveError> {
        let head = self.receive_head().await?;
        let verdict = head.route.admits(head.method, head.sender);
        if head.expectation == Expectation::Continue {
            // After a final answer the client may send its body or leave it out, so the connection has to end there.
            verdict.map_err(ReceiveError::Refused)?;
        }
        let body = match head.framing {
            Framing::Length(length) => self.receive_length(length, head.expectation).await?,
            Framing::Chunked => self.receive_chunks(head.expectation).await?,
        };
        Ok(Request { head, verdict, body })
    }

    async fn receive_head(&mut self) -> Result<Head, ReceiveError> {
        let (max_header, max_uri) = (self.shared.limits.max_header, self.shared.limits.max_uri);
        let mut reader = HeadReader::default();
        loop {
            let step = reader.advance(self.received.unread(), max_header.into(), max_uri.into());
            self.line = reader.line();
            if let Some((head, length)) = step.map_err(ReceiveError::Refused)? {
                self.received.consume(length);
                return Ok(head);
            }
            self.fill().await?;
        }
    }

    /// Receives a body of `length` bytes, to the front of the receive buffer.
    async fn receive_length(&mut self, length: u64, expectation: Expectation) -> Result<usize, ReceiveError> {
        let limit = usize::from(self.shared.limits.max_body);
        let length = usize::try_from(length).ok().filter(|length| *length <= limit);
        let length = length.ok_or(ReceiveError::Refused(Refusal::BodyTooLong { limit }))?;
        if self.received.unread().len() < length {
            self.continue_if_expected(expectation).await?;
        }
        while self.received.unread().len() < length {
            self.fill().await?;
        }
        Ok(length)
    }

    /// Receives a chunked body, decoded to the front of the receive buffer. Gives its length.
    async fn receive_chunks(&mut self, expectation: Expectation) -> Result<usize, ReceiveError> {
        if self.received.unread().is_empty() {
            self.continue_if_expected(expectation).await?;
        }
        let mut reader = ChunkedReader::new(self.shared.limits.max_body.into());
        let mut body = 0;
        loop {
            let progress = reader.advance(self.received.unread_mut(), body).map_err(ReceiveError::Refused)?;
            self.received.cut(progress.body, progress.taken);
            body = progress.body;
            if progress.end == BodyEnd::Reached {
                return Ok(body);
            }
            self.fill().await?;
        }
    }

    async fn continue_if_expected(&mut self, expectation: Expectation) -> Result<(), ReceiveError> {
        if expectation == Expectation::Continue {
            self.session.write_all(CONTINUE).await.map_err(|_| ReceiveError::Broken)?;
            self.session.flush().await.map_err(|_| ReceiveError::Broken)?;
        }
        Ok(())
    }

    async fn fill(&mut self) -> Result<(), ReceiveError> {
        match self.received.fill(self.session).await {
            Ok(0) => Err(ReceiveError::Ended),
            Ok(_) => Ok(()),
            Err(_) => Err(ReceiveError::Broken),
        }
    }

    async fn answer(&mut self, request: Request) -> Result<Persistence, ConnectionEnd> {
        let Request { head, verdict, body } = request;
        let content = self.received.unread().get(..body).unwrap_or_default();
        let response = match verdict {
            Ok(()) => self.shared.site.answer(head.route, head.method, content, || self.shared.stats()),
            Err(refusal) => refusal.into(),
        };
        self.received.consume(body);
        let persistence = if self.turn_is_over() { Persistence::Close } else { head.persistence };
        self.send(response, persistence).await
    }

    /// Whether a client that never pauses has had this session for long enough, while others wait.
    fn turn_is_over(&self) -> bool {
        self.slot.wanted() > 0 && (self.since.elapsed() >= TURN || self.answered + 1 >= FAIR_REQUESTS)
    }

    async fn send(
        &mut self,
        response: Response<Page>,
        persistence: Persistence,
    ) -> Result<Persistence, ConnectionEnd> {
        let part = match self.line {
            Some(RequestLine { method: Method::Head, .. }) => BodyPart::Omit,
            _ => BodyPart::Send,
        };
        let version = self.line.map_or(Version::Http11, |line| line.version);
        let delivery = Delivery { version, persistence, part };
        let length = response.render(self.outgoing, delivery).map_err(|_| ConnectionEnd::Reset)?;
        let bytes = self.outgoing.get(..length).unwrap_or_default();
        let (session, slot) = (&mut *self.session, self.slot);
        let write = async {
            session.write_all(bytes).await?;
            session.flush().await
        };
        let limit = ms(self.shared.limits.request_timeout_ms);
        let sent = within(limit, select(pin!(write), pin!(overstayed([slot, slot], share)))).await;
        self.slot.busy();
        match sent {
            Ok(Either::First(Ok(()))) => {
                // All of it is with TCP now, which sends it again until the client has it.
                count(&self.shared.counters.requests);
                self.answered = self.answered.saturating_add(1);
                Ok(persistence)
            }
            Ok(Either::First(Err(_)) | Either::Second(())) | Err(_) => Err(ConnectionEnd::Reset),
        }
    }
}

/// A request that has been received.
struct Request {
    head: Head,
    verdict: Result<(), Refusal>,
    /// Bytes of body at the front of the receive buffer.
    body: usize,
}

/// Why a request was not received.
enum ReceiveError {
    Refused(Refusal),
    /// The client ended the stream.
    Ended,
    /// The session failed.
    Broken,
}

/// The interim answer (RFC 9110 section 15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// How long a session between two requests is kept although others wait: a client that sends one after the other
/// sends the next within a round trip, which on Wi-Fi with power save is up to two beacon intervals of 102.4 ms.
const GRACE: Duration = Duration::from_millis(250);

/// The same before the first request. The client would have to make its handshake again, which is slow. Browsers open
/// connections before they need them, so it can't be for long.
const FIRST_GRACE: Duration = Duration::from_secs(1);

/// How long a client may use a session without a pause while others wait: the time of several handshakes.
const TURN: Duration = Duration::from_millis(1500);

/// How many requests a client may have answered in one session while others wait. The next one costs it a handshake, which takes as
/// long as 100 requests.
const FAIR_REQUESTS: u32 = 50;
