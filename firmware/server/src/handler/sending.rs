//! Writing into the buffer of an answer, and waiting while it is full. These futures are written by hand: each connection has room
//! for one, and a compiler's would be ten times as large.

use core::fmt::{self, Display, Write};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::Done;
use super::conversation::{Conversation, Want};
use super::outgoing::{Flaw, Outgoing};
use super::refused::Refused;

/// Adds all of a source to the body.
#[must_use = "nothing is sent until it is awaited"]
pub struct Sending<'a, S> {
    conversation: &'a Conversation,
    source: S,
    /// Bytes of the source that the buffer has taken.
    written: usize,
}

/// Adds all of a source to the body, and ends the body.
#[must_use = "nothing is sent until it is awaited"]
pub struct SendingAll<'a, S>(Sending<'a, S>);

impl<'a, S: Source> Sending<'a, S> {
    pub(super) fn new(conversation: &'a Conversation, source: S) -> Self {
        Self { conversation, source, written: 0 }
    }

    pub(super) fn and_end(self) -> SendingAll<'a, S> {
        SendingAll(self)
    }

    fn poll_sent(&mut self) -> Poll<Result<(), Refused>> {
        let mut outgoing = self.conversation.outgoing.borrow_mut();
        match self.source.add(&mut outgoing, &mut self.written) {
            Ok(Added::All) => Poll::Ready(Ok(())),
            Ok(Added::Part) => {
                self.conversation.wants(Want::Room);
                Poll::Pending
            }
            Err(flaw) => Poll::Ready(Err(flaw.into())),
        }
    }
}

// Nothing in it is pinned.
impl<S> Unpin for Sending<'_, S> {}

impl<S: Source> Future for Sending<'_, S> {
    type Output = Result<(), Refused>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_sent()
    }
}

impl<S: Source> Future for SendingAll<'_, S> {
    type Output = Result<Done, Refused>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.poll_sent() {
            Poll::Ready(Ok(())) => Poll::Ready(end(self.0.conversation)),
            Poll::Ready(Err(refused)) => Poll::Ready(Err(refused)),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Ends the body.
pub(super) fn end(conversation: &Conversation) -> Result<Done, Refused> {
    conversation.outgoing.borrow_mut().end_body()?;
    Ok(Done(()))
}

/// What is sent.
pub trait Source {
    /// Adds as much as there is room for behind the first `written` bytes, and counts it there.
    #[doc(hidden)]
    fn add(&self, outgoing: &mut Outgoing, written: &mut usize) -> Result<Added, Flaw>;
}

/// How much of a source has been added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    All,
    Part,
}

impl Source for &[u8] {
    fn add(&self, outgoing: &mut Outgoing, written: &mut usize) -> Result<Added, Flaw> {
        let left = self.get(*written..).unwrap_or_default();
        let taken = outgoing.push(left)?;
        *written += taken;
        Ok(if taken == left.len() { Added::All } else { Added::Part })
    }
}

/// What a value's `Display` writes.
pub struct Text<T>(pub(super) T);

impl<T: Display> Source for Text<T> {
    fn add(&self, outgoing: &mut Outgoing, written: &mut usize) -> Result<Added, Flaw> {
        let mut window = Window { outgoing, skip: *written, taken: 0, stopped: Ok(Added::All) };
        // It fails where the window says why.
        let _ = write!(window, "{}", self.0);
        *written += window.taken;
        window.stopped
    }
}

/// Takes from a text what is behind its first `skip` bytes and has room in the buffer.
struct Window<'w> {
    outgoing: &'w mut Outgoing,
    skip: usize,
    taken: usize,
    stopped: Result<Added, Flaw>,
}

impl Write for Window<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let skipped = self.skip.min(text.len());
        self.skip -= skipped;
        let bytes = text.as_bytes().get(skipped..).unwrap_or_default();
        match self.outgoing.push(bytes) {
            Ok(taken) => {
                self.taken += taken;
                if taken == bytes.len() {
                    return Ok(());
                }
                self.stopped = Ok(Added::Part);
            }
            Err(flaw) => self.stopped = Err(flaw),
        }
        Err(fmt::Error)
    }
}

/// The length in bytes of what a value's `Display` writes.
pub(super) fn length(text: impl Display) -> u64 {
    struct Length(u64);
    impl Write for Length {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.len() as u64;
            Ok(())
        }
    }
    let mut length = Length(0);
    // Counting can't fail, and an error of the text's own is one the next time, too.
    let _ = write!(length, "{text}");
    length.0
}
