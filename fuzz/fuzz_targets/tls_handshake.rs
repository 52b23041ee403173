//! The payloads of handshake records: the same messages in pieces of any size, and what is joined is what came.
#![no_main]

use esp_https::tls::{HandshakeMessage, Joiner};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let step = usize::from(bytes.first().copied().unwrap_or_default()) + 1;
    let bytes = bytes.get(1..).unwrap_or_default();
    let whole = messages(&[bytes]);
    assert_eq!(whole, messages(&bytes.chunks(step).collect::<Vec<_>>()));
    let joined: Vec<u8> = whole.iter().flat_map(|message| message.encode().expect("it was read")).collect();
    assert!(bytes.starts_with(&joined));
});

fn messages(pieces: &[&[u8]]) -> Vec<HandshakeMessage> {
    let (mut joiner, mut messages) = (Joiner::default(), Vec::new());
    for piece in pieces {
        joiner.push(piece);
        while let Ok(Some(message)) = joiner.next_message() {
            messages.push(message);
        }
    }
    messages
}
