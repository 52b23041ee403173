//! The head of a request: its line and what of its header fields decides how the connection goes on.

use super::sender::{Sender, SenderFields};
use super::{Method, Refusal, RequestLine, Version};
use crate::routing::pattern::Span;

/// What the server needs to know of a request before its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) version: Version,
    pub(crate) path: Span,
    pub(crate) query: Span,
    /// Where the header fields are, the empty line at their end included.
    pub(crate) fields: Span,
    pub(crate) framing: Framing,
    pub(crate) persistence: Persistence,
    pub(crate) expectation: Expectation,
    pub(crate) sender: Sender,
}

/// How the body is delimited (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By its length in bytes; 0 is no body.
    Length(u64),
    /// By chunks.
    Chunked,
}

/// Whether the connection outlives the answer (RFC 9112 section 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persistence {
    KeepAlive,
    Close,
}

/// Whether the client waits for a word before it sends the body (RFC 9110 section 10.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expectation {
    None,
    Continue,
}

/// Reads one head out of bytes that arrive in any pieces.
#[derive(Default)]
pub(crate) struct HeadReader {
    line: Option<RequestLine>,
    /// Bytes in which the end has been looked for.
    searched: usize,
}

impl HeadReader {
    /// The request line, once it is complete.
    pub(crate) fn line(&self) -> Option<RequestLine> {
        self.line
    }

    /// Looks at all `bytes` that have arrived since the start of the request. Gives the head,
    /// or `None` when more are needed. Never looks beyond `max_header` bytes.
    pub(crate) fn advance(
        &mut self,
        bytes: &[u8],
        max_header: usize,
        max_target: usize,
    ) -> Result<Option<Head>, Refusal> {
        let window = bytes.get(..max_header).unwrap_or(bytes);
        if self.line.is_none() {
            self.line = RequestLine::parse(window, max_target)?;
            self.searched = self.line.map_or(0, |line| line.length);
        }
        if let Some(line) = self.line
            && let Some(end) = self.find_end(window)
        {
            let fields = window.get(line.length..end).unwrap_or_default();
            return Head::parse(line, fields).map(Some);
        }
        if window.len() == max_header { Err(Refusal::HeaderTooLong { limit: max_header }) } else { Ok(None) }
    }

    /// The offset behind the empty line that ends the fields. A bare LF ends a line too (RFC 9112 section 2.2): it is
    /// what a person types into `openssl s_client`.
    fn find_end(&mut self, bytes: &[u8]) -> Option<usize> {
        for at in self.searched..bytes.len() {
            let (before, rest) = bytes.split_at(at);
            if rest.first() == Some(&b'\n') && matches!(before, [.., b'\n', b'\r'] | [.., b'\n']) {
                return Some(at + 1);
            }
        }
        self.searched = bytes.len();
        None
    }
}

impl Head {
    /// Its length in bytes: the fields are its end.
    pub(crate) fn length(&self) -> usize {
        self.fields.end.into()
    }

    /// Parses the header fields, the empty line at their end included.
    fn parse(line: RequestLine, fields: &[u8]) -> Result<Self, Refusal> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let headers = match httparse::parse_headers(fields, &mut headers) {
            Ok(httparse::Status::Complete((length, headers))) if length == fields.len() => headers,
            Err(httparse::Error::TooManyHeaders) => {
                return Err(Refusal::TooManyFields { limit: MAX_FIELDS });
            }
            _ => return Err(Refusal::Malformed("a header field is not name, colon, value on one line")),
        };
        let mut seen = Seen::default();
        for header in headers.iter() {
            seen.field(header.name, header.value)?;
        }
        seen.head(line, Span::new(line.length, line.length + fields.len()))
    }
}

/// What the fields have said so far.
#[derive(Default)]
struct Seen<'h> {
    host: Option<&'h [u8]>,
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    expects: bool,
    sender: SenderFields<'h>,
}

impl<'h> Seen<'h> {
    fn field(&mut self, name: &str, value: &'h [u8]) -> Result<(), Refusal> {
        if name.eq_ignore_ascii_case("host") {
            self.host(value)
        } else if name.eq_ignore_ascii_case("content-length") {
            self.content_length(value)
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            self.transfer_encoding(value)
        } else if name.eq_ignore_ascii_case("connection") {
            self.connection(value);
            Ok(())
        } else if name.eq_ignore_ascii_case("expect") {
            self.expect(value)
        } else {
            self.sender.field(name, value);
            Ok(())
        }
    }

    /// One field, with a host in it and no more than that (RFC 9112 section 3.2).
    fn host(&mut self, value: &'h [u8]) -> Result<(), Refusal> {
        let valid = value.iter().all(|byte| byte.is_ascii_graphic() && !b"/?#@\\".contains(byte));
        if self.host.replace(value).is_some() || !valid {
            return Err(Refusal::Malformed("it has more than one Host or an invalid one"));
        }
        Ok(())
    }

    /// One decimal number; two are an attempt at smuggling (RFC 9112 section 6.3). What overflows is too long anyway.
    fn content_length(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.length.is_some() || value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
            return Err(Refusal::Malformed("Content-Length is not one decimal number"));
        }
        let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        self.length = Some(value.iter().fold(0, add));
        Ok(())
    }

    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if !value.eq_ignore_ascii_case(b"chunked") {
            return Err(Refusal::UnknownCoding);
        }
        if core::mem::replace(&mut self.chunked, true) {
            return Err(Refusal::Malformed("it is chunked more than once"));
        }
        Ok(())
    }

    fn connection(&mut self, value: &[u8]) {
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    fn expect(&mut self, value: &[u8]) -> Result<(), Refusal> {
        self.expects = true;
        if value.eq_ignore_ascii_case(b"100-continue") { Ok(()) } else { Err(Refusal::Expectation) }
    }

    fn head(self, line: RequestLine, fields: Span) -> Result<Head, Refusal> {
        let RequestLine { method, version, path, query, .. } = line;
        let framing = match (self.chunked, self.length) {
            (true, Some(_)) => {
                return Err(Refusal::Malformed("it has both Content-Length and Transfer-Encoding"));
            }
            (true, None) if version == Version::Http10 => {
                return Err(Refusal::Malformed("HTTP/1.0 has no Transfer-Encoding"));
            }
            (true, None) => Framing::Chunked,
            (false, length) => Framing::Length(length.unwrap_or(0)),
        };
        if version == Version::Http11 && self.host.is_none() {
            return Err(Refusal::Malformed("an HTTP/1.1 request needs a Host field"));
        }
        let persistence = match version {
            _ if self.close => Persistence::Close,
            Version::Http10 if !self.keep_alive => Persistence::Close,
            _ => Persistence::KeepAlive,
        };
        // An HTTP/1.0 client does not know the interim answer (RFC 9110 section 10.1.1).
        let expects = self.expects && version == Version::Http11 && framing != Framing::Length(0);
        let expectation = if expects { Expectation::Continue } else { Expectation::None };
        let sender = self.sender.sender(self.host);
        Ok(Head { method, version, path, query, fields, framing, persistence, expectation, sender })
    }
}

/// Header fields the parser has room for, at 16 bytes of stack each on the chip; a browser sends about 20.
const MAX_FIELDS: usize = 64;
