//! What answers where TLS was expected, told by its first bytes.

use std::{fmt, ops::RangeInclusive};

/// What answers on a port where TLS was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// An HTTP server without TLS.
    PlainHttp,
    /// An SSH server.
    Ssh,
    /// A server that greets in text, e.g. SMTP or FTP: its first line.
    Text(String),
    /// Other bytes: the first ones.
    Bytes(Vec<u8>),
}

/// What speaks, if the first bytes are not those of a TLS record (RFC 8446, section 5.1).
pub(crate) fn foreign(opening: &[u8]) -> Option<Foreign> {
    let first = *opening.first()?;
    if TLS_CONTENT_TYPES.contains(&first) && opening.get(1).is_none_or(|&major| major == TLS_MAJOR_VERSION) {
        return None;
    }
    let line = opening.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or_default();
    let is_text = line.len() > 3 && line.iter().all(|&byte| byte == b' ' || byte.is_ascii_graphic());
    let is_html = opening.trim_ascii_start().first() == Some(&b'<');
    Some(match line {
        _ if opening.starts_with(b"HTTP/") || is_html => Foreign::PlainHttp,
        _ if opening.starts_with(b"SSH-") => Foreign::Ssh,
        line if is_text => Foreign::Text(String::from_utf8_lossy(line).into_owned()),
        _ => Foreign::Bytes(opening.iter().take(SHOWN_BYTES).copied().collect()),
    })
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlainHttp => f.write_str("this port serves HTTP without TLS"),
            Self::Ssh => f.write_str("this port belongs to an SSH server"),
            Self::Text(line) => write!(f, "it begins with the line `{line}`"),
            Self::Bytes(bytes) => {
                f.write_str("it begins with the bytes")?;
                bytes.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
            }
        }
    }
}

/// ChangeCipherSpec, alert, handshake, application data.
const TLS_CONTENT_TYPES: RangeInclusive<u8> = 20..=23;
const TLS_MAJOR_VERSION: u8 = 3;
const SHOWN_BYTES: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_protocols_are_told_from_tls_by_their_first_bytes() {
        assert_eq!(foreign(b""), None);
        assert_eq!(foreign(&[0x16]), None);
        assert_eq!(foreign(&[0x15, 3, 3, 0, 2]), None);
        assert_eq!(foreign(b"HTTP/1.0 400 Bad Request\r\n"), Some(Foreign::PlainHttp));
        assert_eq!(foreign(b"\n<!DOCTYPE html>"), Some(Foreign::PlainHttp));
        assert_eq!(foreign(b"SSH-2.0-dropbear\r\n"), Some(Foreign::Ssh));
        assert_eq!(foreign(b"220 mail ESMTP\r\nx"), Some(Foreign::Text("220 mail ESMTP".to_owned())));
        assert_eq!(foreign(&[0x16, 9, 9]), Some(Foreign::Bytes(vec![0x16, 9, 9])));
    }

    #[test]
    fn no_beginning_of_a_tls_record_is_taken_for_something_else() {
        for content_type in TLS_CONTENT_TYPES {
            let record = [content_type, 3, 1, 0, 2, 2, 40];
            assert!((0..=record.len()).all(|length| foreign(&record[..length]).is_none()));
        }
    }

    proptest! {
        #[test]
        fn what_it_says_of_any_bytes_is_one_printable_line(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let shown = foreign(&bytes).map(|foreign| foreign.to_string()).unwrap_or_default();
            prop_assert!(!shown.chars().any(char::is_control), "{shown:?}");
        }
    }
}
