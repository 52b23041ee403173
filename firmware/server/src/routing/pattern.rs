//! Patterns of paths: literal segments, `{name}` for one segment, and `{*name}` for the rest.

use super::percent::{Plus, decode, decoded};

/// Where something is, in bytes from the start of the buffer that holds it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u16,
    pub(crate) end: u16,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let short = |offset| u16::try_from(offset).unwrap_or(u16::MAX);
        Self { start: short(start), end: short(end) }
    }

    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start.into()..self.end.into()).unwrap_or_default()
    }
}

/// Where the parameters of a pattern are in a path, in their order.
pub(crate) type Parameters = [Span; MAX_PARAMETERS];

/// Where the parameters are, if `path`, as it was sent, fits the pattern. An escaped slash is part of a segment.
pub(crate) fn matches(pattern: &str, path: &[u8]) -> Option<Parameters> {
    let mut parameters = Parameters::default();
    let mut slots = parameters.iter_mut();
    let mut segments = path.strip_prefix(b"/")?.split(|byte| *byte == b'/');
    let mut at = 1;
    for expected in pattern.get(1..)?.split('/') {
        let segment = segments.next()?;
        match Segment::of(expected) {
            Segment::Literal(literal) => {
                if !decoded(segment).eq(literal.bytes()) {
                    return None;
                }
            }
            Segment::One(_) if segment.is_empty() => return None,
            Segment::One(_) => *slots.next()? = Span::new(at, at + segment.len()),
            Segment::Rest(_) => {
                *slots.next()? = Span::new(at, path.len());
                return Some(parameters);
            }
        }
        at += segment.len() + 1;
    }
    segments.next().is_none().then_some(parameters)
}

/// The number of the parameter `name` among those of the pattern.
pub(crate) fn parameter(pattern: &str, name: &str) -> Option<usize> {
    let mut names = pattern.split('/').filter_map(|segment| match Segment::of(segment) {
        Segment::Literal(_) => None,
        Segment::One(name) | Segment::Rest(name) => Some(name),
    });
    names.position(|other| other == name)
}

/// Decodes a path in place, segment by segment, moves the parameters with it, and gives its length.
pub(crate) fn decode_path(path: &mut [u8], parameters: &mut Parameters) -> usize {
    let (mut from, mut to) = (0, 0);
    // The segment behind a slash at the end is an empty one.
    while from <= path.len() {
        let end = path.get(from..).and_then(|rest| rest.iter().position(|byte| *byte == b'/'));
        let end = end.map_or(path.len(), |length| from + length);
        let length = path.get_mut(from..end).map_or(0, |segment| decode(segment, Plus::Plain));
        path.copy_within(from..from + length, to);
        for parameter in parameters.iter_mut() {
            if usize::from(parameter.start) == from && from > 0 {
                parameter.start = Span::new(to, to).start;
            }
            if usize::from(parameter.end) == end && from > 0 {
                parameter.end = Span::new(to + length, to + length).end;
            }
        }
        to += length;
        if end < path.len()
            && let Some(slot) = path.get_mut(to)
        {
            *slot = b'/';
            to += 1;
        }
        from = end + 1;
    }
    to
}

enum Segment<'p> {
    Literal(&'p str),
    One(&'p str),
    Rest(&'p str),
}

impl<'p> Segment<'p> {
    fn of(text: &'p str) -> Self {
        match text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
            Some(inner) => inner.strip_prefix('*').map_or(Self::One(inner), Self::Rest),
            None => Self::Literal(text),
        }
    }
}

/// Fails the build when a pattern is none.
#[allow(clippy::panic, reason = "it is evaluated by the compiler, and no program contains it")]
pub(crate) const fn check(pattern: &str) {
    let bytes = pattern.as_bytes();
    assert!(!bytes.is_empty() && bytes[0] == b'/', "a pattern starts with a slash");
    assert!(bytes.len() <= MAX_PATTERN, "a pattern has at most 64 bytes");
    let (mut at, mut parameters, mut rest) = (1, 0, false);
    while at <= bytes.len() {
        assert!(!rest, "nothing can follow {{*name}} in a pattern");
        let start = at;
        while at < bytes.len() && bytes[at] != b'/' {
            at += 1;
        }
        if start < at && bytes[start] == b'{' {
            parameters += 1;
            rest = bytes[start + 1] == b'*';
            check_name(bytes, start + 1 + rest as usize, at);
        } else {
            check_literal(bytes, start, at);
        }
        at += 1;
    }
    assert!(parameters <= MAX_PARAMETERS, "a pattern has at most 4 parameters");
}

/// The name of a parameter, with its closing brace.
const fn check_name(pattern: &[u8], start: usize, end: usize) {
    assert!(
        end > start + 1 && pattern[end - 1] == b'}',
        "a parameter is a whole segment: {{name}} or {{*name}}"
    );
    let mut at = start;
    while at < end - 1 {
        assert!(
            pattern[at].is_ascii_alphanumeric() || pattern[at] == b'_',
            "the name of a parameter has letters, digits and _"
        );
        at += 1;
    }
}

const fn check_literal(pattern: &[u8], start: usize, end: usize) {
    let mut at = start;
    while at < end {
        assert!(
            pattern[at].is_ascii_graphic() && !matches!(pattern[at], b'{' | b'}' | b'?' | b'#' | b'%'),
            "a pattern has no space, brace, ?, # or %, and is written without escapes"
        );
        at += 1;
    }
}

/// Parameters of one pattern. Each takes 4 bytes of every session.
pub(crate) const MAX_PARAMETERS: usize = 4;

/// Bytes of one pattern. The serial port and its reader see it whole.
pub(crate) const MAX_PATTERN: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(pattern: &str, path: &str) -> Option<Vec<String>> {
        let mut parameters = matches(pattern, path.as_bytes())?;
        let mut path = path.as_bytes().to_vec();
        let length = decode_path(&mut path, &mut parameters);
        let found = parameters.iter().filter(|span| span.start > 0);
        Some(found.map(|span| String::from_utf8(span.of(&path[..length]).to_vec()).unwrap()).collect())
    }

    #[test]
    fn a_path_fits_segment_by_segment() {
        for (pattern, path, expected) in [
            ("/", "/", Some(vec![])),
            ("/", "/a", None),
            ("/light", "/light", Some(vec![])),
            ("/light", "/light/", None),
            ("/light", "/li%67ht", Some(vec![])),
            ("/light", "/Light", None),
            ("/a/b", "/a%2Fb", None),
            ("/rooms/{room}/light", "/rooms/k%C3%BCche/light", Some(vec!["küche"])),
            ("/rooms/{room}/light", "/rooms//light", None),
            ("/rooms/{room}", "/rooms/a%2fb", Some(vec!["a/b"])),
            ("/rooms/{room}", "/rooms/a/b", None),
            ("/rooms/{room}", "/rooms", None),
            ("/{a}/{b}", "/%41x/y%20", Some(vec!["Ax", "y "])),
            ("/{*path}", "/", Some(vec![""])),
            ("/{*path}", "/css/a%20b.css", Some(vec!["css/a b.css"])),
            ("/files/{*path}", "/files", None),
            ("/files/{*path}", "/files/%41/b", Some(vec!["A/b"])),
            ("/files/{*path}", "/files/%41/", Some(vec!["A/"])),
            ("/{a}/{*b}", "/%41/x%20y/", Some(vec!["A", "x y/"])),
            ("/{a}/{*b}", "/%41/", Some(vec!["A", ""])),
        ] {
            let expected = expected.map(|texts| texts.into_iter().map(str::to_owned).collect());
            assert_eq!(fit(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_path_cut_off_anywhere_fits_no_longer_pattern() {
        let path = "/rooms/k%C3%BCche/light";
        for length in 0..path.len() {
            assert_eq!(fit("/rooms/{room}/light", &path[..length]), None, "{length}");
        }
    }

    #[test]
    fn a_parameter_is_found_by_its_name() {
        assert_eq!(parameter("/a/{b}/{*c}", "b"), Some(0));
        assert_eq!(parameter("/a/{b}/{*c}", "c"), Some(1));
        assert_eq!(parameter("/a/{b}/{*c}", "a"), None);
    }

    #[test]
    fn what_is_no_pattern_fails_the_build() {
        for pattern in ["", "a", "/{", "/{}", "/{*}", "/{a}b", "/a{b}", "/{*a}/b", "/a?b", "/%41", "/{a-b}"] {
            assert!(std::panic::catch_unwind(|| check(pattern)).is_err(), "{pattern}");
        }
        check("/a/{b}/{c}/{d}/{*e_1}");
    }
}
