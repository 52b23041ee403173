//! What a client takes, and what it has already: the fields `Accept-Encoding` and `If-None-Match`.

use core::fmt;

use super::layout::HASH_BYTES;

/// A content coding (RFC 9110 section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// None.
    Identity,
    /// gzip.
    Gzip,
}

/// The tag of a representation: a strong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ETag {
    pub(super) hash: [u8; HASH_BYTES],
    pub(super) coding: Coding,
}

impl Coding {
    /// Whether a client that sends this field wants it rather than no coding (RFC 9110 section 12.5.3).
    pub(super) fn is_wanted(self, accept_encoding: Option<&[u8]>) -> bool {
        let Some(field) = accept_encoding else { return self == Self::Identity };
        let weight = |names: &[&str]| {
            list(field)
                .filter_map(Weighted::parse)
                .find(|weighted| names.iter().any(|name| weighted.name.eq_ignore_ascii_case(name.as_bytes())))
                .map(|weighted| weighted.thousandths)
        };
        let any = weight(&["*"]);
        // `x-gzip` is an old name of the same (RFC 9110 section 8.4.1.3).
        let gzip = weight(&["gzip", "x-gzip"]).or(any).unwrap_or(0);
        let identity = weight(&["identity"]);
        let wants_gzip = gzip > 0 && gzip >= identity.unwrap_or(0);
        (self == Self::Gzip) == wants_gzip
    }
}

impl ETag {
    /// Whether a client that sends this field `If-None-Match` has the representation (RFC 9110 section 13.1.2).
    #[must_use]
    pub fn is_in(&self, if_none_match: &[u8]) -> bool {
        list(if_none_match).any(|tag| tag == b"*" || self.is_named_by(tag))
    }

    /// Weak and strong tags are compared by what is between the quotes (RFC 9110 section 8.8.3.2).
    fn is_named_by(&self, tag: &[u8]) -> bool {
        let tag = tag.strip_prefix(b"W/").unwrap_or(tag);
        let Some(inside) = tag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")) else {
            return false;
        };
        let Some((hex, coding)) = inside.split_at_checked(2 * HASH_BYTES) else { return false };
        let digit = |digit: u8| HEX.get(usize::from(digit));
        let is_hash = hex
            .as_chunks::<2>()
            .0
            .iter()
            .zip(self.hash)
            .all(|([high, low], byte)| Some(high) == digit(byte >> 4) && Some(low) == digit(byte & 0xF));
        is_hash && coding == self.suffix().as_bytes()
    }

    fn suffix(&self) -> &'static str {
        match self.coding {
            Coding::Identity => "",
            Coding::Gzip => "-gzip",
        }
    }
}

/// As the field ETag has it, with its quotes.
impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for byte in self.hash {
            write!(f, "{byte:02x}")?;
        }
        write!(f, "{}\"", self.suffix())
    }
}

/// The elements of a list. Our tags have no comma in them, so one in another's does no harm.
fn list(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    field.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|element| !element.is_empty())
}

/// A name with its weight in thousandths.
struct Weighted<'a> {
    name: &'a [u8],
    thousandths: u16,
}

impl<'a> Weighted<'a> {
    /// `None` when the weight is none (RFC 9110 section 12.4.2).
    fn parse(element: &'a [u8]) -> Option<Self> {
        let mut parts = element.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next()?;
        let thousandths = match parts.next() {
            None => 1000,
            Some(weight) => thousandths(weight.strip_prefix(b"q=").or_else(|| weight.strip_prefix(b"Q="))?)?,
        };
        parts.next().is_none().then_some(Self { name, thousandths })
    }
}

/// `0`, `0.5`, `1.000`: at most three digits behind the point.
fn thousandths(text: &[u8]) -> Option<u16> {
    let (whole, fraction) = match *text {
        [whole] => (whole, &[][..]),
        [whole, b'.', ref fraction @ ..] if fraction.len() <= 3 => (whole, fraction),
        _ => return None,
    };
    let whole = match whole {
        b'0' => 0,
        b'1' => 1000,
        _ => return None,
    };
    let mut value = whole;
    for (digit, unit) in fraction.iter().zip([100, 10, 1]) {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        value += u16::from(digit) * unit;
    }
    (value <= 1000).then_some(value)
}

const HEX: &[u8; 16] = b"0123456789abcdef";
