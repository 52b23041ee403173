//! The chunked transfer coding (RFC 9112, section 7.1): where the body of an answer ends, sans I/O.

use super::answer::NotHttp;

/// Where a chunked body has been read to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In the line with the size; whether a digit came, and whether its extension has begun.
    Size { size: u64, digits: u8, extension: Extension },
    /// In the data and the CR LF after it.
    Data(u64),
    /// In the trailer: how many bytes its line has so far.
    Trailer(u32),
}

/// Whether the extension after a chunk's size has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extension {
    No,
    Yes,
}

/// How much of a body has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyProgress {
    Partial,
    Complete,
}

impl Chunk {
    pub(super) const START: Self = Self::Size { size: 0, digits: 0, extension: Extension::No };

    /// RFC 9112, section 7.1. Adds to `counted` what is neither a size nor a line break.
    pub(super) fn take(&mut self, mut bytes: &[u8], counted: &mut u64) -> Result<BodyProgress, NotHttp> {
        while let Some((&byte, rest)) = bytes.split_first() {
            match *self {
                Self::Data(left) => {
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = bytes.get(taken..).unwrap_or_default();
                    *counted += (taken as u64).min(left.saturating_sub(CRLF_BYTES));
                    let left = left - taken as u64;
                    *self = if left == 0 { Self::START } else { Self::Data(left) };
                    continue;
                }
                Self::Trailer(0) if byte == b'\n' => return Ok(BodyProgress::Complete),
                Self::Trailer(length) => {
                    *self = match byte {
                        b'\n' => Self::Trailer(0),
                        b'\r' => Self::Trailer(length),
                        _ => Self::Trailer(length + 1),
                    };
                }
                Self::Size { size, digits, extension } => *self = Self::size(byte, size, digits, extension)?,
            }
            bytes = rest;
        }
        Ok(BodyProgress::Partial)
    }

    fn size(byte: u8, size: u64, digits: u8, extension: Extension) -> Result<Self, NotHttp> {
        if byte == b'\n' {
            return match (digits, size) {
                (0, _) => Err(NotHttp),
                (_, 0) => Ok(Self::Trailer(0)),
                // The data and its CR LF.
                (_, size) => Ok(Self::Data(size.saturating_add(CRLF_BYTES))),
            };
        }
        let digit = char::from(byte).to_digit(16);
        match (digit, extension) {
            (Some(digit), Extension::No) => {
                let size = size.checked_mul(16).and_then(|size| size.checked_add(digit.into()));
                Ok(Self::Size { size: size.ok_or(NotHttp)?, digits: digits.saturating_add(1), extension })
            }
            (None, Extension::No) if digits == 0 => Err(NotHttp),
            _ => Ok(Self::Size { size, digits, extension: Extension::Yes }),
        }
    }
}

const CRLF_BYTES: u64 = 2;
