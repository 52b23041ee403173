//! The reader, as load uses it byte by byte, and the answer of a probe, which is read from all that has come.

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
    assert_eq!(Answer::progress(b"\x10\x20mqtt"), Progress::NotHttp);
    assert_eq!(Answer::progress(b"SSH-2.0-x\r\n"), Progress::NotHttp);
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
