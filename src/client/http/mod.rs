//! Reads HTTP/1 answers as their bytes come (RFC 9112), sans I/O. A reader that only counts does not allocate once its
//! buffer has grown to the size of one header. It reads what common clients read, and notes what was odd.

mod chunked;
mod head;
mod length;
mod oddity;

use chunked::Chunk;
use head::{EndFinder, FieldLines, StatusLine};
use length::{HasBody, Lengths};
pub use oddity::{Oddities, Oddity};

use serde::Serialize;

use super::answer::{Answer, Framing};

/// An answer on its way.
#[derive(Debug, Default)]
pub struct Reader {
    state: State,
    head: Vec<u8>,
    head_end: EndFinder,
    status: u16,
    body: Body,
    after: After,
    method: Method,
    header_bytes: usize,
    body_bytes: u64,
    framing: Framing,
    oddities: Oddities,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    StatusLine,
    Fields,
    Body,
    Done,
    /// The header may have been read; what came after it is of no use.
    Failed(AnswerFault),
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

impl Reader {
    /// A reader that is ready for the answer to a first request, which can have a body.
    #[must_use]
    pub fn new(detail: Detail) -> Self {
        Self { detail, ..Self::default() }
    }

    /// The answer as far as it has come; `None` until its header is whole.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        (self.header_bytes > 0).then(|| Answer {
            status: self.status,
            reason: self.fields.reason.clone(),
            content_type: self.fields.content_type.clone(),
            server: self.fields.server.clone(),
            header_bytes: self.header_bytes,
            body_bytes: usize::try_from(self.body_bytes).unwrap_or(usize::MAX),
            framing: self.framing,
            oddities: self.oddities,
        })
    }

    /// Ready for the answer to the next request.
    pub fn begin(&mut self, method: Method) {
        self.state = State::StatusLine;
        self.head.clear();
        self.head_end = EndFinder::default();
        self.method = method;
        self.header_bytes = 0;
        self.body_bytes = 0;
        self.oddities = Oddities::default();
    }

    /// Takes bytes of the answer; returns it once it is whole. Bytes after its end are ignored: nobody asked for them.
    ///
    /// # Errors
    /// [`AnswerFault`], and the same again for all bytes that follow.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Option<Whole>, AnswerFault> {
        let read = self.read(bytes);
        if let Err(fault) = read {
            self.state = State::Failed(fault);
        }
        read
    }

    /// The connection has ended; returns the answer if that is how it ends (RFC 9112, section 6.3, rule 8).
    #[must_use]
    pub fn end(&mut self) -> Option<Whole> {
        let ends = self.state == State::Body && self.body == Body::Connection;
        ends.then_some(Whole { status: self.status, after: After::Close })
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Option<Whole>, AnswerFault> {
        let mut rest = bytes;
        while matches!(self.state, State::StatusLine | State::Fields) {
            rest = match self.header(rest)? {
                Some(rest) => rest,
                None => return Ok(None),
            };
        }
        if let State::Failed(fault) = self.state {
            return Err(fault);
        }
        if self.state == State::Body && self.body(rest)? == Progress::Complete {
            self.state = State::Done;
        }
        Ok((self.state == State::Done).then(|| self.whole()))
    }

    fn whole(&self) -> Whole {
        Whole { status: self.status, after: self.after }
    }

    /// Reads a header; returns the bytes after it once it is whole. Interim answers are skipped (RFC 9110, section 15.2).
    fn header<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, AnswerFault> {
        let end = self.head_end.find(bytes);
        let (more, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        if self.head.len() + more.len() > MAX_HEAD {
            return Err(AnswerFault::HeaderTooLong);
        }
        if end.is_some() && self.head.is_empty() {
            // The usual case: the whole header in one piece, which need not be copied.
            self.parse(more)?;
            return Ok(Some(rest));
        }
        self.head.extend_from_slice(more);
        if end.is_none() {
            self.look_at_status_line()?;
            return Ok(None);
        }
        let head = std::mem::take(&mut self.head);
        let parsed = self.parse(&head);
        self.head = head;
        self.head.clear();
        parsed.map(|()| Some(rest))
    }

    /// Refuses what is not HTTP as soon as that shows: it may have no line that ends.
    fn look_at_status_line(&mut self) -> Result<(), AnswerFault> {
        if self.state == State::StatusLine && self.head_end.is_past_status_line() {
            head::split(&self.head, &mut Oddities::default()).ok_or(AnswerFault::NotHttp)?;
            self.state = State::Fields;
        }
        if head::may_begin(&self.head) { Ok(()) } else { Err(AnswerFault::NotHttp) }
    }

    /// Reads a whole header.
    fn parse(&mut self, bytes: &[u8]) -> Result<(), AnswerFault> {
        self.head_end = EndFinder::default();
        self.state = State::StatusLine;
        self.oddities = Oddities::default();
        let (line, fields) = head::split(bytes, &mut self.oddities).ok_or(AnswerFault::NotHttp)?;
        if matches!(line.status, 100 | 102..=199) {
            return Ok(());
        }
        self.status = line.status;
        self.header_bytes = bytes.len();
        self.state = State::Body;
        self.fields(line, fields)
    }

    fn fields(&mut self, line: StatusLine<'_>, mut lines: FieldLines<'_>) -> Result<(), AnswerFault> {
        self.after = if line.minor == 0 { After::Close } else { After::Keep };
        self.fields = Fields::default();
        if self.detail == Detail::Kept {
            self.fields.reason = String::from_utf8_lossy(line.reason).into_owned();
        }
        let mut lengths = Lengths::default();
        while let Some(field) = lines.next(&mut self.oddities) {
            if field.is(b"connection") {
                for element in field.elements() {
                    if element.eq_ignore_ascii_case(b"close") {
                        self.after = After::Close;
                    } else if element.eq_ignore_ascii_case(b"keep-alive") {
                        self.after = After::Keep;
                    }
                }
            } else if field.is(b"content-length") {
                lengths.content_length(field, &mut self.oddities);
            } else if field.is(b"transfer-encoding") {
                lengths.transfer_encoding(field);
            } else if self.detail == Detail::Kept {
                self.fields.keep(&field);
            }
        }
        self.begin_body(lengths)
    }

    fn begin_body(&mut self, lengths: Lengths) -> Result<(), AnswerFault> {
        let has_none = self.method == Method::Head || matches!(self.status, 101 | 204 | 304);
        let has_body = if has_none { HasBody::No } else { HasBody::Yes };
        let (framing, length) = lengths.framing(has_body, &mut self.oddities)?;
        self.framing = framing;
        self.body = match framing {
            Framing::NoBody | Framing::Length => Body::Length(length),
            Framing::Chunked => Body::Chunked(Chunk::START),
            Framing::Connection => Body::Connection,
        };
        Ok(())
    }

    fn body(&mut self, bytes: &[u8]) -> Result<Progress, AnswerFault> {
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

impl Fields {
    /// Keeps the first field of each name that is reported.
    fn keep(&mut self, field: &head::Field<'_>) {
        let kept = match field.name.len() {
            6 if field.is(b"server") => &mut self.server,
            12 if field.is(b"content-type") => &mut self.content_type,
            _ => return,
        };
        kept.get_or_insert_with(|| field.text());
    }
}

/// As many bytes of header as curl takes; more than any small device sends.
pub const MAX_HEAD: usize = 300 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(method: Method, pieces: &[&[u8]]) -> Result<Option<Whole>, AnswerFault> {
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
    const ODD: &[u8] = b"HTTP/1.1  200\nX : a\n\tb\r\nhello\r\n: c\r\nContent-Length: \r\n 5\r\nContent-Length:5\r\n\r\nhello";
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
        for answer in [BOOK, CHUNKED, ODD] {
            for cut in 0..answer.len() {
                assert_eq!(read(Method::WithBody, &[&answer[..cut]]), Ok(None), "{cut}");
                let (one, two) = answer.split_at(cut);
                assert_eq!(read(Method::WithBody, &[one, two]).unwrap().map(|it| it.status), Some(200));
            }
            let bytes: Vec<&[u8]> = answer.chunks(1).collect();
            assert_eq!(read(Method::WithBody, &bytes).unwrap().map(|it| it.status), Some(200));
        }
    }

    /// What is odd about an answer with this header, which must be read.
    fn oddities(header: &str) -> Vec<Oddity> {
        let mut reader = Reader::new(Detail::Kept);
        let whole = reader.feed(format!("{header}\r\nhi").as_bytes());
        assert!(matches!(whole, Ok(Some(_))), "{header:?}: {whole:?}");
        assert_eq!(reader.answer().unwrap().body_bytes, 2, "{header:?}");
        reader.answer().unwrap().oddities.iter().collect()
    }

    #[test]
    fn what_common_clients_read_is_read_and_what_is_odd_is_noted() {
        let fields = |fields: &str| oddities(&format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n"));
        assert_eq!(fields(""), []);
        assert_eq!(fields(&"X: y\r\n".repeat(1000)), [], "a thousand fields are many, and allowed");
        assert_eq!(fields("X: a\r\n b\r\n\tc\r\n"), [Oddity::FoldedLine]);
        assert_eq!(fields(" X: a\r\n"), [Oddity::FoldedLine]);
        assert_eq!(fields("X: a\u{1}b\u{7f}\r\n"), [Oddity::ControlByte]);
        assert_eq!(fields("X: a\0b\r\n"), [Oddity::ControlByte]);
        assert_eq!(fields("X: a\rb\r\n"), [Oddity::ControlByte]);
        assert_eq!(fields("X : a\r\n"), [Oddity::SpaceBeforeColon]);
        assert_eq!(fields("X (y)@: a\r\n"), [Oddity::Name]);
        assert_eq!(fields("Gr\u{fc}\u{df}e: a\r\n"), [Oddity::Name]);
        assert_eq!(fields(": a\r\n"), [Oddity::Name]);
        assert_eq!(fields("Hello\r\n"), [Oddity::NoColon]);
        assert_eq!(fields("Content-Length: 2\r\n"), [Oddity::RepeatedLength]);
        assert_eq!(
            oddities("HTTP/1.1 200 OK\nContent-Length: 2\n"),
            [],
            "RFC 9112, section 2.2, lets a client read it"
        );
        assert_eq!(oddities("HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n"), [Oddity::FoldedLine]);
        assert_eq!(oddities("HTTP/1.1 200 OK\r\nContent-Length : 002\r\n"), [Oddity::SpaceBeforeColon]);
        for line in [
            "HTTP/1.1 200",
            "HTTP/1.1  200 OK",
            "HTTP/2 200 OK",
            "HTTP/1.1 200x OK",
            "HTTP/1.1 200 O\u{1}K",
            "http/1.1 200 OK",
        ] {
            assert_eq!(oddities(&format!("{line}\r\nContent-Length: 2\r\n")), [Oddity::StatusLine], "{line}");
        }
        for line in ["HTTP/1.1 200 ", "HTTP/1.0 999 Gr\u{fc}\u{df}e"] {
            assert_eq!(oddities(&format!("{line}\r\nContent-Length: 2\r\n")), [], "{line}");
        }
    }

    #[test]
    fn a_folded_value_is_reported_in_one_line_and_an_odd_name_hides_no_field() {
        let mut reader = Reader::new(Detail::Kept);
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html;\r\n  charset=utf-8\r\nServer : x\r\nContent-Length: 0\r\n\r\n";
        reader.feed(answer.as_bytes()).unwrap();
        let answer = reader.answer().unwrap();
        assert_eq!(answer.content_type.as_deref(), Some("text/html; charset=utf-8"));
        assert_eq!(answer.server.as_deref(), Some("x"));
    }

    #[test]
    fn a_length_that_is_none_is_a_fault_at_once() {
        let fault = |fields: &str| {
            read(Method::WithBody, &[format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()]).unwrap_err()
        };
        for value in ["-1", "2, 2", "+2", "2x", "0x2", "", "2 2", "2\r\n 2"] {
            assert_eq!(
                fault(&format!("Content-Length: {value}\r\n")),
                AnswerFault::InvalidLength,
                "{value:?}"
            );
        }
        let digits = "1".repeat(30);
        assert_eq!(fault(&format!("Content-Length: {digits}\r\n")), AnswerFault::LengthTooLarge);
        assert_eq!(fault("Content-Length: 2\r\nContent-Length: 3\r\n"), AnswerFault::LengthsDiffer);
        assert_eq!(fault("Content-Length: x\r\nContent-Length: 3\r\n"), AnswerFault::InvalidLength);
        let mut reader = Reader::new(Detail::Kept);
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n";
        assert_eq!(reader.feed(bytes), Err(AnswerFault::InvalidLength));
        assert_eq!(reader.feed(b"hi"), Err(AnswerFault::InvalidLength), "it stays one");
        assert_eq!(reader.answer().unwrap().status, 200, "the header was read all the same");
    }

    #[test]
    fn a_length_is_of_no_consequence_where_there_is_no_body_or_chunks_say_it() {
        let none = b"HTTP/1.1 304 Not Modified\r\nContent-Length: x\r\n\r\n";
        assert_eq!(whole(none), Some((304, After::Keep)));
        let chunked = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
        let mut reader = Reader::new(Detail::Kept);
        assert!(matches!(reader.feed(chunked), Ok(Some(_))));
        assert_eq!(reader.answer().unwrap().oddities.iter().collect::<Vec<_>>(), [Oddity::IgnoredLength]);
    }

    #[test]
    fn the_last_transfer_coding_says_how_the_body_ends() {
        let framing = |coding: &str| {
            let mut reader = Reader::new(Detail::Kept);
            let _ = reader.feed(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n").as_bytes());
            reader.answer().unwrap().framing
        };
        for chunked in ["chunked", "gzip, Chunked", "gzip ,chunked,"] {
            assert_eq!(framing(chunked), Framing::Chunked, "{chunked}");
        }
        for other in ["xchunked", "chunked, gzip", "identity", ""] {
            assert_eq!(framing(other), Framing::Connection, "{other}");
        }
    }

    #[test]
    fn only_whole_words_keep_or_close_a_connection() {
        let after = |value: &str| {
            whole(format!("HTTP/1.1 204 x\r\nConnection: {value}\r\n\r\n").as_bytes()).unwrap().1
        };
        assert_eq!(after("Close"), After::Close);
        assert_eq!(after("upgrade, close"), After::Close);
        assert_eq!(after("disclosed"), After::Keep);
    }

    #[test]
    fn chunks_end_where_they_say_whichever_line_breaks_they_have() {
        let chunks = |body: &str| {
            let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
            read(Method::WithBody, &[bytes.as_bytes()]).map(|whole| whole.is_some())
        };
        assert_eq!(chunks("2 \r\nhi\r\n0\r\n\r\n"), Ok(true), "some servers pad a size with blanks");
        assert_eq!(chunks("2\nhi\n0\n\n"), Ok(true));
        assert_eq!(chunks("2\r\nhiXX0\r\n\r\n"), Err(AnswerFault::ChunkNotEnded));
        for size in [" 2", "x", "-2", "2,", "", "fffffffffffffffff"] {
            assert_eq!(
                chunks(&format!("{size}\r\nhi\r\n0\r\n\r\n")),
                Err(AnswerFault::InvalidChunkSize),
                "{size:?}"
            );
        }
    }

    #[test]
    fn what_is_not_http_is_refused() {
        let status_lines = [
            "SSH-2.0-x",
            "ICY 200 OK",
            "HTTP/1.1 20 OK",
            "HTTP/1.1 2000 OK",
            "HTTP/1.1 099 OK",
            "HTTP/1.1 OK",
            "HTTP/0.9 200 OK",
            "HTTP/11 200 OK",
            "",
        ];
        for line in status_lines {
            let bytes = format!("{line}\r\n");
            assert_eq!(read(Method::WithBody, &[bytes.as_bytes()]), Err(AnswerFault::NotHttp), "{line}");
            let bytes: Vec<&[u8]> = bytes.as_bytes().chunks(1).collect();
            assert_eq!(read(Method::WithBody, &bytes), Err(AnswerFault::NotHttp), "{line}, byte by byte");
        }
        assert_eq!(read(Method::WithBody, &[&[b'H'; 1], &[b'x'; 99]]), Err(AnswerFault::NotHttp));
        let endless = [&b"HTTP/1.1 200 OK\r\nX: "[..], &vec![b'x'; MAX_HEAD]].concat();
        assert_eq!(read(Method::WithBody, &[&endless]), Err(AnswerFault::HeaderTooLong));
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
