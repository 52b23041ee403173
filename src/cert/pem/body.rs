//! What stands between a BEGIN and an END line: base64, and what got in between on its way.

use std::collections::BTreeSet;

use base64ct::{Base64, Encoding as _};
use zeroize::Zeroizing;

use super::{Damage, Oddity, find};

/// Decodes what stands between a BEGIN and an END line.
pub(super) fn decode_body(body: &[u8]) -> Result<(Zeroizing<Vec<u8>>, BTreeSet<Oddity>), Damage> {
    let mut cleaned = Cleaned::default();
    // Allocated once: a buffer that grows leaves copies of a key behind.
    cleaned.base64.reserve_exact(body.len());
    cleaned.take(without_headers(body))?;
    if cleaned.base64.is_empty() {
        return Err(Damage::Empty);
    }
    let mut der = Zeroizing::new(vec![0; cleaned.base64.len()]);
    let length = Base64::decode(&**cleaned.base64, &mut der).map_err(|_| Damage::NotBase64)?.len();
    der.truncate(length);
    Ok((der, cleaned.oddities()))
}

/// The body without the header fields of RFC 1421 and the empty line after them.
fn without_headers(body: &[u8]) -> &[u8] {
    if !body.contains(&b':') {
        return body;
    }
    let after = |gap: &[u8]| find(body, gap, 0).map(|at| at + gap.len());
    let from = after(b"\n\n").or_else(|| after(b"\r\n\r\n")).unwrap_or(0);
    body.get(from..).unwrap_or_default()
}

/// The base64 of a body, and what else there was.
#[derive(Default)]
struct Cleaned {
    base64: Zeroizing<Vec<u8>>,
    line_breaks: usize,
    escapes: usize,
    quotes: usize,
    indented_lines: usize,
    /// Spaces between two characters of the same line.
    inner_spaces: usize,
    /// Base64 stands on the line of BEGIN.
    starts_at_once: bool,
    /// Base64 stands on the line of END.
    ends_at_once: bool,
}

/// What has been seen since the last character of base64.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Since {
    /// Nothing yet: it is the first.
    Begin,
    /// Nothing.
    Nothing,
    /// A space.
    Space,
    /// A line break, escaped or not.
    Break,
    /// A line break, then a space.
    BreakAndSpace,
}

impl Cleaned {
    fn take(&mut self, body: &[u8]) -> Result<(), Damage> {
        let (mut rest, mut since) = (body, Since::Begin);
        while let [first, after @ ..] = rest {
            rest = after;
            match first {
                b'\n' | b'\r' => {
                    self.line_breaks += 1;
                    since = Since::Break;
                }
                b' ' | b'\t' | 0x0B | 0x0C => since = since.and_space(),
                0xC2 if after.first() == Some(&0xA0) => {
                    (rest, since) = (after.get(1..).unwrap_or_default(), since.and_space());
                }
                b'"' | b'\'' | b',' => self.quotes += 1,
                b'\\' => (rest, since) = self.escape(after, since)?,
                byte if is_base64(*byte) => {
                    self.push(*byte, since);
                    since = Since::Nothing;
                }
                _ => return Err(Damage::NotBase64),
            }
        }
        self.ends_at_once = matches!(since, Since::Nothing | Since::Space);
        Ok(())
    }

    fn push(&mut self, byte: u8, since: Since) {
        match since {
            Since::Space => self.inner_spaces += 1,
            Since::BreakAndSpace => self.indented_lines += 1,
            Since::Begin => self.starts_at_once = true,
            Since::Nothing | Since::Break => {}
        }
        self.base64.push(byte);
    }

    /// What follows a backslash: of C, JSON, a shell or YAML.
    fn escape<'a>(&mut self, mut rest: &'a [u8], mut since: Since) -> Result<(&'a [u8], Since), Damage> {
        while let [b'\\', after @ ..] = rest {
            rest = after;
        }
        match rest {
            [b'n' | b'r' | b't', after @ ..] => {
                self.escapes += 1;
                Ok((after, Since::Break))
            }
            [b'/', after @ ..] => {
                self.push(b'/', since);
                since = Since::Nothing;
                Ok((after, since))
            }
            // JSON: \u000a is a line break, \u002B a plus sign.
            [b'u', b'0', b'0', high, low, after @ ..] => {
                let digits = [*high, *low];
                let code =
                    std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
                match code {
                    Some(b'\n' | b'\r' | b'\t') => {
                        self.escapes += 1;
                        Ok((after, Since::Break))
                    }
                    Some(byte) if is_base64(byte) => {
                        self.push(byte, since);
                        Ok((after, Since::Nothing))
                    }
                    _ => Err(Damage::NotBase64),
                }
            }
            // A line that is continued, or a quote.
            [] | [b'\n' | b'\r' | b' ' | b'\t' | b'"' | b'\'', ..] => {
                self.quotes += 1;
                Ok((rest, since))
            }
            _ => Err(Damage::NotBase64),
        }
    }

    fn oddities(&self) -> BTreeSet<Oddity> {
        let is_long = self.base64.len() > LONGEST_LINE;
        let is_joined = self.starts_at_once || self.ends_at_once || (self.line_breaks == 0 && is_long);
        let seen = [
            (self.escapes > 0, Oddity::EscapedLineBreaks),
            (self.inner_spaces > 0 || (self.escapes == 0 && is_joined), Oddity::MissingLineBreaks),
            (self.indented_lines > 0, Oddity::Indentation),
            (self.quotes > 0, Oddity::Quotes),
        ];
        seen.into_iter().filter_map(|(is_so, oddity)| is_so.then_some(oddity)).collect()
    }
}

impl Since {
    fn and_space(self) -> Self {
        match self {
            Self::Break | Self::BreakAndSpace => Self::BreakAndSpace,
            Self::Begin => Self::Begin,
            Self::Nothing | Self::Space => Self::Space,
        }
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// What the beginning of a base64 text decodes to; nothing where it is none.
pub(super) fn decoded_start(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut start: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.iter().filter(|byte| !byte.is_ascii_whitespace()).take(START).copied().collect());
    let whole_groups = start.len() / 4 * 4;
    start.truncate(whole_groups);
    let decoded = std::str::from_utf8(&start).ok().and_then(|start| Base64::decode_vec(start).ok());
    Zeroizing::new(decoded.unwrap_or_default())
}

/// Enough for the longest BEGIN line, in characters of base64.
const START: usize = 64;
/// The longest line that OpenSSL writes or RFC 7468 allows, in characters.
const LONGEST_LINE: usize = 76;
