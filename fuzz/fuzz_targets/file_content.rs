//! A file where a certificate or a key was expected: any bytes are told apart without a panic, what is said of DER that is cut
//! off is true, and PEM is read alike in every form in which people have it.
#![no_main]

use esp_https::cert::{key_kind::KeyKind, load::FileContent, pem::Pem};
use libfuzzer_sys::fuzz_target;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};

fuzz_target!(|bytes: &[u8]| {
    assert!(!FileContent::of(bytes).to_string().is_empty());
    if let Some(FileContent::TruncatedDer { bytes: there, expected }) = FileContent::of_der(bytes) {
        assert!(there == bytes.len() && expected > there);
    }
    let keys = [
        PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(bytes)),
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(bytes)),
        PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(bytes)),
    ];
    for kind in keys.iter().filter_map(KeyKind::of) {
        assert!(!kind.to_string().is_empty());
        assert!(!kind.is_for_boards() || kind.is_for_clients());
    }
    if !bytes.is_empty() {
        forms(&written(bytes)).iter().for_each(|form| assert_reads_as(form, bytes));
    }
});

/// What people make of a PEM text without wanting to.
fn forms(pem: &str) -> Vec<Vec<u8>> {
    let utf16 = |unit: fn(u16) -> [u8; 2]| {
        format!("\u{feff}{pem}").encode_utf16().flat_map(unit).collect::<Vec<u8>>()
    };
    let texts = [
        pem.to_owned(),
        format!("\u{feff}{pem}"),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\n    "),
        pem.trim_end().replace('\n', "\\n"),
        pem.trim_end().replace('\n', " "),
        pem.lines().map(|line| format!("\"{line}\\n\"\n")).collect(),
        format!("some text\n{pem}more of it\n"),
    ];
    texts
        .map(String::into_bytes)
        .into_iter()
        .chain([utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)])
        .collect()
}

fn assert_reads_as(form: &[u8], der: &[u8]) {
    let pem = Pem::read(form);
    let mut sections = pem.decode(|_| true);
    let first = sections.next().expect("a section");
    let text = || String::from_utf8_lossy(form).into_owned();
    match first {
        Ok(decoded) => assert!(*decoded.der == *der, "{}", text()),
        Err(damage) => panic!("{damage} in {}", text()),
    }
    assert!(sections.next().is_none(), "one section");
}

/// RFC 7468, with lines of 64 characters.
fn written(der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = "-----BEGIN CERTIFICATE-----".to_owned();
    for (index, group) in der.chunks(3).enumerate() {
        if index % 16 == 0 {
            text.push('\n');
        }
        let number = group.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = (number >> (18 - 6 * place)) & 63;
            text.push(if place <= group.len() { char::from(ALPHABET[digit as usize]) } else { '=' });
        }
    }
    text + "\n-----END CERTIFICATE-----\n"
}
