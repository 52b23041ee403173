//! A body in chunks (RFC 9112, section 7.1), sans I/O.

use crate::client::answer::AnswerFault;

/// Where in a chunked body the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In the line with the size; how many digits came, and whether its extension has begun.
    Size { size: u64, digits: u8, extension: Extension },
    /// In the data: how many bytes of it are left.
    Data(u64),
    /// After the data: in the line break that ends it.
    DataEnd,
    /// In the trailer: whether the line under way has something in it.
    Trailer(TrailerLine),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extension {
    No,
    Yes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrailerLine {
    Empty,
    Filled,
}

/// How much of a body has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyProgress {
    Partial,
    Complete,
}

impl Chunk {
    /// Before the first chunk.
    pub(super) const START: Self = Self::Size { size: 0, digits: 0, extension: Extension::No };

    /// Takes bytes of the body. Adds to `counted` how many of them are data.
    pub(super) fn take(&mut self, mut bytes: &[u8], counted: &mut u64) -> Result<BodyProgress, AnswerFault> {
        while let Some((&byte, rest)) = bytes.split_first() {
            *self = match *self {
                Self::Data(left) => {
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = bytes.get(taken..).unwrap_or_default();
                    *counted += taken as u64;
                    let left = left - taken as u64;
                    *self = if left == 0 { Self::DataEnd } else { Self::Data(left) };
                    continue;
                }
                Self::DataEnd => match byte {
                    b'\r' => Self::DataEnd,
                    b'\n' => Self::START,
                    _ => return Err(AnswerFault::ChunkNotEnded),
                },
                Self::Trailer(TrailerLine::Empty) if byte == b'\n' => return Ok(BodyProgress::Complete),
                Self::Trailer(line) => Self::Trailer(match byte {
                    b'\n' => TrailerLine::Empty,
                    b'\r' => line,
                    _ => TrailerLine::Filled,
                }),
                Self::Size { size, digits, extension } => Self::size(byte, size, digits, extension)?,
            };
            bytes = rest;
        }
        Ok(BodyProgress::Partial)
    }

    fn size(byte: u8, size: u64, digits: u8, extension: Extension) -> Result<Self, AnswerFault> {
        if byte == b'\n' {
            return match (digits, size) {
                (0, _) => Err(AnswerFault::InvalidChunkSize),
                (_, 0) => Ok(Self::Trailer(TrailerLine::Empty)),
                (_, size) => Ok(Self::Data(size)),
            };
        }
        match (char::from(byte).to_digit(16), extension) {
            (Some(digit), Extension::No) => {
                let size = size.checked_mul(16).and_then(|size| size.checked_add(digit.into()));
                let size = size.ok_or(AnswerFault::InvalidChunkSize)?;
                Ok(Self::Size { size, digits: digits.saturating_add(1), extension })
            }
            (None, Extension::No) if digits == 0 => Err(AnswerFault::InvalidChunkSize),
            // What follows a size and is neither an extension nor the padding that some servers write is no size.
            (None, Extension::No) if !matches!(byte, b';' | b' ' | b'\t' | b'\r') => {
                Err(AnswerFault::InvalidChunkSize)
            }
            _ => Ok(Self::Size { size, digits, extension: Extension::Yes }),
        }
    }
}
