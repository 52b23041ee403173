//! The answers that say no, each with what the person at the other end needs to know.

use core::fmt;

use super::Methods;

/// Why a request is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 400: it breaks the syntax or the framing rules of RFC 9112.
    Malformed(&'static str),
    /// 400: the page can't make sense of it. Holds why.
    Senseless(&'static str),
    /// 403: a page of another origin asks for a change.
    ForeignOrigin,
    /// 404: there is nothing at this path.
    NotFound,
    /// 405: the resource does not have this method. Holds those it has.
    NotAllowed(Methods),
    /// 408: the request was not complete in time.
    TooSlow { limit_ms: u32 },
    /// 408: the request came slowly, and others wait for the session.
    OthersWait,
    /// 413: the body is longer than the limit in bytes.
    BodyTooLong { limit: usize },
    /// 414: the request target is longer than the limit in bytes.
    TargetTooLong { limit: usize },
    /// 415: a page sends something else than JSON.
    NotJson,
    /// 417: an expectation other than 100-continue.
    Expectation,
    /// 431: the request line and header fields are longer than the limit in bytes.
    HeaderTooLong { limit: usize },
    /// 431: more header fields than the parser has room for.
    TooManyFields { limit: usize },
    /// 500: the page is wrong.
    PageFault,
    /// 501: a method this server does not know.
    UnknownMethod,
    /// 501: a transfer coding other than chunked.
    UnknownCoding,
    /// 503: the page can't answer now. Holds why.
    Unavailable(&'static str),
    /// 503: the page had nothing to say in time.
    PageTooSlow,
    /// 505: a major version other than 1.
    Version,
}

impl Refusal {
    /// The status code (RFC 9110 section 15).
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Senseless(_) => 400,
            Self::ForeignOrigin => 403,
            Self::NotFound => 404,
            Self::NotAllowed(_) => 405,
            Self::TooSlow { .. } | Self::OthersWait => 408,
            Self::BodyTooLong { .. } => 413,
            Self::TargetTooLong { .. } => 414,
            Self::NotJson => 415,
            Self::Expectation => 417,
            Self::HeaderTooLong { .. } | Self::TooManyFields { .. } => 431,
            Self::PageFault => 500,
            Self::UnknownMethod | Self::UnknownCoding => 501,
            Self::Unavailable(_) | Self::PageTooSlow => 503,
            Self::Version => 505,
        }
    }
}

/// The body of the answer.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) | Self::Senseless(what) => writeln!(f, "Bad request: {what}."),
            Self::ForeignOrigin => f.write_str("A page of another origin may not change anything here.\n"),
            Self::NotFound => f.write_str("Nothing is here."),
            Self::NotAllowed(methods) => writeln!(f, "This resource allows {methods}."),
            Self::TooSlow { limit_ms } => {
                writeln!(f, "The request was not complete within {limit_ms} ms.")
            }
            Self::OthersWait => {
                f.write_str("The request was not complete in time: other clients are waiting.\n")
            }
            Self::BodyTooLong { limit } => writeln!(f, "The body is too long: the limit is {limit} bytes."),
            Self::TargetTooLong { limit } => {
                writeln!(f, "URI is too long: the limit is {limit} bytes.")
            }
            Self::NotJson => f.write_str("A page has to send this as application/json.\n"),
            Self::Expectation => f.write_str("The only expectation met is 100-continue.\n"),
            // The first sentence is ESP-IDF's own, for whoever searches for it.
            Self::HeaderTooLong { limit } => writeln!(
                f,
                "{TOO_LONG}: the limit is {limit} bytes.\n\
                 Raise it with --max-header of `esp-https emulate` or `esp-https flash`."
            ),
            Self::TooManyFields { limit } => writeln!(f, "{TOO_LONG}: at most {limit} fields are read."),
            Self::PageFault => f.write_str("This page has a fault. The board's serial port says which.\n"),
            Self::Unavailable(why) => writeln!(f, "Not now: {why}."),
            Self::PageTooSlow => f.write_str("This page took too long. The board's serial port says more.\n"),
            Self::UnknownMethod => f.write_str("This server does not know the method.\n"),
            Self::UnknownCoding => f.write_str("The only transfer coding known is chunked.\n"),
            Self::Version => f.write_str("This server speaks HTTP/1.1 and HTTP/1.0.\n"),
        }
    }
}

const TOO_LONG: &str = "Header fields are too long for server to interpret";
