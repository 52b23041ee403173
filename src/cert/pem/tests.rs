//! PEM in the forms that people and their tools make of it.

use super::*;
use crate::cert::{KeyType, Request, generate};

/// A way to damage a text.
type Damaging = fn(&str) -> String;

fn made() -> (String, Vec<u8>) {
    let pair = generate(&Request { key_type: KeyType::P256, ..Request::book() }).unwrap();
    (pair.certificate_pem.clone(), pair.certificate.to_vec())
}

fn read(text: &[u8]) -> Result<(Vec<u8>, Vec<Oddity>), Damage> {
    let pem = Pem::read(text);
    let decoded = pem.decode(Label::is_certificate).next().expect("a section")?;
    Ok((decoded.der.to_vec(), decoded.oddities.into_iter().collect()))
}

#[test]
fn what_can_be_undone_without_doubt_is_undone_and_told() {
    let (text, der) = made();
    let cases: [(Damaging, &[Oddity]); 21] = [
        (str::to_owned, &[]),
        (|text| text.replace('\n', "\r\n"), &[]),
        (|text| text.replace('\n', "\r"), &[]),
        (|text| text.replace('\n', "  \n"), &[]),
        (|text| format!("Subject: CN=x\n\n{text}\nmore\n"), &[]),
        (|text| format!("\u{feff}{text}"), &[Oddity::ByteOrderMark]),
        (|text| text.replace('\n', " "), &[Oddity::MissingLineBreaks]),
        (|text| text.replace('\n', ""), &[Oddity::MissingLineBreaks]),
        (|text| text.replacen('\n', "", 1), &[Oddity::MissingLineBreaks]),
        (|text| text.replacen('\n', " ", 1), &[Oddity::MissingLineBreaks]),
        (|text| text.replace('\n', "\\n"), &[Oddity::EscapedLineBreaks]),
        (|text| text.replace('\n', "\\r\\n"), &[Oddity::EscapedLineBreaks]),
        (|text| text.replace('\n', "\\\\n"), &[Oddity::EscapedLineBreaks]),
        (|text| text.replace('\n', "\\u000a").replace('+', "\\u002B"), &[Oddity::EscapedLineBreaks]),
        (|text| text.replace('\n', "\\n").replace('/', "\\/"), &[Oddity::EscapedLineBreaks]),
        (|text| format!("key: |\n{}", text.replace("\n", "\n    ")), &[Oddity::Indentation]),
        (|text| text.lines().map(|line| format!("  {line}\n")).collect(), &[Oddity::Indentation]),
        (
            |text| text.lines().map(|line| format!("\u{a0}{line}\n")).collect(),
            &[Oddity::TextBeforeBegin, Oddity::Indentation],
        ),
        (
            |text| text.lines().map(|line| format!("\"{line}\\n\"\n")).collect(),
            &[Oddity::EscapedLineBreaks, Oddity::Quotes],
        ),
        (|text| format!("KEY='{text}'"), &[Oddity::Quotes]),
        (|text| text.replace([' ', '\n'], ""), &[Oddity::LabelWithoutSpaces, Oddity::MissingLineBreaks]),
    ];
    for (number, (damage, oddities)) in cases.into_iter().enumerate() {
        assert_eq!(read(damage(&text).as_bytes()), Ok((der.clone(), oddities.to_vec())), "case {number}");
    }
}

#[test]
fn encodings_and_labels_of_others_are_read() {
    let (text, der) = made();
    let utf16 =
        |text: &str, to: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(to).collect() };
    let twice = <base64ct::Base64 as base64ct::Encoding>::encode_string(text.as_bytes());
    let cases: [(Vec<u8>, Oddity); 6] = [
        (utf16(&format!("\u{feff}{text}"), u16::to_le_bytes), Oddity::Utf16),
        (utf16(&format!("\u{feff}{text}"), u16::to_be_bytes), Oddity::Utf16),
        (utf16(&text, u16::to_le_bytes), Oddity::Utf16),
        (twice.into_bytes(), Oddity::EncodedTwice),
        (text.replace("CERTIFICATE", "X509 CERTIFICATE").into_bytes(), Oddity::UnusualLabel),
        (text.replace("CERTIFICATE", "TRUSTED CERTIFICATE").into_bytes(), Oddity::UnusualLabel),
    ];
    for (bytes, oddity) in cases {
        assert_eq!(read(&bytes), Ok((der.clone(), vec![oddity])));
    }
}

#[test]
fn a_damaged_section_does_not_keep_another_from_being_read() {
    let (text, der) = made();
    for key in [
        "-----BEGIN PRIVATE KEY-----\nMIIE!vQ\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n",
        "-----BEGIN PRIVATE KEY----\nMIIEvQ\n-----END PRIVATE KEY-----\n",
        "-----BEGIN\n",
    ] {
        assert_eq!(read(format!("{key}{text}").as_bytes()).map(|read| read.0), Ok(der.clone()), "{key}");
        assert_eq!(read(format!("{text}{key}").as_bytes()).map(|read| read.0), Ok(der.clone()), "{key}");
    }
}

#[test]
fn what_can_not_be_undone_has_its_kind() {
    let (text, _) = made();
    let end = "-----END CERTIFICATE-----";
    for (damaged, damage) in [
        (text.replace(end, ""), Damage::NoEnd),
        (text.replace(end, "-----END CERT-----"), Damage::OtherEnd),
        (text.replacen('M', "!", 1), Damage::NotBase64),
        (text.replacen('M', "", 1), Damage::NotBase64),
        (text.replacen("MI", "M\\xI", 1), Damage::NotBase64),
        (format!("-----BEGIN CERTIFICATE-----\n\n{end}\n"), Damage::Empty),
    ] {
        assert_eq!(read(damaged.as_bytes()), Err(damage), "{damaged}");
    }
}

#[test]
fn every_truncation_is_refused_in_every_form() {
    let (text, der) = made();
    let forms: [Damaging; 4] = [
        str::to_owned,
        |text| text.replace('\n', " "),
        |text| text.replace('\n', "\\n"),
        |text| format!("\u{feff}  {text}"),
    ];
    for form in forms {
        let form = form(&text);
        let whole = form.trim_end_matches(['\n', ' ', '\\', 'n']).len();
        for length in 0..whole {
            let pem = Pem::read(&form.as_bytes()[..length]);
            assert!(pem.decode(Label::is_certificate).all(|decoded| decoded.is_err()), "{length} of {form}");
        }
        assert_eq!(read(&form.as_bytes()[..whole]).map(|read| read.0), Ok(der.clone()));
    }
}

#[test]
fn a_key_on_the_command_line_is_known_whatever_became_of_it() {
    let pair = generate(&Request { key_type: KeyType::P256, ..Request::book() }).unwrap();
    let text = pair.private_key_pem.as_str();
    let bare: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let twice = <base64ct::Base64 as base64ct::Encoding>::encode_string(text.as_bytes());
    let forms = [
        text.to_owned(),
        text.replace('\n', " "),
        text.replace(' ', ""),
        format!("--key={text}"),
        bare,
        twice,
    ];
    for key in forms {
        assert!(is_private_key(key.as_bytes()), "{}", key.len());
    }
    for word in ["prvtkey.pem", "/srv/PRIVATE KEY.pem", "MIIkey.pem", "--key", "127.0.0.1:8443", ""] {
        assert!(!is_private_key(word.as_bytes()), "{word}");
    }
    // A certificate is public, and may be the body of a request.
    let certificate = pair.certificate_pem.as_str();
    let bare: String = certificate.lines().filter(|line| !line.starts_with('-')).collect();
    let twice = <base64ct::Base64 as base64ct::Encoding>::encode_string(certificate.as_bytes());
    for certificate in [certificate, &bare, &twice] {
        assert!(!is_private_key(certificate.as_bytes()), "{certificate}");
    }
}

#[test]
fn debug_output_and_messages_hold_nothing_of_the_text() {
    let pem = Pem::read(b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
    assert_eq!(format!("{pem:?}"), "Pem(1 sections)");
    let decoded = pem.decode(Label::is_plain_key).next().unwrap().unwrap();
    assert_eq!((format!("{decoded:?}").as_str(), &**decoded.der), ("Decoded(Pkcs8Key)", &b"secret"[..]));
}
