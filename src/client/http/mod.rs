//! Reads HTTP/1 answers as their bytes come (RFC 9112), sans I/O. A reader that only counts does not allocate once its
//! buffer has grown to the size of one header. It reads what common clients read, and notes what was odd.

mod chunked;
mod head;
mod length;

use chunked::{BodyProgress, Chunk};
use head::{EndFinder, FieldLines, StatusLine};
use length::{HasBody, Lengths};

use super::{
    answer::{After, Answer, AnswerFault, Detail, Framing, MAX_HEAD, Method, Progress, Whole},
    oddity::Oddities,
};

/// An answer on its way.
#[derive(Debug, Default)]
pub struct Reader {
    part: AnswerPart,
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
        self.part = AnswerPart::StatusLine;
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
            self.part = AnswerPart::Failed(fault);
        }
        read
    }

    /// The connection has ended; returns the answer if that is how it ends (RFC 9112, section 6.3, rule 8).
    #[must_use]
    pub fn end(&mut self) -> Option<Whole> {
        let ends = self.part == AnswerPart::Body && self.body == Body::Connection;
        ends.then_some(Whole { status: self.status, after: After::Close })
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Option<Whole>, AnswerFault> {
        let mut rest = bytes;
        while matches!(self.part, AnswerPart::StatusLine | AnswerPart::Fields) {
            rest = match self.header(rest)? {
                Some(rest) => rest,
                None => return Ok(None),
            };
        }
        if let AnswerPart::Failed(fault) = self.part {
            return Err(fault);
        }
        if self.part == AnswerPart::Body && self.body(rest)? == BodyProgress::Complete {
            self.part = AnswerPart::Done;
        }
        Ok((self.part == AnswerPart::Done).then(|| self.whole()))
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
        if self.part == AnswerPart::StatusLine && self.head_end.is_past_status_line() {
            head::split(&self.head, &mut Oddities::default()).ok_or(AnswerFault::NotHttp)?;
            self.part = AnswerPart::Fields;
        }
        if head::may_begin(&self.head) { Ok(()) } else { Err(AnswerFault::NotHttp) }
    }

    /// Reads a whole header.
    fn parse(&mut self, bytes: &[u8]) -> Result<(), AnswerFault> {
        self.head_end = EndFinder::default();
        self.part = AnswerPart::StatusLine;
        self.oddities = Oddities::default();
        let (line, fields) = head::split(bytes, &mut self.oddities).ok_or(AnswerFault::NotHttp)?;
        if matches!(line.status, 100 | 102..=199) {
            return Ok(());
        }
        self.status = line.status;
        self.header_bytes = bytes.len();
        self.part = AnswerPart::Body;
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

    fn body(&mut self, bytes: &[u8]) -> Result<BodyProgress, AnswerFault> {
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

impl Answer {
    /// Reads what has come so far. Interim answers before the real one are skipped (RFC 9110, section 15.2).
    pub(crate) fn progress(bytes: &[u8]) -> Progress {
        Self::progress_to(Method::WithBody, bytes)
    }

    /// The same for the answer to a request with this method.
    pub(crate) fn progress_to(method: Method, bytes: &[u8]) -> Progress {
        let mut reader = Reader::new(Detail::Kept);
        reader.begin(method);
        let read = reader.feed(bytes);
        match (reader.answer(), read) {
            (answer, Err(fault)) => Progress::Broken(answer, fault),
            (None, Ok(_)) => Progress::Nothing,
            (Some(answer), Ok(Some(_))) => Progress::Complete(answer),
            (Some(answer), Ok(None)) => Progress::Partial(answer),
        }
    }
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

#[cfg(test)]
mod tests;
