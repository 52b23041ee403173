//! What is odd about the header of an HTTP answer: not as RFC 9112 asks, and read all the same by common clients.

use serde::{Serialize, Serializer};

/// Something odd about a header. Prints as part of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Oddity {
    /// RFC 9112, section 4.
    #[error("a status line that is not as RFC 9112 asks")]
    StatusLine,
    /// RFC 9112, section 5.2.
    #[error("a folded line (deprecated by RFC 9112, section 5.2)")]
    FoldedLine,
    /// RFC 9110, section 5.5.
    #[error("a control byte in a value")]
    ControlByte,
    /// RFC 9112, section 5.1.
    #[error("a space before a colon")]
    SpaceBeforeColon,
    /// RFC 9110, section 5.1.
    #[error("a field whose name is empty or has characters that no name may have")]
    Name,
    /// RFC 9112, section 5.
    #[error("a line without a colon")]
    NoColon,
    /// RFC 9112, section 6.3.
    #[error("Content-Length more than once, with the same value")]
    RepeatedLength,
    /// RFC 9112, section 6.3, rule 3.
    #[error("Content-Length beside Transfer-Encoding, where it is ignored")]
    IgnoredLength,
    /// RFC 9112, section 6.3: of no consequence where the answer has no body.
    #[error("a Content-Length that is not a number, where there is no body")]
    UselessLength,
}

impl Oddity {
    /// All of them, in the order in which they are reported.
    pub const ALL: [Self; 9] = [
        Self::StatusLine,
        Self::FoldedLine,
        Self::ControlByte,
        Self::SpaceBeforeColon,
        Self::Name,
        Self::NoColon,
        Self::RepeatedLength,
        Self::IgnoredLength,
        Self::UselessLength,
    ];
}

/// The oddities of one header: each is there or not. Serialises as a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Oddities(u16);

impl Oddities {
    /// Notes one.
    pub(super) fn note(&mut self, oddity: Oddity) {
        self.0 |= 1 << oddity as u16;
    }

    /// Notes one where `condition` holds.
    pub(super) fn note_if(&mut self, condition: bool, oddity: Oddity) {
        if condition {
            self.note(oddity);
        }
    }

    /// Those that are there.
    pub fn iter(self) -> impl Iterator<Item = Oddity> {
        Oddity::ALL.into_iter().filter(move |&oddity| self.0 & (1 << oddity as u16) != 0)
    }
}

impl Serialize for Oddities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
