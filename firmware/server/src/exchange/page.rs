//! One request that a page answers.

use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;

use super::{ConnectionEnd, Exchange, NotSent, OwnAnswer};
use crate::handler::conversation::{Conversation, Want};
use crate::handler::outgoing::{Last, Progress};
use crate::handler::refused::Reason;
use crate::http::{Head, Method, Persistence, Refusal};
use crate::routing::{Route, RouteName};
use crate::running;
use crate::timeouts::{Allowance, LimitPassed};
use crate::trouble::Trouble;
use crate::{Done, Handler, Refused, Request, TlsSession};

impl<S: TlsSession, H: Handler> Exchange<'_, S, H> {
    /// Lets the page answer: polls the handler, and gets it what it wants. The end of the answer is in the buffer then.
    pub(super) async fn run_page(
        &mut self,
        route: &'static Route<H::Page>,
        head: &Head,
        time: &Allowance,
        sending: &Allowance,
    ) -> Result<(), ConnectionEnd> {
        let (conversation, handler, settings) = (self.conversation, self.handler, &route.settings);
        let request = Request::new(conversation, self.shared, head.method, settings);
        let mut handling = pin!(handler.handle(route.page, request));
        let own = Allowance::default();
        loop {
            let step = pin!(step(handling.as_mut(), settings.name, conversation));
            match own.within(settings.time_limit, step).await {
                Ok(Step::Done(done)) => {
                    self.notice_unread(settings.name, head.method);
                    return match done {
                        Ok(Done { .. }) => Ok(()),
                        Err(Refused(reason)) => self.refuse_for_page(settings.name, reason),
                    };
                }
                Ok(Step::Wants(Want::Body)) => {
                    if let Err(error) = self.receive_more(time).await {
                        return self.give_up(error);
                    }
                }
                Ok(Step::Wants(Want::Room) | Step::HasUnsent) => {
                    if let Err(error) = self.flush(sending, Last::No).await {
                        return Err(self.not_sent(settings.name, error));
                    }
                }
                Err(LimitPassed) => {
                    self.say(settings.name, Trouble::TooLong { limit_ms: settings.time_limit.as_millis() });
                    return self.refuse_for_page(settings.name, Reason::Refusal(Refusal::PageTooSlow));
                }
            }
        }
    }

    fn notice_unread(&self, route: RouteName, method: Method) {
        // A page has nothing to do with the body of a `GET` (RFC 9110 section 9.3.1).
        if !method.is_safe() && !self.conversation.incoming.borrow().is_read() {
            self.say(route, Trouble::Unread);
        }
    }

    /// Answers for a page that does not, or whose answer has a flaw.
    fn refuse_for_page(&mut self, route: RouteName, reason: Reason) -> Result<(), ConnectionEnd> {
        let refusal = match reason {
            Reason::Flaw(flaw) => {
                self.say(route, Trouble::Flaw(flaw));
                Refusal::PageFault
            }
            Reason::Refusal(refusal) => refusal,
        };
        let outgoing = self.conversation.outgoing.borrow();
        let (progress, persistence) = (outgoing.progress(), outgoing.persistence());
        drop(outgoing);
        if progress == Progress::Sent {
            if refusal != Refusal::PageFault && refusal != Refusal::PageTooSlow {
                self.say(route, Trouble::LateRefusal);
            }
            // The client has to see that what it has got is not all.
            return Err(ConnectionEnd::Fin);
        }
        let is_awaited = self.conversation.incoming.borrow().is_awaited();
        let persistence = match refusal {
            Refusal::BodyTooLong { .. } | Refusal::PageTooSlow | Refusal::PageFault => Persistence::Close,
            _ if is_awaited => Persistence::Close,
            _ => persistence,
        };
        self.answer_for_itself(OwnAnswer::Refusal(refusal, persistence));
        Ok(())
    }

    fn not_sent(&self, route: RouteName, error: NotSent) -> ConnectionEnd {
        if matches!(error, NotSent::NotTaken) {
            let sent = self.conversation.outgoing.borrow().total();
            self.say(route, Trouble::NotTaken { sent });
        }
        ConnectionEnd::Reset
    }

    fn say(&self, route: RouteName, trouble: Trouble) {
        self.shared.troubles.say(route, trouble);
    }
}

/// What comes of polling a handler.
enum Step {
    Done(Result<Done, Refused>),
    Wants(Want),
    /// It waits for something else, and meanwhile what it has answered can be sent.
    HasUnsent,
}

/// Polls a handler until there is something to do.
async fn step(
    mut handling: Pin<&mut impl Future<Output = Result<Done, Refused>>>,
    route: RouteName,
    conversation: &Conversation,
) -> Step {
    poll_fn(|cx| {
        // One that it has given up is no want any more.
        conversation.take_want();
        match running::during(route, || handling.as_mut().poll(cx)) {
            Poll::Ready(done) => Poll::Ready(Step::Done(done)),
            Poll::Pending => match conversation.take_want() {
                Some(want) => Poll::Ready(Step::Wants(want)),
                None if conversation.outgoing.borrow().has_unsent() => Poll::Ready(Step::HasUnsent),
                None => Poll::Pending,
            },
        }
    })
    .await
}
