//! PEM as somebody pasted it: any bytes are taken apart, and what can be decoded reads the same once written properly.
#![no_main]

use esp_https::cert::pem::Pem;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let pem = Pem::read(text);
    for decoded in pem.decode(|_| true).flatten() {
        let written =
            format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64(&decoded.der));
        let again = Pem::read(written.as_bytes());
        let again = again.decode(|_| true).next().expect("a section");
        match again {
            Ok(again) => assert!(*again.der == *decoded.der),
            Err(_) => assert!(decoded.der.is_empty()),
        }
    }
});

/// RFC 4648 section 4, in lines of 64 characters.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (index, group) in bytes.chunks(3).enumerate() {
        if index % 16 == 0 && index > 0 {
            text.push('\n');
        }
        let number = group.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = (number >> (18 - 6 * place)) & 63;
            text.push(if place <= group.len() { char::from(ALPHABET[digit as usize]) } else { '=' });
        }
    }
    text
}
