//! One request as its handler sees it: what is kept of its head, and the body as it comes. Both are in the receive buffer of the
//! session, what is kept in front.

use super::kept::Kept;
use crate::http::{BodyEnd, ChunkedReader, Framing, Head, ReceiveBuffer, Refusal};
use crate::routing::pattern::Parameters;

/// The receive buffer of a session, and the request in it.
pub(crate) struct Incoming {
    pub(crate) received: ReceiveBuffer,
    pub(crate) kept: Kept,
    body: Body,
}

/// The body of the request, decoded as far as it is in the buffer.
struct Body {
    coding: Coding,
    /// Bytes of body in the buffer, behind what is kept.
    ready: usize,
    /// Whether the handler has seen those.
    seen: bool,
    /// Whether the client waits for a word before it sends the body.
    awaited: bool,
    /// What is wrong with what has come of it. It counts when somebody reads on, so that a request is answered alike however many
    /// pieces it comes in.
    fault: Option<Refusal>,
}

enum Coding {
    /// Bytes that are not among the ready ones.
    Length(u64),
    Chunked(ChunkedReader),
    Ended,
}

impl Incoming {
    pub(crate) const fn new() -> Self {
        Self { received: ReceiveBuffer::new(), kept: Kept::NOTHING, body: Body::NONE }
    }

    /// Forgets everything, for another connection.
    pub(crate) fn clear(&mut self) {
        self.received.clear();
        (self.kept, self.body) = (Kept::NOTHING, Body::NONE);
    }

    /// Keeps what a handler may ask for of the head: path, query, and these fields.
    pub(crate) fn keep(&mut self, head: &Head, parameters: Parameters, fields: &[&str]) {
        self.kept = Kept::compact(self.received.unread_mut(), head, parameters, fields);
        self.received.cut(self.kept.length(), head.length());
    }

    /// Forgets the head.
    pub(crate) fn drop_head(&mut self, head: &Head) {
        self.kept = Kept::NOTHING;
        self.received.consume(head.length());
    }

    /// The body comes behind the head: at most `limit` bytes. Refused is what the head alone says to be too long.
    pub(crate) fn start_body(
        &mut self,
        framing: Framing,
        limit: usize,
        awaited: bool,
    ) -> Result<(), Refusal> {
        let coding = match framing {
            Framing::Length(length) if length > limit as u64 => return Err(Refusal::BodyTooLong { limit }),
            Framing::Length(length) => Coding::Length(length),
            Framing::Chunked => Coding::Chunked(ChunkedReader::new(limit)),
        };
        self.body = Body { coding, ready: 0, seen: false, awaited, fault: None };
        self.body.fault = self.advance().err();
        Ok(())
    }

    /// What is wrong with what has come of the body.
    pub(crate) fn fault(&self) -> Option<Refusal> {
        self.body.fault
    }

    /// Decodes what has come.
    pub(crate) fn decode(&mut self) -> Result<(), Refusal> {
        self.body.fault = self.body.fault.or(self.advance().err());
        self.body.fault.map_or(Ok(()), Err)
    }

    fn advance(&mut self) -> Result<(), Refusal> {
        let kept = self.kept.length();
        let behind = self.received.unread_mut().get_mut(kept..).unwrap_or_default();
        match &mut self.body.coding {
            Coding::Ended => {}
            Coding::Length(left) => {
                let more = usize::try_from(*left).unwrap_or(usize::MAX).min(behind.len() - self.body.ready);
                self.body.ready += more;
                *left -= more as u64;
                if *left == 0 {
                    self.body.coding = Coding::Ended;
                }
            }
            Coding::Chunked(reader) => {
                self.body.awaited &= behind.is_empty();
                let progress = reader.advance(behind, self.body.ready)?;
                self.received.cut(kept + progress.body, kept + progress.taken);
                self.body.ready = progress.body;
                if progress.end == BodyEnd::Reached {
                    self.body.coding = Coding::Ended;
                }
            }
        }
        self.body.awaited &= self.body.ready == 0 && !self.is_whole();
        Ok(())
    }

    /// What is kept of the head.
    pub(crate) fn kept_bytes(&self) -> &[u8] {
        self.received.unread().get(..self.kept.length()).unwrap_or_default()
    }

    /// The body as far as it is in the buffer.
    pub(crate) fn ready(&self) -> &[u8] {
        let kept = self.kept.length();
        self.received.unread().get(kept..kept + self.body.ready).unwrap_or_default()
    }

    /// Forgets the body that is in the buffer. Gives its length.
    pub(crate) fn consume_ready(&mut self) -> usize {
        let (kept, ready) = (self.kept.length(), self.body.ready);
        self.received.cut(kept, kept + ready);
        if let Coding::Chunked(reader) = &mut self.body.coding {
            reader.consumed(ready);
        }
        (self.body.ready, self.body.seen) = (0, false);
        ready
    }

    /// Forgets the piece of body that the handler has seen, and tells whether the next one is there, which counts as seen then.
    pub(crate) fn next_piece(&mut self) -> bool {
        if self.body.seen {
            self.consume_ready();
        }
        self.body.seen = self.body.ready > 0;
        self.body.seen
    }

    /// Whether no more of the body comes than is in the buffer.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.body.coding, Coding::Ended)
    }

    /// Whether the client waits for a word before it sends the body.
    pub(crate) fn is_awaited(&self) -> bool {
        self.body.awaited
    }

    /// The client has been told to send it.
    pub(crate) fn told(&mut self) {
        self.body.awaited = false;
    }

    /// Whether the handler has seen all of the body.
    pub(crate) fn is_read(&self) -> bool {
        self.is_whole() && (self.body.ready == 0 || self.body.seen)
    }

    /// How many bytes of the body are known not to have been used.
    pub(crate) fn unused(&self) -> u64 {
        let ready = if self.body.seen { 0 } else { self.body.ready as u64 };
        match self.body.coding {
            Coding::Length(left) => left + ready,
            Coding::Chunked(_) | Coding::Ended => ready,
        }
    }

    /// Forgets the request, which is whole, and keeps what follows it.
    pub(crate) fn end(&mut self) {
        self.consume_ready();
        self.received.consume(self.kept.length());
        self.kept = Kept::NOTHING;
    }
}

impl Body {
    const NONE: Self = Self { coding: Coding::Ended, ready: 0, seen: false, awaited: false, fault: None };
}
