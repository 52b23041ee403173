//! Reads HTTP/1 answers as their bytes come (RFC 9112), sans I/O. A reader that only counts does not allocate once its
//! buffer has grown to the size of one header.

use std::mem::MaybeUninit;

use super::{
    answer::{After, Answer, Detail, Framing, Method, NotHttp, Progress, Whole},
    chunked::{BodyProgress, Chunk},
};

/// An answer on its way.
#[derive(Debug, Default)]
pub struct Reader {
    part: AnswerPart,
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

/// What is kept of a header.
#[derive(Debug, Clone, Default)]
struct Fields {
    reason: String,
    content_type: Option<String>,
    server: Option<String>,
}

/// Which part of an answer comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum AnswerPart {
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

impl Reader {
    /// A reader that is ready for the answer to a first request, which can have a body.
    #[must_use]
    pub fn new(detail: Detail) -> Self {
        Self { detail, ..Self::default() }
    }

    /// The answer as far as it has come; `None` until its header is whole.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        (self.part != AnswerPart::Head).then(|| Answer {
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
        self.part = AnswerPart::Head;
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
        while self.part == AnswerPart::Head {
            rest = match self.head(rest)? {
                Some(rest) => rest,
                None => return Ok(None),
            };
        }
        if self.part == AnswerPart::Body && self.body(rest)? == BodyProgress::Complete {
            self.part = AnswerPart::Done;
        }
        Ok((self.part == AnswerPart::Done).then(|| self.whole()))
    }

    /// The connection has ended; returns the answer if that is how it ends (RFC 9112, section 6.3, rule 8).
    #[must_use]
    pub fn end(&mut self) -> Option<Whole> {
        let ends = self.part == AnswerPart::Body && self.body == Body::Connection;
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
            self.part = AnswerPart::Body;
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

    fn body(&mut self, bytes: &[u8]) -> Result<BodyProgress, NotHttp> {
        match &mut self.body {
            Body::Length(left) => {
                self.body_bytes += (bytes.len() as u64).min(*left);
                *left = left.saturating_sub(bytes.len() as u64);
                Ok(if *left == 0 { BodyProgress::Complete } else { BodyProgress::Partial })
            }
            Body::Chunked(chunk) => chunk.take(bytes, &mut self.body_bytes),
            Body::Connection => {
                self.body_bytes += bytes.len() as u64;
                Ok(BodyProgress::Partial)
            }
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

impl Answer {
    /// Reads what has come so far. Interim answers before the real one are skipped (RFC 9110, section 15.2).
    pub(crate) fn progress(bytes: &[u8]) -> Progress {
        let mut reader = Reader::new(Detail::Kept);
        let read = reader.feed(bytes);
        match (reader.answer(), read) {
            (None, Err(NotHttp)) => Progress::NotHttp,
            (None, Ok(_)) => Progress::Nothing,
            (Some(answer), Ok(Some(_))) => Progress::Complete(answer),
            (Some(answer), _) => Progress::Partial(answer),
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
/// A header that is longer than this is none that a small device sends.
const MAX_HEAD: usize = 64 * 1024;

#[cfg(test)]
mod tests;
