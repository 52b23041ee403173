//! Handshake messages, which may span several records or share one (RFC 8446, section 4 and 5.1).

use super::{DecodeError, HandshakeType, Reader, TooLong, Width, Writer};

/// A handshake message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandshakeMessage {
    /// What it is.
    pub kind: HandshakeType,
    /// What follows its four-byte header.
    pub body: Vec<u8>,
}

/// A message that is longer than any of a sound handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {kind} of {length} bytes is longer than is read, {MAX_MESSAGE} bytes")]
pub struct MessageTooLong {
    /// What it says it is.
    pub kind: HandshakeType,
    /// Its length field, in bytes.
    pub length: usize,
}

impl HandshakeMessage {
    /// Reads one message with nothing behind it.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are not one whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes, "handshake message");
        let kind = HandshakeType(reader.u8()?);
        let body = reader.vector(Width::U24, "handshake message")?.rest().to_vec();
        reader.end()?;
        Ok(Self { kind, body })
    }

    /// The message with its header.
    ///
    /// # Errors
    /// [`TooLong`] when the body does not fit the length field.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let mut writer = Writer::default();
        writer.u8(self.kind.0);
        writer.vector(Width::U24).raw(&self.body);
        writer.finish()
    }
}

/// Joins what handshake records carry into messages. Keeps at most one unfinished message of bounded size.
#[derive(Debug, Default)]
pub struct Joiner {
    bytes: Vec<u8>,
}

impl Joiner {
    /// Takes the payload of the next handshake record; call [`Joiner::next_message`] until it has no more.
    pub fn push(&mut self, payload: &[u8]) {
        self.bytes.extend_from_slice(payload);
    }

    /// The next whole message; `None` until more records come.
    ///
    /// # Errors
    /// [`MessageTooLong`]; the stream is then of no more use.
    pub fn next_message(&mut self) -> Result<Option<HandshakeMessage>, MessageTooLong> {
        let mut reader = Reader::new(&self.bytes, "handshake header");
        let (Ok(kind), Ok(length)) = (reader.u8(), reader.u24()) else { return Ok(None) };
        let kind = HandshakeType(kind);
        if length > MAX_MESSAGE {
            return Err(MessageTooLong { kind, length });
        }
        let Ok(body) = reader.take(length) else { return Ok(None) };
        let message = HandshakeMessage { kind, body: body.to_vec() };
        self.bytes.drain(..HEADER_SIZE + length);
        Ok(Some(message))
    }

    /// Whether a message has begun and not ended.
    #[must_use]
    pub fn is_amid_message(&self) -> bool {
        !self.bytes.is_empty()
    }
}

const HEADER_SIZE: usize = 4;
/// A certificate chain is the longest message of a handshake; a device's is a few kilobytes.
const MAX_MESSAGE: usize = 1 << 17;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_joined_across_records_and_parted_within_one() {
        let mut joiner = Joiner::default();
        joiner.push(&[14, 0, 0]);
        assert_eq!((joiner.next_message(), joiner.is_amid_message()), (Ok(None), true));
        joiner.push(&[0, 20, 0, 0, 1, 7]);
        assert_eq!(joiner.next_message().unwrap().unwrap().kind, HandshakeType::SERVER_HELLO_DONE);
        let finished = joiner.next_message().unwrap().unwrap();
        assert_eq!((finished.kind, finished.body), (HandshakeType::FINISHED, vec![7]));
        assert_eq!((joiner.next_message(), joiner.is_amid_message()), (Ok(None), false));
    }

    #[test]
    fn a_message_of_16_megabytes_is_refused_before_it_is_kept() {
        let mut joiner = Joiner::default();
        joiner.push(&[11, 0xff, 0xff, 0xff]);
        let error = joiner.next_message().unwrap_err();
        assert_eq!(error.to_string(), "a Certificate of 16777215 bytes is longer than is read, 131072 bytes");
    }
}
