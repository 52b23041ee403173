//! The chunked transfer coding (RFC 9112 section 7.1), decoded in place.

use super::Refusal;

/// Decodes a chunked body that arrives in any pieces.
pub(crate) struct ChunkedReader {
    state: State,
    /// Data bytes left in the chunk.
    left: u64,
    /// Bytes of the chunk-size line or of the trailer section so far.
    line: usize,
    /// Bytes of body that may still be in the buffer.
    max_body: usize,
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Size { digits: u8 },
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    LastLf,
    Done,
}

/// How far the decoder has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Bytes of coding taken.
    pub(crate) taken: usize,
    /// Bytes of body among them.
    pub(crate) body: usize,
    pub(crate) end: BodyEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    Reached,
    Ahead,
}

impl ChunkedReader {
    pub(crate) fn new(max_body: usize) -> Self {
        Self { state: State::Size { digits: 0 }, left: 0, line: 0, max_body, limit: max_body }
    }

    /// Forgets `count` bytes of body that were decoded.
    pub(crate) fn consumed(&mut self, count: usize) {
        self.max_body = self.max_body.saturating_sub(count);
    }

    /// Takes `bytes[body..]`, which follow `body` bytes already decoded, and moves the data among them up. All are
    /// taken unless the body ends before.
    pub(crate) fn advance(&mut self, bytes: &mut [u8], body: usize) -> Result<Progress, Refusal> {
        let mut progress = Progress { taken: body, body, end: BodyEnd::Ahead };
        while self.state != State::Done
            && let Some(&byte) = bytes.get(progress.taken)
        {
            progress.taken += 1;
            if self.state == State::Data
                && let Some(slot) = bytes.get_mut(progress.body)
            {
                *slot = byte;
                progress.body += 1;
            }
            self.state = self.next(byte, progress.body)?;
        }
        if self.state == State::Done {
            progress.end = BodyEnd::Reached;
        }
        Ok(progress)
    }

    fn next(&mut self, byte: u8, body: usize) -> Result<State, Refusal> {
        self.line += 1;
        if self.line > MAX_LINE {
            return Err(Refusal::Malformed("a chunk's size line or the trailer is too long"));
        }
        match (self.state, byte) {
            (State::Size { digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                self.left = self.left << 4 | u64::from(hex(byte));
                if digits == MAX_DIGITS { Err(BAD_CHUNK) } else { Ok(State::Size { digits: digits + 1 }) }
            }
            (State::Size { digits: 1.. } | State::Extension, b'\r') => Ok(State::SizeLf),
            (State::Size { digits: 1.. }, b';' | b' ' | b'\t') => Ok(State::Extension),
            (State::Extension, b' '..=b'~' | b'\t') => Ok(State::Extension),
            (State::SizeLf, b'\n') => self.start_data(body),
            (State::Data, _) => {
                self.left -= 1;
                self.line = 0;
                Ok(if self.left == 0 { State::DataCr } else { State::Data })
            }
            (State::DataCr, b'\r') => Ok(State::DataLf),
            (State::DataLf, b'\n') => {
                self.line = 0;
                Ok(State::Size { digits: 0 })
            }
            (State::TrailerStart, b'\r') => Ok(State::LastLf),
            (State::Trailer, b'\r') => Ok(State::TrailerLf),
            (State::TrailerStart | State::Trailer, b' '..=b'~' | b'\t' | 0x80..) => Ok(State::Trailer),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            (State::LastLf, b'\n') => Ok(State::Done),
            _ => Err(BAD_CHUNK),
        }
    }

    fn start_data(&mut self, body: usize) -> Result<State, Refusal> {
        self.line = 0;
        let room = self.max_body.saturating_sub(body);
        match self.left {
            0 => Ok(State::TrailerStart),
            left if left > room as u64 => Err(Refusal::BodyTooLong { limit: self.limit }),
            _ => Ok(State::Data),
        }
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// Fifteen hexadecimal digits fit 64 bits with room to spare.
const MAX_DIGITS: u8 = 15;

/// A chunk-size line with its extensions, and the whole trailer section, neither of which this server uses.
const MAX_LINE: usize = 256;

const BAD_CHUNK: Refusal = Refusal::Malformed("the chunked coding is broken");
