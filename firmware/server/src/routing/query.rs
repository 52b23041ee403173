//! The query of a target, as forms and `URLSearchParams` write it (WHATWG URL section 5.1).

use super::percent::{Plus, decode};

/// Decodes a query in place, and gives the length of the result, which [`pairs`] reads.
pub(crate) fn normalize(query: &mut [u8]) -> usize {
    let (mut from, mut to) = (0, 0);
    while from < query.len() {
        let end = end_of(query, from, b'&', query.len());
        let name_end = end_of(query, from, b'=', end);
        let mut length = decode_to(query, from, name_end, to);
        if name_end < end {
            set(query, to + length, VALUE);
            length += 1 + decode_to(query, name_end + 1, end, to + length + 1);
        }
        to += length;
        if end < query.len() {
            set(query, to, PAIR);
            to += 1;
        }
        from = end + 1;
    }
    to
}

/// The names and values of a query that is normalized, in their order. A name without `=` has an empty value.
pub(crate) fn pairs(normalized: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let text = |bytes| core::str::from_utf8(bytes).unwrap_or_default();
    normalized.split(|byte| *byte == PAIR).filter(|pair| !pair.is_empty()).map(move |pair| {
        let mut parts = pair.splitn(2, |byte| *byte == VALUE);
        (text(parts.next().unwrap_or_default()), text(parts.next().unwrap_or_default()))
    })
}

/// Decodes what is from `from` to `end`, moves it to `to`, and gives its length.
fn decode_to(query: &mut [u8], from: usize, end: usize, to: usize) -> usize {
    let length = query.get_mut(from..end).map_or(0, |part| decode(part, Plus::Space));
    query.copy_within(from..from + length, to);
    length
}

/// Where `byte` is between `from` and `end`; `end` if it is not.
fn end_of(query: &[u8], from: usize, byte: u8, end: usize) -> usize {
    query.get(from..end).and_then(|part| part.iter().position(|b| *b == byte)).map_or(end, |at| from + at)
}

fn set(query: &mut [u8], at: usize, byte: u8) {
    if let Some(slot) = query.get_mut(at) {
        *slot = byte;
    }
}

/// Neither is in any UTF-8 (RFC 3629 section 1), so no name and no value has one.
const PAIR: u8 = 0xFF;
const VALUE: u8 = 0xFE;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Vec<(String, String)> {
        let mut bytes = query.as_bytes().to_vec();
        let length = normalize(&mut bytes);
        pairs(&bytes[..length]).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn names_and_values_are_decoded_apart() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read("a=1&b%26=%3d+&c&=x&a=b=c&&d="),
            [pair("a", "1"), pair("b&", "= "), pair("c", ""), pair("", "x"), pair("a", "b=c"), pair("d", ""),]
        );
        assert_eq!(read(""), []);
        assert_eq!(read("&&"), []);
        assert_eq!(read("a=%FF%FE&%FF=1"), [pair("a", "\u{FFFD}\u{FFFD}"), pair("\u{FFFD}", "1"),]);
    }

    #[test]
    fn a_query_cut_off_anywhere_is_read_up_to_there() {
        let query = "na%6de=v%C3%BC+&x=%";
        for length in 0..=query.len() {
            let read = read(&query[..length]);
            assert!(read.len() <= 2 && (length == 0) == read.is_empty(), "{length}: {read:?}");
        }
    }
}
