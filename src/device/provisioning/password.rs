//! The Wi-Fi password as it comes from a file, a variable or a keyboard. No error holds anything of it.

use esp_https_provision::Password;

use crate::text;

/// Why what was given is no Wi-Fi password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordFlaw {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// It is not text in any encoding that is known.
    #[error("it is not text (UTF-8)")]
    NotText,
    /// There is another line.
    #[error("there is more than one line, and a password is one")]
    SecondLine,
    /// IEEE 802.11-2020, annex J.4, knows printable ASCII only.
    #[error("it has letters outside ASCII, which WPA does not have in a password")]
    OutsideAscii,
    /// The same: a tab, for example.
    #[error("it has a tab or another control character")]
    ControlCharacter,
    /// It is too short.
    #[error("it is shorter than 8 characters, the least that WPA takes")]
    TooShort,
    /// It is too long.
    #[error("it is longer than 63 characters, the most that WPA takes")]
    TooLong,
    /// 64 characters are a key, and a key is hexadecimal.
    #[error("it has 64 characters, which makes it a key, and a key has hexadecimal digits only")]
    NotAKey,
}

/// Understands a password. One line break at its end is not part of it, nor is a byte-order mark.
///
/// # Errors
/// [`PasswordFlaw`], the first thing that is wrong.
pub fn parse(bytes: &[u8]) -> Result<Password, PasswordFlaw> {
    let text = text::decode(bytes).map_err(|_| PasswordFlaw::NotText)?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() {
        return Err(PasswordFlaw::Empty);
    }
    if line.contains(['\n', '\r']) {
        return Err(PasswordFlaw::SecondLine);
    }
    if !line.is_ascii() {
        return Err(PasswordFlaw::OutsideAscii);
    }
    if line.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(PasswordFlaw::ControlCharacter);
    }
    line.parse().map_err(|_| match line.len() {
        ..=7 => PasswordFlaw::TooShort,
        KEY_DIGITS => PasswordFlaw::NotAKey,
        _ => PasswordFlaw::TooLong,
    })
}

/// A key of 256 bits (IEEE 802.11-2020, annex J.4).
const KEY_DIGITS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(bytes: &[u8]) -> Option<PasswordFlaw> {
        parse(bytes).err()
    }

    #[test]
    fn what_editors_and_shells_add_is_no_part_of_it() {
        let utf16: Vec<u8> = "\u{feff}secret word\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in
            [&b"secret word"[..], b"secret word\n", b"secret word\r\n", b"\xef\xbb\xbfsecret word\n", &utf16]
        {
            assert_eq!(parse(bytes).unwrap().expose(), "secret word", "{bytes:?}");
        }
        assert_eq!(parse(b" secret word ").unwrap().expose(), " secret word ", "blanks may be part of it");
        assert_eq!(parse("ab".repeat(32).as_bytes()).unwrap().expose().len(), 64, "a key");
    }

    #[test]
    fn each_flaw_has_its_own_sentence() {
        for (bytes, expected) in [
            (&b""[..], PasswordFlaw::Empty),
            (b"\n", PasswordFlaw::Empty),
            (b"\xef\xbb\xbf\r\n", PasswordFlaw::Empty),
            (b"caf\xe9 secret", PasswordFlaw::NotText),
            (b"secret word\nmore", PasswordFlaw::SecondLine),
            (b"secret word\n\n", PasswordFlaw::SecondLine),
            (b"secret word\rmore", PasswordFlaw::SecondLine),
            ("pässwörter".as_bytes(), PasswordFlaw::OutsideAscii),
            (b"secret\tword", PasswordFlaw::ControlCharacter),
            (b"secret word\0", PasswordFlaw::ControlCharacter),
            (b"seven77", PasswordFlaw::TooShort),
            (&[b'x'; 64], PasswordFlaw::NotAKey),
            (&[b'x'; 65], PasswordFlaw::TooLong),
            (&[b'x'; 5000], PasswordFlaw::TooLong),
        ] {
            assert_eq!(flaw(bytes), Some(expected), "{bytes:?}");
        }
        assert_eq!(flaw(&[b'x'; 63]), None);
        assert_eq!(flaw(&[b'x'; 8]), None);
    }
}
