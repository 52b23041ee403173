//! Requests and answers of one established session.

mod page;

use core::pin::pin;

use embassy_futures::select::{Either, select};
use embassy_time::{Duration, Instant};

use crate::fairness::{overstayed, share};
use crate::handler::conversation::Conversation;
use crate::handler::outgoing::{BodyPart, Delivery, Last};
use crate::handler::refusal_answer;
use crate::http::{Expectation, Head, HeadReader, Method, Persistence, Refusal, Version};
use crate::routing::{Found, Route};
use crate::shared::Shared;
use crate::slots::Slot;
use crate::stats::count;
use crate::timeouts::{Allowance, LimitPassed, ms, within};
use crate::{Handler, TlsSession};

/// How a connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionEnd {
    /// By close_notify of TLS, and then FIN.
    Orderly,
    /// By a FIN alone, since the TLS session has failed, or an answer is not whole; an alert may be on its way and should arrive.
    Fin,
    /// By the alert internal_error, and then FIN: there was no memory for a TLS session.
    Unserved,
    /// By a reset: the connection does not work any more.
    Reset,
}

/// The requests of one session, one after the other.
pub(crate) struct Exchange<'a, S, H> {
    session: &'a mut S,
    shared: &'a Shared,
    handler: &'a H,
    slot: &'a Slot<'a>,
    conversation: &'a Conversation,
    since: Instant,
    answered: u32,
    /// What the first line of the request says that is being received, once it is known.
    line: Option<(Method, Version)>,
}

impl<'a, S: TlsSession, H: Handler> Exchange<'a, S, H> {
    pub(crate) fn new(
        session: &'a mut S,
        shared: &'a Shared,
        handler: &'a H,
        slot: &'a Slot<'a>,
        conversation: &'a Conversation,
    ) -> Self {
        conversation.incoming.borrow_mut().clear();
        Self { session, shared, handler, slot, conversation, since: Instant::now(), answered: 0, line: None }
    }

    /// Answers requests until the client, a limit or a waiting connection ends it.
    pub(crate) async fn run(&mut self) -> ConnectionEnd {
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
        let is_idle = {
            let received = &mut self.conversation.incoming.borrow_mut().received;
            received.skip_blank_lines();
            received.unread().is_empty()
        };
        if is_idle {
            self.idle().await?;
        }
        self.slot.busy();
        let (time, sending) = (Allowance::default(), Allowance::default());
        let answered = match self.receive_head(&time).await {
            Ok(head) => match self.find_page(&head) {
                Ok(route) => self.run_page(route, &head, &time, &sending).await,
                Err(own) => {
                    self.answer_for_itself(own);
                    Ok(())
                }
            },
            Err(error) => self.give_up(error),
        };
        answered?;
        self.send_last(&sending).await?;
        match self.conversation.outgoing.borrow().persistence() {
            Persistence::KeepAlive => {}
            Persistence::Close => return Ok(Persistence::Close),
        }
        match self.drain(&time).await {
            Ok(()) => Ok(Persistence::KeepAlive),
            // There can't be a second answer.
            Err(ReceiveError::Refused(_)) => Ok(Persistence::Close),
            Err(ReceiveError::Broken) => Err(ConnectionEnd::Fin),
        }
    }

    /// Waits for the first byte of a request: no longer than the idle timeout, and no longer than the grace when the
    /// session is wanted by another connection.
    async fn idle(&mut self) -> Result<(), ConnectionEnd> {
        self.slot.idle();
        let is_first = self.answered == 0;
        let (conversation, session, slot) = (self.conversation, &mut *self.session, self.slot);
        let arrival = async {
            while conversation.incoming.borrow().received.unread().is_empty() {
                match conversation.fill(session).await {
                    Ok(0) => return Err(ConnectionEnd::Orderly),
                    Ok(_) => conversation.incoming.borrow_mut().received.skip_blank_lines(),
                    Err(_) => return Err(ConnectionEnd::Fin),
                }
            }
            Ok(())
        };
        let grace = |waiting| if is_first { share(waiting).min(FIRST_GRACE) } else { GRACE };
        let (arrival, overstayed) = (pin!(arrival), pin!(overstayed(NONE, [slot, slot], grace)));
        let limit = ms(self.shared.limits.idle_timeout_ms);
        match within(limit, select(arrival, overstayed)).await {
            Ok(Either::First(arrived)) => arrived,
            Ok(Either::Second(())) | Err(_) => Err(ConnectionEnd::Orderly),
        }
    }

    /// Receives a head, which stays in the buffer.
    async fn receive_head(&mut self, time: &Allowance) -> Result<Head, ReceiveError> {
        let (max_header, max_uri) = (self.shared.limits.max_header, self.shared.limits.max_uri);
        let mut reader = HeadReader::default();
        loop {
            let step = {
                let incoming = self.conversation.incoming.borrow();
                reader.advance(incoming.received.unread(), max_header.into(), max_uri.into())
            };
            self.line = reader.line().map(|line| (line.method, line.version));
            if let Some(head) = step.map_err(ReceiveError::Refused)? {
                return Ok(head);
            }
            self.fill(time).await?;
        }
    }

    /// Finds the page, and prepares the buffers for it.
    fn find_page(&mut self, head: &Head) -> Result<&'static Route<H::Page>, OwnAnswer> {
        let persistence = if self.turn_is_over() { Persistence::Close } else { head.persistence };
        let found = self.find(head);
        let awaited = head.expectation == Expectation::Continue;
        let mut incoming = self.conversation.incoming.borrow_mut();
        let limit = match &found {
            Ok(Some(Found { route, parameters })) => {
                incoming.keep(head, *parameters, route.settings.fields);
                route.settings.max_body.and_then(|limit| usize::try_from(limit).ok())
            }
            _ => {
                incoming.drop_head(head);
                None
            }
        };
        let limit = limit.unwrap_or(self.shared.limits.max_body.into());
        let started = incoming.start_body(head.framing, limit, awaited);
        drop(incoming);
        // After a final answer the client may send its body or leave it out, so the connection has to end there.
        let after = if awaited { Persistence::Close } else { persistence };
        match (found, started) {
            (Err(refusal), Ok(())) => Err(OwnAnswer::Refusal(refusal, after)),
            (Err(refusal), Err(_)) if awaited => Err(OwnAnswer::Refusal(refusal, after)),
            (_, Err(refusal)) => Err(OwnAnswer::Refusal(refusal, Persistence::Close)),
            (Ok(None), Ok(())) => Err(OwnAnswer::Methods(after)),
            (Ok(Some(found)), Ok(())) => {
                self.prepare(persistence);
                Ok(found.route)
            }
        }
    }

    /// The route of a request; `None` for the server as a whole, `*` (RFC 9110 section 9.3.7).
    fn find(&self, head: &Head) -> Result<Option<Found<H::Page>>, Refusal> {
        let incoming = self.conversation.incoming.borrow();
        let has = |page| self.handler.has(page);
        match (head.path.of(incoming.received.unread()), head.method) {
            (b"*", Method::Options) => Ok(None),
            (b"*", _) => Err(Refusal::Malformed("only OPTIONS is asked of *")),
            (b"", method) => H::ROUTES.find(method, b"/", head.sender, has).map(Some),
            (path, method) => H::ROUTES.find(method, path, head.sender, has).map(Some),
        }
    }

    /// Receives the rest of the body, and drops it: at most as much as the settings allow.
    async fn drain(&mut self, time: &Allowance) -> Result<(), ReceiveError> {
        let limit = usize::from(self.shared.limits.max_body);
        let mut drained = 0;
        loop {
            drained += self.conversation.incoming.borrow_mut().consume_ready();
            if self.conversation.incoming.borrow().is_whole() {
                self.conversation.incoming.borrow_mut().end();
                return Ok(());
            }
            if drained > limit {
                return Err(ReceiveError::Refused(Refusal::BodyTooLong { limit }));
            }
            self.receive_more(time).await?;
        }
    }

    /// Receives more of the body.
    async fn receive_more(&mut self, time: &Allowance) -> Result<(), ReceiveError> {
        if let Some(fault) = self.conversation.incoming.borrow().fault() {
            return Err(ReceiveError::Refused(fault));
        }
        if self.conversation.incoming.borrow().is_awaited() {
            self.session.write_all(CONTINUE).await.map_err(|_| ReceiveError::Broken)?;
            self.session.flush().await.map_err(|_| ReceiveError::Broken)?;
            self.conversation.incoming.borrow_mut().told();
        }
        self.fill(time).await?;
        self.conversation.incoming.borrow_mut().decode().map_err(ReceiveError::Refused)
    }

    /// Receives more bytes, in the time that the client has for its request.
    async fn fill(&mut self, time: &Allowance) -> Result<(), ReceiveError> {
        let limit_ms = self.shared.limits.request_timeout_ms;
        let slot = self.slot;
        let fill = pin!(self.conversation.fill(self.session));
        let overstayed = pin!(overstayed(time.spent(), [slot, slot], share));
        let filled = time.within(ms(limit_ms), select(fill, overstayed)).await;
        slot.busy();
        match filled {
            Ok(Either::First(Ok(1..))) => Ok(()),
            Ok(Either::First(Ok(0))) => {
                Err(ReceiveError::Refused(Refusal::Malformed("it ends in the middle")))
            }
            Ok(Either::First(Err(_))) => Err(ReceiveError::Broken),
            Ok(Either::Second(())) => Err(ReceiveError::Refused(Refusal::OthersWait)),
            Err(LimitPassed) => Err(ReceiveError::Refused(Refusal::TooSlow { limit_ms })),
        }
    }

    /// Whether a client that never pauses has had this session for long enough, while others wait.
    fn turn_is_over(&self) -> bool {
        self.slot.wanted() > 0 && (self.since.elapsed() >= TURN || self.answered + 1 >= FAIR_REQUESTS)
    }

    /// Prepares the answer to a request that was not received.
    fn give_up(&mut self, error: ReceiveError) -> Result<(), ConnectionEnd> {
        match error {
            ReceiveError::Refused(refusal) => {
                self.answer_for_itself(OwnAnswer::Refusal(refusal, Persistence::Close));
                Ok(())
            }
            ReceiveError::Broken => Err(ConnectionEnd::Fin),
        }
    }

    /// Prepares an answer of the server's own.
    fn answer_for_itself(&mut self, answer: OwnAnswer) {
        let (OwnAnswer::Refusal(_, persistence) | OwnAnswer::Methods(persistence)) = answer;
        self.prepare(persistence);
        let outgoing = &mut self.conversation.outgoing.borrow_mut();
        match answer {
            OwnAnswer::Refusal(refusal, _) => refusal_answer::render(outgoing, refusal, H::ROUTES),
            OwnAnswer::Methods(_) => refusal_answer::render_methods(outgoing, H::ROUTES.methods()),
        }
    }

    /// Empties the buffer for an answer.
    fn prepare(&mut self, persistence: Persistence) {
        let (method, version) = self.line.unwrap_or((Method::Get, Version::Http11));
        let part = if method == Method::Head { BodyPart::Omit } else { BodyPart::Send };
        self.conversation.outgoing.borrow_mut().prepare(Delivery { version, persistence, part });
    }

    /// Sends the end of an answer.
    async fn send_last(&mut self, sending: &Allowance) -> Result<(), ConnectionEnd> {
        self.flush(sending, Last::Yes).await.map_err(|_| ConnectionEnd::Reset)?;
        // All of it is with TCP now, which sends it again until the client has it.
        count(&self.shared.counters.requests);
        self.answered = self.answered.saturating_add(1);
        Ok(())
    }

    /// Sends what is in the buffer.
    async fn flush(&mut self, sending: &Allowance, last: Last) -> Result<(), NotSent> {
        let limit = ms(self.shared.limits.request_timeout_ms);
        let slot = self.slot;
        let before = self.conversation.outgoing.borrow().total();
        let sent = {
            let write = pin!(self.conversation.send(self.session, last));
            let overstayed = pin!(overstayed(sending.spent(), [slot, slot], share));
            sending.within(limit, select(write, overstayed)).await
        };
        slot.busy();
        let taken = self.conversation.outgoing.borrow().total() - before;
        sending.repay(Duration::from_millis(taken * EARNED_MS_PER_KIB / 1024));
        match sent {
            Ok(Either::First(Ok(()))) => Ok(()),
            Ok(Either::First(Err(_))) => Err(NotSent::Broken),
            Ok(Either::Second(())) | Err(LimitPassed) => Err(NotSent::NotTaken),
        }
    }
}

/// An answer of the server's own, and what comes after it.
enum OwnAnswer {
    Refusal(Refusal, Persistence),
    /// To `OPTIONS *`.
    Methods(Persistence),
}

/// Why a part of an answer was not sent.
enum NotSent {
    /// The session failed.
    Broken,
    /// The client did not take it in time.
    NotTaken,
}

/// Why a request was not received.
enum ReceiveError {
    Refused(Refusal),
    /// The session failed.
    Broken,
}

/// The interim answer (RFC 9110 section 15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

const NONE: Duration = Duration::from_ticks(0);

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

/// How much of the time that a client has had for an answer is given back for each KiB that it takes. So a long answer has to go out
/// at 10 KB a second at least; one who takes it byte by byte, or stops after any number of bytes, has no more time than for a short one.
const EARNED_MS_PER_KIB: u64 = 100;
