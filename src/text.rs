//! Text files as people have them: editors and spreadsheets of some systems begin them with a byte-order mark, or write
//! UTF-16.

use std::{
    fs, io,
    path::{Path, PathBuf},
    string::FromUtf8Error,
};

use serde::Serializer;
use zeroize::Zeroizing;

/// How a text is encoded, as its first bytes say (The Unicode Standard, section 23.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8 without a byte-order mark, or something that is no text.
    Unmarked,
    /// UTF-8 after a byte-order mark.
    MarkedUtf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
}

/// It is not UTF-8, and not marked as something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not text (UTF-8)")]
pub(crate) struct NotText;

/// The encoding that the byte-order mark says, and what follows the mark.
pub(crate) fn encoding(bytes: &[u8]) -> (Encoding, &[u8]) {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (Encoding::MarkedUtf8, rest),
        [0xFF, 0xFE, rest @ ..] => (Encoding::Utf16Le, rest),
        [0xFE, 0xFF, rest @ ..] => (Encoding::Utf16Be, rest),
        _ => (Encoding::Unmarked, bytes),
    }
}

/// The known name that was probably meant.
pub(crate) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let with_hyphens = name.replace('_', "-");
    let near = known.iter().map(|known| (strsim::damerau_levenshtein(&with_hyphens, known), *known));
    let (distance, meant) = near.min()?;
    (distance <= meant.len() / 3).then_some(meant)
}

/// The text of a file, without its byte-order mark. It is erased from memory when it is dropped: it may be a password.
///
/// # Errors
/// [`NotText`].
pub(crate) fn decode(bytes: &[u8]) -> Result<Zeroizing<String>, NotText> {
    let (encoding, rest) = encoding(bytes);
    match encoding {
        Encoding::Unmarked | Encoding::MarkedUtf8 => {
            String::from_utf8(rest.to_vec()).map(Zeroizing::new).map_err(erased)
        }
        Encoding::Utf16Le => utf16(rest, u16::from_le_bytes),
        Encoding::Utf16Be => utf16(rest, u16::from_be_bytes),
    }
}

/// Reads a text file that holds no secret; as [`std::fs::read_to_string`], but for byte-order marks and UTF-16.
///
/// # Errors
/// The file can't be read, or is not text.
pub(crate) fn read_to_string(path: &Path) -> io::Result<String> {
    let mut text =
        decode(&fs::read(path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(std::mem::take(&mut *text))
}

fn erased(error: FromUtf8Error) -> NotText {
    drop(Zeroizing::new(error.into_bytes()));
    NotText
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Zeroizing<String>, NotText> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    // Room for all of it at once: a text that grew would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(pairs.len() * MOST_UTF8_PER_UNIT));
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(character.map_err(|_| NotText)?);
    }
    if odd.is_empty() { Ok(text) } else { Err(NotText) }
}

/// Serialises a path. Names of files are bytes; those that are not UTF-8 become U+FFFD, where serde itself refuses the path,
/// and with it the whole document.
pub(crate) fn path<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// The same of a path that may be missing.
pub(crate) fn path_if_any<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    match path {
        Some(known) => self::path(known, serializer),
        None => serializer.serialize_none(),
    }
}

/// The same of several paths.
pub(crate) fn paths<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(|path| path.to_string_lossy()))
}

/// A code unit of UTF-16 takes at most three bytes of UTF-8.
const MOST_UTF8_PER_UNIT: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn the_same_text_comes_of_each_encoding() {
        let text = "pässwörd 🔑\r\nmore";
        let marked = format!("\u{feff}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            marked.into_bytes(),
            utf16_bytes(text, u16::to_le_bytes),
            utf16_bytes(text, u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes).unwrap().as_str(), text, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(decode(b"caf\xe9"), Err(NotText));
        let utf16 = utf16_bytes("ab", u16::to_le_bytes);
        assert_eq!(decode(&utf16[..utf16.len() - 1]), Err(NotText), "half a code unit");
        assert_eq!(decode(b"\xff\xfe\x00\xd8"), Err(NotText), "half a surrogate pair");
    }
}
