//! Answers, rendered whole, so that one TLS record carries head and body.

use core::fmt::{self, Display, Write};

use super::{Persistence, Version};

/// An answer. Its body is written twice, to be measured first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Response<B> {
    pub(crate) status: u16,
    pub(crate) media: Media,
    /// The methods of the resource, when the answer has to list them.
    pub(crate) allow: Option<&'static str>,
    pub(crate) body: B,
}

/// What the request and the state of the connection say about the way an answer goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) version: Version,
    pub(crate) persistence: Persistence,
    pub(crate) part: BodyPart,
}

/// The media type of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Html,
    Json,
    Text,
    /// No body, and no fields about one (RFC 9110 section 8.6).
    None,
}

/// Whether the body goes out, or only its length (RFC 9110 section 9.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyPart {
    Send,
    Omit,
}

impl<B: Display> Response<B> {
    /// Writes head and body into `out` and gives their length in bytes.
    ///
    /// # Errors
    /// `out` is too small.
    pub(crate) fn render(&self, out: &mut [u8], delivery: Delivery) -> Result<usize, fmt::Error> {
        let mut out = Cursor { out, length: 0 };
        write!(out, "HTTP/1.1 {} {}\r\n", self.status, reason(self.status))?;
        if let Some(media) = self.media.name() {
            let mut length = Length(0);
            write!(length, "{}", self.body)?;
            write!(out, "Content-Type: {media}\r\nContent-Length: {}\r\n", length.0)?;
            // A browser must not take text for a page, whatever is in it (WHATWG Fetch section 3.6).
            out.write_str("X-Content-Type-Options: nosniff\r\n")?;
        }
        if self.media == Media::Json {
            out.write_str("Cache-Control: no-store\r\n")?;
        }
        if let Some(methods) = self.allow {
            write!(out, "Allow: {methods}\r\n")?;
        }
        match (delivery.persistence, delivery.version) {
            (Persistence::Close, _) => out.write_str("Connection: close\r\n")?,
            (Persistence::KeepAlive, Version::Http10) => out.write_str("Connection: keep-alive\r\n")?,
            (Persistence::KeepAlive, Version::Http11) => {}
        }
        out.write_str("\r\n")?;
        if delivery.part == BodyPart::Send && self.media != Media::None {
            write!(out, "{}", self.body)?;
        }
        Ok(out.length)
    }
}

impl Media {
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Html => Some("text/html; charset=utf-8"),
            Self::Json => Some("application/json"),
            Self::Text => Some("text/plain; charset=utf-8"),
            Self::None => None,
        }
    }
}

/// The reason phrase (RFC 9110 section 15, RFC 6585 section 5).
const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

struct Cursor<'o> {
    out: &'o mut [u8],
    length: usize,
}

impl Write for Cursor<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.out.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::ANSWER_BYTES;
    use crate::http::Refusal;
    use crate::routes::Page;
    use crate::stats::Stats;

    #[test]
    fn the_longest_answers_fit_the_buffer() {
        let stats = Stats {
            uptime_s: u64::MAX,
            heap_free: u32::MAX as usize,
            heap_min: u32::MAX as usize,
            sessions: usize::from(u16::MAX),
            handshakes: u32::MAX,
            resumed: u32::MAX,
            handshake_us: u64::MAX,
            failed: u32::MAX,
            requests: u32::MAX,
            frames_dropped: Some(u32::MAX),
        };
        let stat = Response { status: 200, media: Media::Json, allow: None, body: Page::Stat(stats) };
        for response in [
            stat,
            Refusal::HeaderTooLong { limit: usize::from(u16::MAX) }.into(),
            Refusal::NotAllowed("GET, HEAD, POST").into(),
            Refusal::TooSlow { limit_ms: u32::MAX }.into(),
        ] {
            let delivery = Delivery {
                version: Version::Http10,
                persistence: Persistence::KeepAlive,
                part: BodyPart::Send,
            };
            let length = response.render(&mut [0; ANSWER_BYTES], delivery);
            assert!(length.is_ok_and(|length| length + 64 <= ANSWER_BYTES), "{length:?}");
        }
    }

    #[test]
    fn an_answer_that_does_not_fit_is_an_error_and_not_a_part_of_one() {
        let response = Response::<Page>::from(Refusal::NotFound);
        let delivery =
            Delivery { version: Version::Http11, persistence: Persistence::Close, part: BodyPart::Send };
        assert_eq!(response.render(&mut [0; 100], delivery), Err(fmt::Error));
    }
}
