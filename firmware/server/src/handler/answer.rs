//! An answer, as a handler gives it.

use core::fmt::Display;

use super::conversation::Conversation;
use super::outgoing::Extent;
use super::refused::Refused;
use super::sending::{self, Sending, SendingAll, Text};
use super::status::Status;

/// The head of an answer. Its status line and header fields have to fit 512 bytes together: if they do not, the client gets 500, and
/// the serial port tells which route it was.
#[must_use = "a handler has to send its answer"]
pub struct Answer<'a> {
    conversation: &'a Conversation,
}

/// The proof that a handler has answered.
#[derive(Debug)]
pub struct Done(pub(super) ());

impl<'a> Answer<'a> {
    pub(crate) fn new(conversation: &'a Conversation, status: Status) -> Self {
        conversation.outgoing.borrow_mut().status(status);
        Self { conversation }
    }

    /// Adds a header field. Content-Length, Transfer-Encoding and Connection are the server's. A name or a value that can't be one,
    /// such as one with a line end, makes the answer 500.
    pub fn field(self, name: &str, value: impl Display) -> Self {
        self.conversation.outgoing.borrow_mut().field(name, &value);
        self
    }

    /// Adds the fields about a body of this media type.
    pub fn media(self, media_type: &str) -> Self {
        // A browser must not take text for a page, whatever is in it (WHATWG Fetch section 3.6).
        self.field("Content-Type", media_type).field("X-Content-Type-Options", "nosniff")
    }

    /// Sends a page.
    ///
    /// # Errors
    /// The answer has a flaw.
    pub fn html<'b>(self, page: &'b str) -> SendingAll<'a, &'b [u8]> {
        self.media("text/html; charset=utf-8").bytes(page.as_bytes())
    }

    /// Sends text.
    ///
    /// # Errors
    /// The answer has a flaw.
    pub fn text<T: Display>(self, text: T) -> SendingAll<'a, Text<T>> {
        self.media("text/plain; charset=utf-8").display(text)
    }

    /// Sends JSON, which no cache keeps.
    ///
    /// # Errors
    /// The answer has a flaw.
    pub fn json<T: Display>(self, json: T) -> SendingAll<'a, Text<T>> {
        self.media("application/json").field("Cache-Control", "no-store").display(json)
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// The answer has a flaw.
    pub fn bytes<'b>(self, bytes: &'b [u8]) -> SendingAll<'a, &'b [u8]> {
        Sending::new(self.begin(Extent::Length(bytes.len() as u64)).conversation, bytes).and_end()
    }

    /// Sends what `text` writes, of any length. It is written several times, and has to be the same each time.
    ///
    /// # Errors
    /// The answer has a flaw: for example, `text` was longer the second time.
    pub fn display<T: Display>(self, text: T) -> SendingAll<'a, Text<T>> {
        let length = sending::length(&text);
        Sending::new(self.begin(Extent::Length(length)).conversation, Text(text)).and_end()
    }

    /// Sends all of a source, which has `length` bytes.
    pub(crate) fn source<S: sending::Source>(self, length: u64, source: S) -> SendingAll<'a, S> {
        Sending::new(self.begin(Extent::Length(length)).conversation, source).and_end()
    }

    /// Sends no body.
    ///
    /// # Errors
    /// The answer has a flaw.
    pub fn empty(self) -> Result<Done, Refused> {
        self.begin(Extent::Length(0)).end()
    }

    /// Announces a body of `length` bytes, which is then sent in pieces.
    pub fn sized(self, length: u64) -> Body<'a> {
        self.begin(Extent::Length(length))
    }

    /// Starts a body of unknown length, which is sent in pieces: in chunks, or to a client of HTTP/1.0 until the end of the
    /// connection.
    pub fn stream(self) -> Body<'a> {
        self.begin(Extent::Open)
    }

    fn begin(self, extent: Extent) -> Body<'a> {
        self.conversation.outgoing.borrow_mut().end_head(extent);
        Body { conversation: self.conversation }
    }
}

/// The body of an answer. Pieces of any size are gathered in the buffer of the session, which is sent when it is full, when the
/// handler waits for something else, and at the end.
#[must_use = "a body has to be ended"]
pub struct Body<'a> {
    conversation: &'a Conversation,
}

impl Body<'_> {
    /// Adds a piece, and waits until there is room for it.
    ///
    /// # Errors
    /// The head of the answer has a flaw, or the body is longer than was announced. What is beyond is not sent, and the connection is
    /// closed.
    pub fn write<'b>(&'b mut self, piece: &'b [u8]) -> Sending<'b, &'b [u8]> {
        Sending::new(self.conversation, piece)
    }

    /// Adds what `text` writes, of any length. It is written once for each time that the buffer is full, and has to be the same each
    /// time.
    ///
    /// # Errors
    /// Those of [`Body::write`].
    pub fn display<T: Display>(&mut self, text: T) -> Sending<'_, Text<T>> {
        Sending::new(self.conversation, Text(text))
    }

    /// Ends the body.
    ///
    /// # Errors
    /// Those of [`Body::write`], or the body is shorter than was announced.
    pub fn end(self) -> Result<Done, Refused> {
        sending::end(self.conversation)
    }
}
