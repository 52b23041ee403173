//! The reader, as load uses it byte by byte, and the answer of a probe, which is read from all that has come.

use proptest::prelude::*;

use super::*;
use crate::client::oddity::Oddity;

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
const ODD: &[u8] =
    b"HTTP/1.1  200\nX : a\n\tb\r\nhello\r\n: c\r\nContent-Length: \r\n 5\r\nContent-Length:5\r\n\r\nhello";
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
        assert_eq!(fault(&format!("Content-Length: {value}\r\n")), AnswerFault::InvalidLength, "{value:?}");
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
    let chunked =
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
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
    let after =
        |value: &str| whole(format!("HTTP/1.1 204 x\r\nConnection: {value}\r\n\r\n").as_bytes()).unwrap().1;
    assert_eq!(after("Close"), After::Close);
    assert_eq!(after("upgrade, close"), After::Close);
    assert_eq!(after("disclosed"), After::Keep);
    for both in [
        "close, keep-alive",
        "keep-alive,CLOSE",
        "x ,\tClose\t, y",
        "keep-alive\r\nConnection: close",
        "close\r\nConnection: keep-alive",
    ] {
        assert_eq!(after(both), After::Close, "{both:?}");
    }
    let old = |fields: &str| whole(format!("HTTP/1.0 204 x\r\n{fields}\r\n").as_bytes()).unwrap().1;
    assert_eq!(old(""), After::Close);
    assert_eq!(old("Connection: Keep-Alive\r\n"), After::Keep);
    assert_eq!(old("Connection: keep-alive, close\r\n"), After::Close);
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

fn complete(bytes: &[u8]) -> Answer {
    match Answer::progress(bytes) {
        Progress::Complete(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_books_answer_is_read() {
    let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello";
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
            assert!(matches!(progress, Progress::Nothing | Progress::Partial(_)), "{length}: {progress:?}");
        }
        assert_eq!(complete(page).body_bytes, 5);
    }
}

#[test]
fn what_is_not_http_is_reported_as_such() {
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
fn interim_answers_are_skipped_in_a_probe() {
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
    fn no_bytes_make_an_answer_panic_or_count_more_than_came(
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
