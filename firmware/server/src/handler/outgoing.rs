//! An answer on its way: rendered into a buffer of fixed size, which is sent whenever it is full, and at the end.

use core::fmt::{self, Display, Write};

use super::status::Status;
use crate::budget::ANSWER_BYTES;
use crate::http::{Persistence, Version};

/// What the request and the state of the connection say about the way an answer goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) version: Version,
    pub(crate) persistence: Persistence,
    pub(crate) part: BodyPart,
}

/// Whether the body goes out, or only its length (RFC 9110 section 9.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyPart {
    Send,
    Omit,
}

/// How the body of an answer is delimited (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// By its length in bytes.
    Length(u64),
    /// By chunks, or by the end of the connection for a client of HTTP/1.0.
    Open,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The status line and the header fields do not fit the buffer.
    HeadTooLong,
    /// A name or a value can't be a header field's (RFC 9110 section 5.5).
    Field,
    /// The body is longer than was announced, in bytes.
    Longer { announced: u64 },
    /// The body is shorter than was announced.
    Shorter { announced: u64, missing: u64 },
    /// The body can't be read from where it is.
    Source,
}

/// The buffer, and how far the answer in it has got.
pub struct Outgoing {
    bytes: [u8; ANSWER_BYTES],
    /// Bytes in the buffer that have been sent, and that are there.
    start: usize,
    length: usize,
    /// Bytes of this answer that have been sent.
    total: u64,
    delivery: Delivery,
    status: Status,
    framing: Framing,
    progress: Progress,
    flaw: Option<Flaw>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length {
        announced: u64,
        left: u64,
    },
    /// Where in the buffer the line with the size of the chunk is, which is not known yet.
    Chunked {
        open: Option<usize>,
    },
    UntilClose,
    /// Nothing but the head goes out.
    Omitted,
}

/// How far an answer has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// There is none, or its head is being written.
    Head,
    /// Its head is complete, and all that there is of it is in the buffer.
    Buffered,
    /// The client may have some of it.
    Sent,
}

impl Outgoing {
    pub(crate) const fn new() -> Self {
        let (version, persistence) = (Version::Http11, Persistence::Close);
        Self {
            bytes: [0; ANSWER_BYTES],
            start: 0,
            length: 0,
            total: 0,
            delivery: Delivery { version, persistence, part: BodyPart::Send },
            status: Status::OK,
            framing: Framing::UntilClose,
            progress: Progress::Head,
            flaw: None,
        }
    }

    /// Forgets what there is, for another answer.
    pub(crate) fn prepare(&mut self, delivery: Delivery) {
        (self.start, self.length, self.total) = (0, 0, 0);
        (self.delivery, self.framing) = (delivery, Framing::UntilClose);
        (self.progress, self.flaw) = (Progress::Head, None);
    }

    /// Closes the connection after the answer.
    pub(crate) fn close_after(&mut self) {
        self.delivery.persistence = Persistence::Close;
    }

    pub(crate) fn persistence(&self) -> Persistence {
        self.delivery.persistence
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// Starts the head with its first line.
    pub(crate) fn status(&mut self, status: Status) {
        self.length = 0;
        self.status = status;
        self.head(format_args!("HTTP/1.1 {} {}\r\n", status.code(), status.reason()));
    }

    /// Adds a header field.
    pub(crate) fn field(&mut self, name: &str, value: &dyn Display) {
        let is_name = !name.is_empty() && name.bytes().all(crate::http::is_token);
        let start = self.length + name.len() + 2;
        self.head(format_args!("{name}: {value}"));
        let value = self.bytes.get(start..self.length).unwrap_or_default();
        let is_value = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~' | 0x80..));
        if !(is_name && is_value) {
            self.flaw = self.flaw.or(Some(Flaw::Field));
        }
        self.head(format_args!("\r\n"));
    }

    /// Ends the head. If something is wrong with it, nothing of it is sent, and the body says what.
    pub(crate) fn end_head(&mut self, extent: Extent) {
        self.framing = match extent {
            _ if self.status.has_no_body() => Framing::Omitted,
            Extent::Length(announced) => {
                self.field("Content-Length", &announced);
                Framing::Length { announced, left: announced }
            }
            Extent::Open if self.delivery.version == Version::Http11 => {
                self.field("Transfer-Encoding", &"chunked");
                Framing::Chunked { open: None }
            }
            Extent::Open => {
                self.delivery.persistence = Persistence::Close;
                Framing::UntilClose
            }
        };
        match (self.delivery.persistence, self.delivery.version) {
            (Persistence::Close, _) => self.field("Connection", &"close"),
            (Persistence::KeepAlive, Version::Http10) => self.field("Connection", &"keep-alive"),
            (Persistence::KeepAlive, Version::Http11) => {}
        }
        self.head(format_args!("\r\n"));
        if matches!(self.framing, Framing::Chunked { .. })
            && self.length + CHUNK_LINE + CHUNK_END >= self.bytes.len()
        {
            self.flaw = self.flaw.or(Some(Flaw::HeadTooLong));
        }
        if self.delivery.part == BodyPart::Omit {
            self.framing = Framing::Omitted;
        }
        if self.flaw.is_none() {
            self.progress = Progress::Buffered;
        }
    }

    /// Adds to the body as much of `bytes` as there is room for, and gives how much. What goes out as no body is taken whole.
    ///
    /// # Errors
    /// Something was wrong before, or it is more than was announced: nothing is taken.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<usize, Flaw> {
        if let Some(flaw) = self.flaw {
            return Err(flaw);
        }
        match &mut self.framing {
            _ if bytes.is_empty() => return Ok(0),
            Framing::Omitted => return Ok(bytes.len()),
            Framing::Length { announced, left } if bytes.len() as u64 > *left => {
                let flaw = Flaw::Longer { announced: *announced };
                self.flaw = self.flaw.or(Some(flaw));
                return Err(flaw);
            }
            Framing::Chunked { open } if open.is_none() => {
                if self.length + CHUNK_LINE + CHUNK_END >= self.bytes.len() {
                    return Ok(0);
                }
                *open = Some(self.length);
                self.length += CHUNK_LINE;
            }
            _ => {}
        }
        let reserve = if matches!(self.framing, Framing::Chunked { .. }) { CHUNK_END } else { 0 };
        let room = (self.bytes.len() - reserve).saturating_sub(self.length);
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.append(taken);
        if let Framing::Length { left, .. } = &mut self.framing {
            *left -= taken.len() as u64;
        }
        Ok(taken.len())
    }

    /// Ends the body.
    ///
    /// # Errors
    /// It is shorter than was announced, or something was wrong before.
    pub(crate) fn end_body(&mut self) -> Result<(), Flaw> {
        match self.framing {
            _ if self.flaw.is_some() => self.flaw.map_or(Ok(()), Err),
            Framing::Length { announced, left: missing @ 1.. } => {
                let flaw = Flaw::Shorter { announced, missing };
                self.flaw = self.flaw.or(Some(flaw));
                Err(flaw)
            }
            _ => Ok(()),
        }
    }

    /// Whether something is in the buffer that could be sent.
    pub(crate) fn has_unsent(&self) -> bool {
        self.length > 0 && self.progress > Progress::Head
    }

    /// Makes what is in the buffer ready to be sent.
    pub(crate) fn seal(&mut self, last: Last) {
        self.progress = Progress::Sent;
        if let Framing::Chunked { open } = &mut self.framing {
            if let Some(at) = open.take() {
                let size = self.length.saturating_sub(at + CHUNK_LINE);
                let mut line = Line { bytes: &mut self.bytes, length: at };
                // It has three digits, whatever the size.
                let _ = write!(line, "{size:03x}\r\n");
                self.append(b"\r\n");
            }
            if last == Last::Yes {
                self.append(LAST_CHUNK);
            }
        }
    }

    /// What is left to be sent.
    pub(crate) fn sealed(&self) -> &[u8] {
        self.bytes.get(self.start..self.length).unwrap_or_default()
    }

    /// So many bytes have been sent.
    pub(crate) fn sent(&mut self, count: usize) {
        self.start += count;
        self.total += count as u64;
        if self.start >= self.length {
            (self.start, self.length) = (0, 0);
        }
    }

    /// How many bytes of the answer have been sent.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    fn head(&mut self, text: fmt::Arguments<'_>) {
        let mut line = Line { bytes: &mut self.bytes, length: self.length };
        if line.write_fmt(text).is_err() {
            self.flaw = self.flaw.or(Some(Flaw::HeadTooLong));
        }
        self.length = line.length;
    }

    fn append(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(slots) = self.bytes.get_mut(self.length..end) {
            slots.copy_from_slice(bytes);
            self.length = end;
        }
    }
}

/// Whether the answer ends with what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    Yes,
    No,
}

/// Writes text into the buffer.
struct Line<'o> {
    bytes: &'o mut [u8; ANSWER_BYTES],
    length: usize,
}

impl Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// The size of a chunk in three hexadecimal digits, and the line end behind it (RFC 9112 section 7.1).
const CHUNK_LINE: usize = 5;

/// The line end behind the data of a chunk, and the last chunk.
const CHUNK_END: usize = 2 + LAST_CHUNK.len();

const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

const _: () = assert!(ANSWER_BYTES < 0x1000, "the size of a chunk has three digits");

#[cfg(test)]
mod tests;
