//! The request line (RFC 9112 section 3), read left to right, so that what is wrong with it is known at the same byte
//! however the bytes arrive.

use super::{Method, Refusal};
use crate::routing::pattern::Span;
use crate::routing::percent;

/// A parsed request line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestLine {
    pub(crate) method: Method,
    pub(crate) version: Version,
    /// The path as it was sent, percent-encoded; empty for `/` of a URL without one.
    pub(crate) path: Span,
    /// The query as it was sent, without its question mark.
    pub(crate) query: Span,
    /// Its length in bytes, with the line end.
    pub(crate) length: usize,
}

/// The minor version of HTTP/1 as far as it matters; one above 1.1 is treated as 1.1 (RFC 9110 section 2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Http10,
    Http11,
}

impl RequestLine {
    /// Parses the line at the start of `bytes`; `None` when it is right so far and not complete.
    pub(crate) fn parse(bytes: &[u8], max_target: usize) -> Result<Option<Self>, Refusal> {
        let Some((method, rest)) = parse_method(bytes)? else { return Ok(None) };
        let Some((target, rest)) = split_target(rest, max_target)? else { return Ok(None) };
        let Some((version, rest)) = parse_version(rest)? else { return Ok(None) };
        let tail = path_and_query(target)?;
        let end = method.name().len() + 1 + target.len();
        let start = end - tail.len();
        let path_end = start + tail.iter().take_while(|byte| **byte != b'?').count();
        Ok(Some(Self {
            method,
            version,
            path: Span::new(start, path_end),
            query: Span::new(end.min(path_end + 1), end),
            length: bytes.len() - rest.len(),
        }))
    }
}

/// A piece of the line and the bytes behind it, or `None` when it is right so far and not complete.
type Piece<'b, P> = Option<(P, &'b [u8])>;

fn parse_method(bytes: &[u8]) -> Result<Piece<'_, Method>, Refusal> {
    let length = bytes.iter().take_while(|byte| is_token(**byte)).count();
    let (token, rest) = bytes.split_at(length);
    if length > MAX_METHOD {
        return Err(Refusal::UnknownMethod);
    }
    match rest {
        [] => Ok(None),
        [b' ', rest @ ..] if length > 0 => Ok(Some((method(token)?, rest))),
        _ => Err(Refusal::Malformed("the request line does not start with a method")),
    }
}

fn method(token: &[u8]) -> Result<Method, Refusal> {
    match token {
        b"GET" => Ok(Method::Get),
        b"HEAD" => Ok(Method::Head),
        b"POST" => Ok(Method::Post),
        b"OPTIONS" => Ok(Method::Options),
        b"PUT" => Ok(Method::Put),
        b"DELETE" => Ok(Method::Delete),
        b"PATCH" => Ok(Method::Patch),
        b"TRACE" => Ok(Method::Trace),
        // The preface of RFC 9113 section 3.4 is made to fail here; say why.
        b"PRI" => Err(Refusal::Version),
        _ => Err(Refusal::UnknownMethod),
    }
}

fn split_target(bytes: &[u8], max_target: usize) -> Result<Piece<'_, &[u8]>, Refusal> {
    let length = bytes.iter().take_while(|byte| byte.is_ascii_graphic()).count();
    let (target, rest) = bytes.split_at(length);
    if length > max_target {
        return Err(Refusal::TargetTooLong { limit: max_target });
    }
    match rest {
        [] => Ok(None),
        [b' ', rest @ ..] if length > 0 => Ok(Some((target, rest))),
        _ => {
            Err(Refusal::Malformed("the request line is not method, target, version with one space between"))
        }
    }
}

/// The path and the query of a target in origin-form, absolute-form or asterisk-form.
fn path_and_query(target: &[u8]) -> Result<&[u8], Refusal> {
    let tail = match target {
        [b'/', ..] | b"*" => target,
        _ => path_of_absolute(target).ok_or(Refusal::Malformed("the target is neither a path nor a URL"))?,
    };
    if tail.contains(&b'#') {
        return Err(Refusal::Malformed("the target has a fragment"));
    }
    let path = tail.split(|byte| *byte == b'?').next().unwrap_or_default();
    if !percent::is_well_formed(path) {
        return Err(Refusal::Malformed("the path has a % without two hexadecimal digits"));
    }
    Ok(tail)
}

/// What follows scheme and authority. A server must accept this form too (RFC 9112 section 3.2.2).
fn path_of_absolute(target: &[u8]) -> Option<&[u8]> {
    let scheme = [&b"https://"[..], b"http://"]
        .into_iter()
        .find(|scheme| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let rest = target.get(scheme.len()..)?;
    let authority = rest.iter().take_while(|byte| !matches!(byte, b'/' | b'?' | b'#')).count();
    if authority == 0 { None } else { rest.get(authority..) }
}

fn parse_version(bytes: &[u8]) -> Result<Piece<'_, Version>, Refusal> {
    const MALFORMED: Refusal = Refusal::Malformed("the request line does not end with an HTTP version");
    let shared = PATTERN.iter().zip(bytes).take_while(|(class, byte)| class.matches(**byte)).count();
    if shared < PATTERN.len() {
        return if shared == bytes.len() { Ok(None) } else { Err(MALFORMED) };
    }
    let (name, rest) = bytes.split_at(PATTERN.len());
    let [.., major, _, minor] = name else { return Err(MALFORMED) };
    let rest = match rest {
        [] | [b'\r'] => return Ok(None),
        [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] => rest,
        _ => return Err(MALFORMED),
    };
    match (major, minor) {
        (b'1', b'0') => Ok(Some((Version::Http10, rest))),
        (b'1', _) => Ok(Some((Version::Http11, rest))),
        _ => Err(Refusal::Version),
    }
}

/// One byte of the HTTP-version rule.
enum Class {
    Exactly(u8),
    Digit,
}

impl Class {
    fn matches(&self, byte: u8) -> bool {
        match self {
            Self::Exactly(expected) => *expected == byte,
            Self::Digit => byte.is_ascii_digit(),
        }
    }
}

/// RFC 9110 section 5.6.2.
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Longer than any registered method.
const MAX_METHOD: usize = 20;

/// `HTTP/` DIGIT `.` DIGIT (RFC 9112 section 2.3).
const PATTERN: [Class; 8] = [
    Class::Exactly(b'H'),
    Class::Exactly(b'T'),
    Class::Exactly(b'T'),
    Class::Exactly(b'P'),
    Class::Exactly(b'/'),
    Class::Digit,
    Class::Exactly(b'.'),
    Class::Digit,
];
