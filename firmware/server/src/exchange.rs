//! Requests and answers of one established session.

use core::pin::pin;

use embassy_futures::select::{Either3, select3};
use embassy_time::{Duration, Instant, Timer, with_timeout};

use crate::TlsSession;
use crate::budget::Buffers;
use crate::gate::Slot;
use crate::http::{
    BodyEnd, BodyPart, ChunkedReader, Delivery, Expectation, Framing, Head, HeadReader, Intake, Method,
    Persistence, Refusal, RequestLine, Response, Version,
};
use crate::routes::Page;
use crate::server::Core;
use crate::stats::count;
use crate::timeouts::within;

/// How a connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With all that TLS and TCP have for it.
    Orderly,
    /// Without a word of TLS, for the session has failed; but an alert may be on its way and should arrive.
    Fin,
    /// By a reset: it does not work any more, or nobody listens.
    Reset,
}

/// The requests of one session, one after the other.
pub(crate) struct Exchange<'a, S> {
    session: &'a mut S,
    core: &'a Core,
    slot: &'a Slot<'a>,
    intake: Intake<'a>,
    outgoing: &'a mut [u8],
    since: Instant,
    /// The line of the request at hand, once it is known.
    line: Option<RequestLine>,
}

impl<'a, S: TlsSession> Exchange<'a, S> {
    pub(crate) fn new(
        session: &'a mut S,
        core: &'a Core,
        slot: &'a Slot<'a>,
        buffers: &'a mut Buffers,
    ) -> Self {
        let Buffers { request, answer } = buffers;
        let intake = Intake::new(request);
        Self { session, core, slot, intake, outgoing: answer, since: Instant::now(), line: None }
    }

    /// Answers requests until the client, a limit or a waiting connection ends it.
    pub(crate) async fn run(mut self) -> Ending {
        let mut grace = FIRST_GRACE;
        loop {
            match self.turn(grace).await {
                Ok(Persistence::KeepAlive) => grace = GRACE,
                Ok(Persistence::Close) => return Ending::Orderly,
                Err(ending) => return ending,
            }
        }
    }

    /// Waits for one request and answers it.
    async fn turn(&mut self, grace: Duration) -> Result<Persistence, Ending> {
        self.line = None;
        self.intake.skip_blank_lines();
        if self.intake.unread().is_empty() {
            self.idle(grace).await?;
        }
        self.slot.busy();
        let patience = ms(self.core.limits.request_timeout_ms);
        let received = {
            let receive = pin!(self.receive());
            within(patience, receive).await
        };
        match received {
            Ok(Ok(request)) => self.answer(request).await,
            Ok(Err(Stop::Refused(refusal))) => self.send(refusal.into(), Persistence::Close).await,
            Ok(Err(Stop::Ended)) => {
                self.send(Refusal::Malformed("it ends in the middle").into(), Persistence::Close).await
            }
            Ok(Err(Stop::Broken)) => Err(Ending::Fin),
            Err(_) => {
                let refusal = Refusal::TooSlow { limit_ms: self.core.limits.request_timeout_ms };
                self.send(refusal.into(), Persistence::Close).await
            }
        }
    }

    /// Waits for the first byte of a request: no longer than the idle timeout, and no longer than the grace when the
    /// session is wanted by another connection.
    async fn idle(&mut self, grace: Duration) -> Result<(), Ending> {
        self.slot.idle();
        let start = Instant::now();
        let (intake, session, slot) = (&mut self.intake, &mut *self.session, self.slot);
        let arrival = async {
            while intake.unread().is_empty() {
                match intake.fill(session).await {
                    Ok(0) => return Err(Ending::Orderly),
                    Ok(_) => intake.skip_blank_lines(),
                    Err(_) => return Err(Ending::Fin),
                }
            }
            Ok(())
        };
        let wanted = async {
            Timer::at(start + grace).await;
            slot.asked_to_leave().await;
        };
        let timeout = Timer::at(start + ms(self.core.limits.idle_timeout_ms));
        match select3(arrival, timeout, wanted).await {
            Either3::First(arrived) => arrived,
            Either3::Second(()) | Either3::Third(()) => Err(Ending::Orderly),
        }
    }

    async fn receive(&mut self) -> Result<Request, Stop> {
        let head = self.receive_head().await?;
        let verdict = head.route.admits(head.method);
        if head.expectation == Expectation::Continue {
            // Whether the body still comes after a final answer is the client's choice, so the connection ends there.
            verdict.map_err(Stop::Refused)?;
        }
        let body = match head.framing {
            Framing::Length(length) => self.receive_length(length, head.expectation).await?,
            Framing::Chunked => self.receive_chunks(head.expectation).await?,
        };
        Ok(Request { head, verdict, body })
    }

    async fn receive_head(&mut self) -> Result<Head, Stop> {
        let (max_header, max_uri) = (self.core.limits.max_header, self.core.limits.max_uri);
        let mut reader = HeadReader::default();
        loop {
            let step = reader.advance(self.intake.unread(), max_header.into(), max_uri.into());
            self.line = reader.line();
            if let Some((head, length)) = step.map_err(Stop::Refused)? {
                self.intake.consume(length);
                return Ok(head);
            }
            self.fill().await?;
        }
    }

    /// Receives a body of `length` bytes, to the front of the intake.
    async fn receive_length(&mut self, length: u64, expectation: Expectation) -> Result<usize, Stop> {
        let limit = usize::from(self.core.limits.max_body);
        let length = usize::try_from(length).ok().filter(|length| *length <= limit);
        let length = length.ok_or(Stop::Refused(Refusal::BodyTooLong { limit }))?;
        if self.intake.unread().len() < length {
            self.encourage(expectation).await?;
        }
        while self.intake.unread().len() < length {
            self.fill().await?;
        }
        Ok(length)
    }

    /// Receives a chunked body, decoded to the front of the intake. Gives its length.
    async fn receive_chunks(&mut self, expectation: Expectation) -> Result<usize, Stop> {
        if self.intake.unread().is_empty() {
            self.encourage(expectation).await?;
        }
        let mut reader = ChunkedReader::new(self.core.limits.max_body.into());
        let mut body = 0;
        loop {
            let progress = reader.advance(self.intake.unread_mut(), body).map_err(Stop::Refused)?;
            self.intake.cut(progress.body, progress.taken);
            body = progress.body;
            if progress.end == BodyEnd::Reached {
                return Ok(body);
            }
            self.fill().await?;
        }
    }

    async fn encourage(&mut self, expectation: Expectation) -> Result<(), Stop> {
        if expectation == Expectation::Continue {
            self.session.write_all(CONTINUE).await.map_err(|_| Stop::Broken)?;
            self.session.flush().await.map_err(|_| Stop::Broken)?;
        }
        Ok(())
    }

    async fn fill(&mut self) -> Result<(), Stop> {
        match self.intake.fill(self.session).await {
            Ok(0) => Err(Stop::Ended),
            Ok(_) => Ok(()),
            Err(_) => Err(Stop::Broken),
        }
    }

    async fn answer(&mut self, request: Request) -> Result<Persistence, Ending> {
        let Request { head, verdict, body } = request;
        let content = self.intake.unread().get(..body).unwrap_or_default();
        let response = match verdict {
            Ok(()) => self.core.site.answer(head.route, head.method, content, || self.core.stats()),
            Err(refusal) => refusal.into(),
        };
        self.intake.consume(body);
        let persistence = if self.turn_is_over() { Persistence::Close } else { head.persistence };
        self.send(response, persistence).await
    }

    /// Whether a client that never pauses has had this session for long enough, while others wait.
    fn turn_is_over(&self) -> bool {
        self.slot.wanted() && self.since.elapsed() >= TURN
    }

    async fn send(
        &mut self,
        response: Response<Page>,
        persistence: Persistence,
    ) -> Result<Persistence, Ending> {
        count(&self.core.counters.requests);
        let part = match self.line {
            Some(RequestLine { method: Method::Head, .. }) => BodyPart::Omit,
            _ => BodyPart::Send,
        };
        let version = self.line.map_or(Version::Http11, |line| line.version);
        let delivery = Delivery { version, persistence, part };
        let length = response.render(self.outgoing, delivery).map_err(|_| Ending::Reset)?;
        let bytes = self.outgoing.get(..length).unwrap_or_default();
        let session = &mut *self.session;
        let sent = with_timeout(ms(self.core.limits.request_timeout_ms), async {
            session.write_all(bytes).await?;
            session.flush().await
        });
        match sent.await {
            Ok(Ok(())) => Ok(persistence),
            Ok(Err(_)) | Err(_) => Err(Ending::Reset),
        }
    }
}

/// A request that has been received.
struct Request {
    head: Head,
    verdict: Result<(), Refusal>,
    /// Bytes of body at the front of the intake.
    body: usize,
}

/// Why a request was not received.
enum Stop {
    Refused(Refusal),
    /// The client ended the stream.
    Ended,
    /// The session failed.
    Broken,
}

pub(crate) fn ms(milliseconds: u32) -> Duration {
    Duration::from_millis(milliseconds.into())
}

/// The interim answer (RFC 9110 section 15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// How long a session between two requests is safe from those who wait: a client that sends one after the other is
/// back within a round trip, which on Wi-Fi with power save is up to two beacon intervals of 102.4 ms.
const GRACE: Duration = Duration::from_millis(250);

/// The same before the first request. The client has just paid for a handshake; cut off now, it would have to pay
/// again. Browsers open connections ahead of need, so it can't be for long.
const FIRST_GRACE: Duration = Duration::from_secs(1);

/// How long a client may use a session without a pause while others wait: several handshakes' worth, yet with four
/// sessions everybody gets one well before [`crate::server::MAX_WAIT`].
const TURN: Duration = Duration::from_secs(5);
