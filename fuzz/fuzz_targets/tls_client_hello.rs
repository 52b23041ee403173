//! A ClientHello's body: what is read is written again as the same bytes.
#![no_main]

use esp_https::tls::{ClientHello, HandshakeMessage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(hello) = ClientHello::decode(bytes)
        && let Ok(message) = HandshakeMessage::decode(&hello.encode().expect("it was read"))
    {
        // An empty list of extensions may be written as none.
        assert!(
            message.body == bytes
                || hello.extensions.is_empty() && bytes == [&message.body[..], &[0, 0]].concat()
        );
    }
});
