//! What is kept of a request's head while it is answered: path, query, and the header fields that the route wants.

use crate::http::Head;
use crate::routing::pattern::{Parameters, Span, decode_path};
use crate::routing::{MAX_FIELDS, query};

/// Where it is, in bytes from the start of the request.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) path: Span,
    pub(crate) parameters: Parameters,
    pub(crate) query: Span,
    /// Those that the route wants, in its order. Empty when they did not come.
    pub(crate) fields: [Span; MAX_FIELDS],
    length: u16,
}

impl Kept {
    pub(crate) const NOTHING: Self = {
        const EMPTY: Span = Span { start: 0, end: 0 };
        Self {
            path: EMPTY,
            parameters: [EMPTY; crate::routing::pattern::MAX_PARAMETERS],
            query: EMPTY,
            fields: [EMPTY; MAX_FIELDS],
            length: 0,
        }
    };

    /// Its length in bytes.
    pub(crate) fn length(&self) -> usize {
        self.length.into()
    }

    /// Moves what is to be kept of the head at the start of `bytes` to the very start, decoded. It is in the order in which it was
    /// sent, and never longer, so nothing is overwritten that is still needed.
    pub(crate) fn compact(bytes: &mut [u8], head: &Head, parameters: Parameters, wanted: &[&str]) -> Self {
        let mut kept = Self { parameters, ..Self::NOTHING };
        let mut end = move_to(bytes, head.path, 0);
        let path = bytes.get_mut(..end).unwrap_or_default();
        end = decode_path(path, &mut kept.parameters);
        kept.path = Span::new(0, end);
        let query_end = move_to(bytes, head.query, end);
        let length = bytes.get_mut(end..query_end).map_or(0, query::normalize);
        kept.query = Span::new(end, end + length);
        end += length;
        let mut rest = if wanted.is_empty() { Span::default() } else { head.fields };
        while let Some(field) = next_field(bytes, &mut rest) {
            let name = field.name.of(bytes);
            let index = wanted.iter().position(|wanted| name.eq_ignore_ascii_case(wanted.as_bytes()));
            // Of a field that comes twice, the first counts.
            if let Some(slot) = index.and_then(|index| kept.fields.get_mut(index))
                && *slot == Span::default()
            {
                let start = end;
                end = move_to(bytes, field.value, start);
                *slot = Span::new(start, end);
            }
        }
        kept.length = Span::new(end, end).end;
        kept
    }
}

/// Moves what is in `span` down to `to`, and gives its new end.
fn move_to(bytes: &mut [u8], span: Span, to: usize) -> usize {
    let (start, end) = (usize::from(span.start), usize::from(span.end));
    if to <= start && start <= end && end <= bytes.len() {
        bytes.copy_within(start..end, to);
        return to + (end - start);
    }
    to
}

/// A header field, which the parser has found to be name, colon, value.
struct Field {
    name: Span,
    value: Span,
}

/// The first field of `rest`, which is then what follows it.
fn next_field(bytes: &[u8], rest: &mut Span) -> Option<Field> {
    let start = usize::from(rest.start);
    let line = rest.of(bytes).split_inclusive(|byte| *byte == b'\n').next()?;
    let colon = line.iter().position(|byte| *byte == b':')?;
    let behind = line.get(colon + 1..)?;
    let value = behind.trim_ascii_start();
    let value_start = start + line.len() - value.len();
    *rest = Span::new(start + line.len(), rest.end.into());
    Some(Field {
        name: Span::new(start, start + colon),
        value: Span::new(value_start, value_start + value.trim_ascii_end().len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::HeadReader;
    use crate::routing::pattern::matches;

    fn keep(head: &str, pattern: &str, wanted: &[&str]) -> (Kept, Vec<u8>) {
        let mut bytes = head.as_bytes().to_vec();
        let parsed = HeadReader::default().advance(&bytes, 4096, 2048).unwrap().unwrap();
        let parameters = matches(pattern, parsed.path.of(&bytes)).unwrap();
        (Kept::compact(&mut bytes, &parsed, parameters, wanted), bytes)
    }

    #[test]
    fn path_query_and_wanted_fields_are_kept_decoded_and_nothing_else() {
        let head = "GET https://b/rooms/k%C3%BCche/a%2Fb?x=1+%32&y HTTP/1.1\r\nHost: b\r\nX-B:  two \r\nAccept: */*\r\nx-a:one\r\n\
                    X-B: three\r\n\r\n";
        let (kept, bytes) = keep(head, "/rooms/{room}/{*rest}", &["X-A", "x-b", "x-c"]);
        let text = |span: Span| core::str::from_utf8(span.of(&bytes)).unwrap();
        assert_eq!(text(kept.path), "/rooms/küche/a/b");
        assert_eq!(kept.parameters.map(text), ["küche", "a/b", "", ""]);
        assert_eq!(query::pairs(kept.query.of(&bytes)).collect::<Vec<_>>(), [("x", "1 2"), ("y", "")]);
        assert_eq!(kept.fields.map(text), ["one", "two", "", ""]);
        assert_eq!(kept.length(), "/rooms/küche/a/bx=1 2&yonetwo".len());
    }

    #[test]
    fn a_url_without_a_path_has_an_empty_one() {
        let (kept, _) = keep_root("GET https://b HTTP/1.1\nHost: b\n\n");
        assert_eq!((kept.length(), kept.path), (0, Span::default()));
    }

    fn keep_root(head: &str) -> (Kept, Vec<u8>) {
        let mut bytes = head.as_bytes().to_vec();
        let parsed = HeadReader::default().advance(&bytes, 4096, 2048).unwrap().unwrap();
        (Kept::compact(&mut bytes, &parsed, Parameters::default(), &[]), bytes)
    }
}
