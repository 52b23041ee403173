//! What a server answers: any bytes are read or refused, never a panic, and where the stream is cut changes nothing.
#![no_main]

use esp_https::client::{
    answer::{AnswerFault, Method, Whole},
    http::Reader,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (piece, bytes) = input;
    let whole = read(bytes.len().max(1), bytes);
    let pieces = read(usize::from(piece).max(1), bytes);
    // What comes after an answer is ignored in one piece, and not looked at in several; what is refused may be refused
    // later than an answer in front of it was whole.
    if let (Ok(whole), Ok(pieces)) = (whole, pieces) {
        assert_eq!(whole, pieces);
    }
});

fn read(size: usize, bytes: &[u8]) -> Result<Option<Whole>, AnswerFault> {
    let mut reader = Reader::default();
    reader.begin(Method::WithBody);
    for piece in bytes.chunks(size) {
        if let Some(whole) = reader.feed(piece)? {
            return Ok(Some(whole));
        }
    }
    Ok(reader.end())
}
