//! A file that somebody wants to know something about: any bytes are described or refused, and what is described can be written down.
//! Keys that a passphrase protects are tried, too, and never take longer than is usual.
#![no_main]

use esp_https::cert::{
    Passphrase,
    inspection::inspect,
    passphrase::open,
    pem::{Label, Pem},
};
use libfuzzer_sys::fuzz_target;
use time::macros::datetime;

fuzz_target!(|bytes: &[u8]| {
    match inspect("file".to_owned(), bytes, datetime!(2026-11-27 12:00 UTC)) {
        Ok(found) => {
            assert!(!found.items.is_empty());
            serde_json::to_string(&found).expect("it is plain data");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let passphrase = Passphrase::parse(b"x").expect("a passphrase");
    // Hashing takes its time, so only what is short is opened.
    if bytes.len() < 400 {
        for decoded in Pem::read(bytes).decode(|label| label == Label::EncryptedKey).flatten() {
            drop(open(&decoded.der, &passphrase));
        }
    }
});
