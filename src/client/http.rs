//! Reads HTTP/1 answers as their bytes come (RFC 9112), sans I/O. A reader that only counts does not allocate once its
//! buffer has grown to the size of one header.

use std::mem::MaybeUninit;

use super::answer::{Answer, Framing};

/// An answer on its way.
#[derive(Debug, Default)]
pub struct Reader {
    state: State,
    head: Vec<u8>,
    status: u16,
    body: Body,
    after: After,
    method: Method,
    header_bytes: usize,
    body_bytes: u64,
    framing: Framing,
    detail: Detail,
    fields: Fields,
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

/// What is kept of a header.
#[derive(Debug, Clone, Default)]
struct Fields {
    reason: String,
    content_type: Option<String>,
    server: Option<String>,
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

/// What came is not an HTTP/1 answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no HTTP answer")]
pub struct NotHttp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Head,
    Body,
    Done,
}

/// How the end of the body is known, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Length(u64),
    Chunked(Chunk),
    Connection,
}

impl Default for Body {
    fn default() -> Self {
        Self::Length(0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chunk {
    /// In the line with the size; whether a digit came, and whether its extension has begun.
    Size { size: u64, digits: u8, extension: Extension },
    /// In the data and the CR LF after it.
    Data(u64),
    /// In the trailer: how many bytes its line has so far.
    Trailer(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extension {
    No,
    Yes,
}

impl Reader {
    /// A reader that is ready for the answer to a first request, which can have a body.
    #[must_use]
    pub fn new(detail: Detail) -> Self {
        Self { detail, ..Self::default() }
    }

    /// The answer as far as it has come; `None` until its header is whole.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        (self.state != State::Head).then(|| Answer {
            status: self.status,
            reason: self.fields.reason.clone(),
            content_type: self.fields.content_type.clone(),
            server: self.fields.server.clone(),
            header_bytes: self.header_bytes,
            body_bytes: usize::try_from(self.body_bytes).unwrap_or(usize::MAX),
            framing: self.framing,
        })
    }

    /// Ready for the answer to the next request.
    pub fn begin(&mut self, method: Method) {
        self.state = State::Head;
        self.head.clear();
        self.method = method;
        self.body_bytes = 0;
    }

    /// Takes bytes of the answer; returns it once it is whole. Bytes after its end are ignored: nobody asked for them.
    ///
    /// # Errors
    /// [`NotHttp`].
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Option<Whole>, NotHttp> {
        let mut rest = bytes;
        while self.state == State::Head {
            rest = match self.head(rest)? {
                Some(rest) => rest,
                None => return Ok(None),
            };
        }
        if self.state == State::Body && self.body(rest)? == Progress::Complete {
            self.state = State::Done;
        }
        Ok((self.state == State::Done).then(|| self.whole()))
    }

    /// The connection has ended; returns the answer if that is how it ends (RFC 9112, section 6.3, rule 8).
    #[must_use]
    pub fn end(&mut self) -> Option<Whole> {
        let ends = self.state == State::Body && self.body == Body::Connection;
        ends.then_some(Whole { status: self.status, after: After::Close })
    }

    fn whole(&self) -> Whole {
        Whole { status: self.status, after: self.after }
    }

    /// Reads a header; returns the bytes after it. Interim answers are skipped (RFC 9110, section 15.2).
    fn head<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, NotHttp> {
        if self.head.is_empty() {
            // The usual case: the whole header in one piece, which need not be copied.
            if let Some(size) = self.parse(bytes)? {
                return Ok(Some(bytes.get(size..).unwrap_or_default()));
            }
            self.head.extend_from_slice(bytes);
        } else {
            let had = self.head.len();
            self.head.extend_from_slice(bytes);
            let head = std::mem::take(&mut self.head);
            let parsed = self.parse(&head);
            self.head = head;
            if let Some(size) = parsed? {
                self.head.clear();
                return Ok(Some(bytes.get(size.saturating_sub(had)..).unwrap_or_default()));
            }
        }
        if self.head.len() > MAX_HEAD { Err(NotHttp) } else { Ok(None) }
    }

    fn parse(&mut self, bytes: &[u8]) -> Result<Option<usize>, NotHttp> {
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        let parsed = config.parse_response_with_uninit_headers(&mut response, bytes, &mut headers);
        let size = match parsed.map_err(|_| NotHttp)? {
            httparse::Status::Complete(size) => size,
            httparse::Status::Partial => return Ok(None),
        };
        self.status = response.code.unwrap_or_default();
        let interim = matches!(self.status, 100 | 102..=199);
        if !interim {
            self.header_bytes = size;
            self.framing(response.version, response.headers);
            if self.detail == Detail::Kept {
                self.fields = Fields::of(&response);
            }
            self.state = State::Body;
        }
        Ok(Some(size))
    }

    fn framing(&mut self, version: Option<u8>, headers: &[httparse::Header<'_>]) {
        self.after = if version == Some(0) { After::Close } else { After::Keep };
        self.body = Body::Connection;
        let mut chunked = false;
        for header in headers {
            match header.name.len() {
                10 if header.name.eq_ignore_ascii_case("connection") => {
                    if contains(header.value, b"close") {
                        self.after = After::Close;
                    } else if contains(header.value, b"keep-alive") {
                        self.after = After::Keep;
                    }
                }
                14 if header.name.eq_ignore_ascii_case("content-length") => {
                    if let Some(length) = decimal(header.value) {
                        self.body = Body::Length(length);
                    }
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    chunked |= contains(header.value, b"chunked");
                }
                _ => {}
            }
        }
        if chunked {
            self.body = Body::Chunked(Chunk::START);
        }
        self.framing = match self.body {
            Body::Length(_) => Framing::Length,
            Body::Chunked(_) => Framing::Chunked,
            Body::Connection => Framing::Connection,
        };
        if self.method == Method::Head || matches!(self.status, 101 | 204 | 304) {
            (self.body, self.framing) = (Body::Length(0), Framing::NoBody);
        }
    }

    fn body(&mut self, bytes: &[u8]) -> Result<Progress, NotHttp> {
        match &mut self.body {
            Body::Length(left) => {
                self.body_bytes += (bytes.len() as u64).min(*left);
                *left = left.saturating_sub(bytes.len() as u64);
                Ok(if *left == 0 { Progress::Complete } else { Progress::Partial })
            }
            Body::Chunked(chunk) => chunk.take(bytes, &mut self.body_bytes),
            Body::Connection => {
                self.body_bytes += bytes.len() as u64;
                Ok(Progress::Partial)
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Partial,
    Complete,
}

impl Chunk {
    const START: Self = Self::Size { size: 0, digits: 0, extension: Extension::No };

    /// RFC 9112, section 7.1. Adds to `counted` what is neither a size nor a line break.
    fn take(&mut self, mut bytes: &[u8], counted: &mut u64) -> Result<Progress, NotHttp> {
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
                Self::Trailer(0) if byte == b'\n' => return Ok(Progress::Complete),
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
        Ok(Progress::Partial)
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

impl Fields {
    fn of(response: &httparse::Response<'_, '_>) -> Self {
        let text = |name: &str| {
            let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            Some(String::from_utf8_lossy(found.value).into_owned())
        };
        Self {
            reason: response.reason.unwrap_or_default().to_owned(),
            content_type: text("content-type"),
            server: text("server"),
        }
    }
}

fn contains(value: &[u8], word: &[u8]) -> bool {
    value.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

fn decimal(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

const MAX_HEADERS: usize = 64;
const CRLF_BYTES: u64 = 2;
/// A header that is longer than this is none that a small device sends.
const MAX_HEAD: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(method: Method, pieces: &[&[u8]]) -> Result<Option<Whole>, NotHttp> {
        let mut reader = Reader::default();
        reader.begin(method);
        for piece in pieces {
            if let Some(whole) = reader.feed(piece)? {
                return Ok(Some(whole));
            }
        }
        Ok(reader.end())
    }

    fn whole(bytes: &[u8]) -> Option<(u16, After)> {
        read(Method::WithBody, &[bytes]).unwrap().map(|whole| (whole.status, whole.after))
    }

    const BOOK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    const CHUNKED: &[u8] =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\na\r\n0123456789\r\n0\r\nX: y\r\n\r\n";

    #[test]
    fn the_end_of_an_answer_is_known_by_length_chunks_status_method_or_connection() {
        assert_eq!(whole(BOOK), Some((200, After::Keep)));
        assert_eq!(whole(CHUNKED), Some((200, After::Keep)));
        assert_eq!(whole(b"HTTP/1.1 204 No Content\r\n\r\n"), Some((204, After::Keep)));
        assert_eq!(whole(b"HTTP/1.0 200 OK\r\n\r\nall that comes"), Some((200, After::Close)));
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
        let answer = read(Method::Head, &[head]).unwrap().unwrap();
        assert_eq!(answer, Whole { status: 200, after: After::Close });
    }

    #[test]
    fn interim_answers_are_not_the_answer() {
        let interim = [b"HTTP/1.1 100 Continue\r\n\r\n", BOOK].concat();
        assert_eq!(whole(&interim), Some((200, After::Keep)));
    }

    #[test]
    fn no_prefix_is_a_whole_answer_and_any_cut_gives_the_same() {
        for answer in [BOOK, CHUNKED] {
            for cut in 0..answer.len() {
                assert_eq!(read(Method::WithBody, &[&answer[..cut]]), Ok(None), "{cut}");
                let (one, two) = answer.split_at(cut);
                assert_eq!(read(Method::WithBody, &[one, two]).unwrap().map(|it| it.status), Some(200));
            }
            let bytes: Vec<&[u8]> = answer.chunks(1).collect();
            assert_eq!(read(Method::WithBody, &bytes).unwrap().map(|it| it.status), Some(200));
        }
    }

    #[test]
    fn what_is_not_http_is_refused() {
        for bytes in [&b"SSH-2.0-x\r\n"[..], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n"] {
            assert_eq!(read(Method::WithBody, &[bytes]), Err(NotHttp));
        }
        assert_eq!(read(Method::WithBody, &[&[b'H'; 1], &[b'x'; 99]]), Err(NotHttp));
        let endless = [&b"HTTP/1.1 200 OK\r\nX: "[..], &vec![b'x'; MAX_HEAD]].concat();
        assert_eq!(read(Method::WithBody, &[&endless]), Err(NotHttp));
    }

    proptest! {
        #[test]
        fn no_bytes_in_any_pieces_make_it_panic(bytes: Vec<u8>, cut: usize, start in 0usize..3) {
            let head = [&b""[..], b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"][start];
            let bytes = [head, &bytes].concat();
            let (one, two) = bytes.split_at(cut % bytes.len().max(1));
            let mut reader = Reader::default();
            reader.begin(Method::WithBody);
            if let Ok(None) = reader.feed(one) {
                let _ = reader.feed(two);
            }
            let _ = reader.end();
        }
    }
}
