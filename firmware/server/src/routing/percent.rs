//! Percent-encoding in targets (RFC 3986 section 2.1), decoded in place: what is decoded is never longer than what was sent.

/// Whether each `%` is followed by two hexadecimal digits.
pub(crate) fn is_well_formed(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let Some(after) = rest.get(at..).filter(|from| escape(from).is_some()).and_then(|from| from.get(3..))
        else {
            return false;
        };
        rest = after;
    }
    true
}

/// The bytes that `text` stands for.
pub(crate) fn decoded(text: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = text;
    core::iter::from_fn(move || {
        let (byte, after) = next(rest, Plus::Plain)?;
        rest = after;
        Some(byte)
    })
}

/// What a `+` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// Itself.
    Plain,
    /// A space, as in what a form sends (WHATWG URL section 5.1).
    Space,
}

/// Decodes `text` in place, and gives the length of the result, which is UTF-8: bytes that are not become U+FFFD. An escape that is
/// malformed stays as it is.
pub(crate) fn decode(text: &mut [u8], plus: Plus) -> usize {
    let (mut from, mut to) = (0, 0);
    while let Some(character) = text.get(from..).and_then(|rest| Character::first(rest, plus)) {
        let written = match character.text() {
            Some(written) => written,
            None if from + character.source >= to + REPLACEMENT.len() => REPLACEMENT,
            // Only of a byte that was not escaped, which no target has.
            None => b"?",
        };
        if let Some(slots) = text.get_mut(to..to + written.len()) {
            slots.copy_from_slice(written);
        }
        (from, to) = (from + character.source, to + written.len());
    }
    to
}

/// The first character that a text stands for, or as many bytes as are the beginning of one that is not complete.
struct Character {
    bytes: [u8; 4],
    length: usize,
    /// Bytes of the text that it comes from.
    source: usize,
    is_valid: bool,
}

impl Character {
    fn first(text: &[u8], plus: Plus) -> Option<Self> {
        let (lead, mut rest) = next(text, plus)?;
        let mut bytes = [lead, 0, 0, 0];
        let mut sources = [text.len() - rest.len(), 0, 0, 0];
        let mut length = 1;
        for (slot, source) in bytes.iter_mut().zip(&mut sources).take(length_of(lead)).skip(1) {
            let Some((byte @ 0x80..=0xBF, after)) = next(rest, plus) else { break };
            (*slot, rest) = (byte, after);
            *source = text.len() - rest.len();
            length += 1;
        }
        let valid = core::str::from_utf8(bytes.get(..length)?);
        // One U+FFFD stands for as much as could have become a character (WHATWG Encoding section 4.1).
        let taken = valid.map_or_else(|error| error.error_len().unwrap_or(length), |_| length);
        let source = *sources.get(taken.checked_sub(1)?)?;
        Some(Self { bytes, length, source, is_valid: valid.is_ok() })
    }

    fn text(&self) -> Option<&[u8]> {
        if self.is_valid { self.bytes.get(..self.length) } else { None }
    }
}

/// The first byte that `text` stands for, and what follows it.
fn next(text: &[u8], plus: Plus) -> Option<(u8, &[u8])> {
    match (text, escape(text)) {
        ([_, _, _, rest @ ..], Some(byte)) => Some((byte, rest)),
        ([b'+', rest @ ..], _) if plus == Plus::Space => Some((b' ', rest)),
        ([byte, rest @ ..], _) => Some((*byte, rest)),
        ([], _) => None,
    }
}

/// The byte that an escape at the start of `text` stands for.
fn escape(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Bytes of the character that starts with `lead` (RFC 3629 section 4); 0 when none does.
fn length_of(lead: u8) -> usize {
    match lead {
        0..=0x7F => 1,
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 0,
    }
}

/// U+FFFD. An escape has three bytes, too.
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode_text(text: &str, plus: Plus) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let length = decode(&mut bytes, plus);
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    #[test]
    fn escapes_are_decoded_and_what_is_none_stays() {
        for (text, expected) in [
            ("", ""),
            ("a%20b+c", "a b+c"),
            ("%C3%BC%e2%82%ac%F0%9F%98%80", "ü€😀"),
            ("%", "%"),
            ("%4", "%4"),
            ("%zz%41", "%zzA"),
            ("%%34%31", "%41"),
            ("%FF", "\u{FFFD}"),
            ("%C3x", "\u{FFFD}x"),
            ("%C3%C3%BC", "\u{FFFD}ü"),
            ("%E2%82", "\u{FFFD}"),
            ("%F0%9F%98x", "\u{FFFD}x"),
            ("%ED%A0%80", "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ] {
            assert_eq!(decode_text(text, Plus::Plain), expected, "{text}");
        }
        assert_eq!(decode_text("a+b%2B", Plus::Space), "a b+");
    }

    #[test]
    fn an_escape_that_is_cut_off_is_malformed() {
        let text = b"a%20b%C3%BC";
        for length in 0..=text.len() {
            let whole = ![2, 3, 6, 7, 9, 10].contains(&length);
            assert_eq!(is_well_formed(&text[..length]), whole, "{length}");
        }
        assert!(!is_well_formed(b"%zz") && !is_well_formed(b"%%20"));
    }

    proptest! {
        #[test]
        fn whatever_is_decoded_is_text_and_no_longer(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut decoded_in_place = bytes.clone();
            let length = decode(&mut decoded_in_place, Plus::Space);
            prop_assert!(length <= bytes.len());
            prop_assert!(core::str::from_utf8(&decoded_in_place[..length]).is_ok());
        }

        #[test]
        fn bytes_that_are_no_text_become_what_the_standard_library_makes_of_them(
            bytes in prop::collection::vec(prop::sample::select(vec![b'a', 0x80, 0xC3, 0xE2, 0x82, 0xED, 0xA0, 0xF0, 0x9F, 0xFF]), 0..20),
        ) {
            let encoded: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(decode_text(&encoded, Plus::Plain), String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn what_was_encoded_comes_back(text in "\\PC{0,20}") {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(decode_text(&encoded, Plus::Space), text.clone());
            prop_assert!(decoded(encoded.as_bytes()).eq(text.bytes()));
        }
    }
}
