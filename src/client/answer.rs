//! An HTTP/1 answer, as far as it has come (RFC 9112).

use serde::Serialize;

use super::http::{AnswerFault, Detail, Oddities, Reader};

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
    /// Reads what has come so far. Interim answers before the real one are skipped (RFC 9110, section 15.2).
    pub(crate) fn progress(bytes: &[u8]) -> Progress {
        let mut reader = Reader::new(Detail::Kept);
        let read = reader.feed(bytes);
        match (reader.answer(), read) {
            (answer, Err(fault)) => Progress::Broken(answer, fault),
            (None, Ok(_)) => Progress::Nothing,
            (Some(answer), Ok(Some(_))) => Progress::Complete(answer),
            (Some(answer), Ok(None)) => Progress::Partial(answer),
        }
    }

    /// Whether only the end of the connection tells the end of the body.
    pub(crate) fn ends_with_connection(&self) -> bool {
        self.framing == Framing::Connection
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn complete(bytes: &[u8]) -> Answer {
        match Answer::progress(bytes) {
            Progress::Complete(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_books_answer_is_read() {
        let page =
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello";
        let answer = complete(page);
        assert_eq!((answer.status, answer.reason.as_str(), answer.body_bytes), (200, "OK", 5));
        assert_eq!(answer.content_type.as_deref(), Some("text/html"));
        assert_eq!(answer.header_bytes, page.len() - 5);
    }

    #[test]
    fn no_prefix_of_an_answer_is_taken_for_the_whole() {
        for page in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ] {
            for length in 0..page.len() {
                let progress = Answer::progress(&page[..length]);
                assert!(
                    matches!(progress, Progress::Nothing | Progress::Partial(_)),
                    "{length}: {progress:?}"
                );
            }
            assert_eq!(complete(page).body_bytes, 5);
        }
    }

    #[test]
    fn what_is_not_http_is_said_to_be_so() {
        assert_eq!(Answer::progress(b"\x10\x20mqtt"), Progress::Broken(None, AnswerFault::NotHttp));
        assert_eq!(Answer::progress(b"SSH-2.0-x\r\n"), Progress::Broken(None, AnswerFault::NotHttp));
    }

    #[test]
    fn a_huge_chunk_size_is_no_overflow() {
        let answer =
            Answer::progress(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nab");
        assert!(matches!(answer, Progress::Partial(answer) if answer.body_bytes == 2));
    }

    #[test]
    fn interim_answers_are_skipped() {
        let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
        assert_eq!(Answer::progress(interim), Progress::Nothing);
        let both = [&interim[..], b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"].concat();
        assert_eq!((complete(&both).status, complete(&both).body_bytes), (200, 2));
    }

    #[test]
    fn statuses_without_a_body_are_complete_at_once() {
        assert_eq!(complete(b"HTTP/1.1 204 No Content\r\n\r\n").framing, Framing::NoBody);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_count_more_than_came(
            start in proptest::sample::select(vec![
                "",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            ]),
            rest in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'f'), Just(b'\r'), Just(b'\n')], 0..80),
        ) {
            let bytes = [start.as_bytes(), &rest].concat();
            if let Progress::Partial(answer) | Progress::Complete(answer) = Answer::progress(&bytes) {
                prop_assert!(answer.header_bytes + answer.body_bytes <= bytes.len());
            }
        }
    }
}
