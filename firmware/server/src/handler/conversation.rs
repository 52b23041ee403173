//! What a handler and the loop that does its input and output share: the handler says what it waits for, and is polled again when it
//! is there. So a handler knows no TLS library, and one loop has all limits.

use core::cell::{Cell, RefCell};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use embedded_io_async::{Read, Write};

use super::incoming::Incoming;
use super::outgoing::{Last, Outgoing};

/// The buffers of one session.
pub(crate) struct Conversation {
    pub(crate) incoming: RefCell<Incoming>,
    pub(crate) outgoing: RefCell<Outgoing>,
    wants: Cell<Option<Want>>,
}

/// What a handler waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// More of the request's body.
    Body,
    /// Room in the buffer of the answer.
    Room,
}

impl Conversation {
    pub(crate) const fn new() -> Self {
        Self {
            incoming: RefCell::new(Incoming::new()),
            outgoing: RefCell::new(Outgoing::new()),
            wants: Cell::new(None),
        }
    }

    /// The handler waits for that, and is polled again when it is there.
    pub(crate) fn wants(&self, want: Want) {
        self.wants.set(Some(want));
    }

    /// Waits until more of the body is there.
    pub(crate) fn more_body(&self) -> MoreBody<'_> {
        MoreBody { conversation: self, asked: false }
    }

    /// Receives more bytes. Gives their number: 0 is the end of the stream.
    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "the handler, which alone uses it, too, is not polled meanwhile"
    )]
    pub(crate) async fn fill<R: Read>(&self, from: &mut R) -> Result<usize, R::Error> {
        self.incoming.borrow_mut().received.fill(from).await
    }

    /// Sends what is in the buffer of the answer.
    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "the handler, which alone uses it, too, is not polled meanwhile"
    )]
    pub(crate) async fn send<W: Write>(&self, to: &mut W, last: Last) -> Result<(), W::Error> {
        let mut outgoing = self.outgoing.borrow_mut();
        outgoing.seal(last);
        loop {
            let unsent = outgoing.sealed();
            if unsent.is_empty() {
                break;
            }
            let count = to.write(unsent).await?;
            outgoing.sent(count);
        }
        to.flush().await
    }

    /// What the handler waits for, if it is that.
    pub(crate) fn take_want(&self) -> Option<Want> {
        self.wants.take()
    }
}

/// A wait for more of the body.
pub(crate) struct MoreBody<'a> {
    conversation: &'a Conversation,
    asked: bool,
}

impl Future for MoreBody<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if core::mem::replace(&mut self.asked, true) {
            return Poll::Ready(());
        }
        self.conversation.wants(Want::Body);
        Poll::Pending
    }
}
