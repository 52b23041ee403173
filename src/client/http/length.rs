//! How the end of a body is known (RFC 9112, section 6.3).

use super::head::Field;
use crate::client::{
    answer::{AnswerFault, Framing},
    oddity::{Oddities, Oddity},
};

/// What the header has said of the body's length so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lengths {
    declared: Option<Result<u64, AnswerFault>>,
    coding: Coding,
}

/// What `Transfer-Encoding` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Coding {
    /// There is none.
    #[default]
    None,
    /// The last coding is `chunked`.
    Chunked,
    /// It is another: only the end of the connection ends the body.
    Other,
}

impl Lengths {
    /// Takes a `Content-Length`.
    pub(super) fn content_length(&mut self, field: Field<'_>, oddities: &mut Oddities) {
        self.declared = Some(match (self.declared, decimal(field.value)) {
            (None, length) => length,
            (Some(Ok(before)), Ok(length)) if before == length => {
                oddities.note(Oddity::RepeatedLength);
                Ok(length)
            }
            (Some(Ok(_)), Ok(_)) => Err(AnswerFault::LengthsDiffer),
            (Some(Err(fault)), _) | (Some(Ok(_)), Err(fault)) => Err(fault),
        });
    }

    /// Takes a `Transfer-Encoding`; the last coding of the last one counts.
    pub(super) fn transfer_encoding(&mut self, field: Field<'_>) {
        let last = field.elements().filter(|element| !element.is_empty()).last();
        self.coding = match last {
            Some(last) if last.eq_ignore_ascii_case(b"chunked") => Coding::Chunked,
            _ => Coding::Other,
        };
    }

    /// How the body ends, and its length where that is declared; 0 otherwise.
    pub(super) fn framing(
        self,
        has_body: HasBody,
        oddities: &mut Oddities,
    ) -> Result<(Framing, u64), AnswerFault> {
        if has_body == HasBody::No {
            oddities.note_if(matches!(self.declared, Some(Err(_))), Oddity::UselessLength);
            return Ok((Framing::NoBody, 0));
        }
        oddities.note_if(self.declared.is_some() && self.coding != Coding::None, Oddity::IgnoredLength);
        match (self.coding, self.declared) {
            (Coding::Chunked, _) => Ok((Framing::Chunked, 0)),
            (Coding::Other, _) | (Coding::None, None) => Ok((Framing::Connection, 0)),
            (Coding::None, Some(declared)) => declared.map(|length| (Framing::Length, length)),
        }
    }
}

/// Whether an answer has a body, whatever its header says of its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HasBody {
    Yes,
    No,
}

fn decimal(value: &[u8]) -> Result<u64, AnswerFault> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(AnswerFault::InvalidLength);
    }
    let text = std::str::from_utf8(value).map_err(|_| AnswerFault::InvalidLength)?;
    text.parse().map_err(|_| AnswerFault::LengthTooLarge)
}
