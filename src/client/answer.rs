//! An HTTP/1 answer, as far as it has come, and what is said of answers (RFC 9112): data only, [`super::http`] reads them.

use serde::Serialize;

use super::oddity::Oddities;

/// The part of an HTTP answer that a probe reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The status code, e.g. 200.
    pub status: u16,
    /// The reason phrase; may be empty.
    pub reason: String,
    /// The `Content-Type` header; null when absent.
    pub content_type: Option<String>,
    /// The `Server` header; null when absent.
    pub server: Option<String>,
    /// The size of status line and headers in bytes.
    pub header_bytes: usize,
    /// The size in bytes of the body that came, chunk framing not counted.
    pub body_bytes: usize,
    /// How the end of the body is known.
    pub framing: Framing,
    /// What in the header is not as RFC 9112 asks, though common clients read it.
    pub oddities: Oddities,
}

/// How the end of a body is known (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// The status has no body.
    #[default]
    NoBody,
    /// `Content-Length` says.
    Length,
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The end of the connection.
    Connection,
}

/// Whether a reader keeps what the probe reports of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// It only counts.
    #[default]
    Counted,
    /// It keeps the reason phrase and a few header fields, which allocates.
    Kept,
}

/// Whether an answer to the request can have a body (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// It can.
    #[default]
    WithBody,
    /// The request was HEAD.
    Head,
}

/// Whether the server keeps the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum After {
    /// It takes another request.
    #[default]
    Keep,
    /// It ends the connection.
    Close,
}

/// A whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// The status code.
    pub status: u16,
    /// Whether the server keeps the connection.
    pub after: After,
}

/// Why what came is not a whole answer, and never will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerFault {
    /// It does not begin as HTTP/1 does (RFC 9112, section 4).
    #[error("it is not an HTTP answer")]
    NotHttp,
    /// The header does not end within [`MAX_HEAD`] bytes.
    #[error("its header is longer than {} KiB", MAX_HEAD / 1024)]
    HeaderTooLong,
    /// RFC 9112, section 6.3, rule 5.
    #[error("its Content-Length is not a number (RFC 9112, section 6.3)")]
    InvalidLength,
    /// The same: a number that no body can have.
    #[error("its Content-Length is a number of more than 64 bits")]
    LengthTooLarge,
    /// The same.
    #[error("it has two Content-Length fields that differ (RFC 9112, section 6.3)")]
    LengthsDiffer,
    /// RFC 9112, section 7.1.
    #[error("a chunk of its body has no valid size (RFC 9112, section 7.1)")]
    InvalidChunkSize,
    /// RFC 9112, section 7.1.
    #[error("a chunk of its body goes on after the size that it declared (RFC 9112, section 7.1)")]
    ChunkNotEnded,
}

/// How much of an answer has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Not yet the whole header.
    Nothing,
    /// It is no HTTP answer, or one that breaks HTTP: what its header said, if that could be read, and why.
    Broken(Option<Answer>, AnswerFault),
    /// The header and some of the body.
    Partial(Answer),
    /// All of it.
    Complete(Answer),
}

impl Answer {
    /// Whether only the end of the connection tells the end of the body.
    pub(crate) fn ends_with_connection(&self) -> bool {
        self.framing == Framing::Connection
    }
}

/// As many bytes of header as curl takes; more than any small device sends.
pub const MAX_HEAD: usize = 300 * 1024;
