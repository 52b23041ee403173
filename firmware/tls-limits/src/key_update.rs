//! What a KeyUpdate of TLS 1.3 asks for (RFC 8446 section 4.6.3).

/// Whether the sender wants the receiver's keys to change as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateRequest {
    /// Only its own keys change.
    NotRequested,
    /// The receiver is to answer with a KeyUpdate of its own.
    Requested,
}

/// Why a handshake message is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// It is no KeyUpdate, or not as long as one.
    OtherMessage,
    /// Its request has no meaning, for which there is an alert of its own.
    UnknownRequest,
}

impl UpdateRequest {
    /// Reads a handshake message, its header of four bytes included.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn parse(message: &[u8]) -> Result<Self, NotTaken> {
        match message {
            [KEY_UPDATE, 0, 0, 1, 0] => Ok(Self::NotRequested),
            [KEY_UPDATE, 0, 0, 1, 1] => Ok(Self::Requested),
            [KEY_UPDATE, 0, 0, 1, _] => Err(NotTaken::UnknownRequest),
            _ => Err(NotTaken::OtherMessage),
        }
    }
}

/// The answer: a KeyUpdate that requests nothing.
pub const ANSWER: [u8; 5] = [KEY_UPDATE, 0, 0, 1, 0];

/// The message's type (RFC 8446 section 4).
const KEY_UPDATE: u8 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_requests_are_read_and_nothing_else() {
        assert_eq!(UpdateRequest::parse(&ANSWER), Ok(UpdateRequest::NotRequested));
        assert_eq!(UpdateRequest::parse(&[24, 0, 0, 1, 1]), Ok(UpdateRequest::Requested));
        let requested = [24, 0, 0, 1, 1];
        for end in 0..requested.len() {
            assert_eq!(UpdateRequest::parse(&requested[..end]), Err(NotTaken::OtherMessage), "{end}");
        }
        for other in [&[24, 0, 0, 2, 1, 1][..], &[4, 0, 0, 1, 1], &[24, 0, 0, 1, 1, 0]] {
            assert_eq!(UpdateRequest::parse(other), Err(NotTaken::OtherMessage), "{other:?}");
        }
        assert_eq!(UpdateRequest::parse(&[24, 0, 0, 1, 2]), Err(NotTaken::UnknownRequest));
    }
}
