//! MAC addresses: what tells one board from another.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// A MAC address (EUI-48), written as six pairs of hex digits with colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac([u8; LENGTH]);

/// A text that is no MAC address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a MAC address: expected six pairs of hex digits, as in 24:0a:c4:12:34:56")]
pub struct NotAMac {
    /// The text.
    pub text: String,
}

/// With colons, hyphens or nothing between the pairs, in upper or lower case.
impl FromStr for Mac {
    type Err = NotAMac;

    fn from_str(text: &str) -> Result<Self, NotAMac> {
        let no = || NotAMac { text: text.to_owned() };
        let separator = [":", "-"].into_iter().find(|separator| text.contains(separator)).unwrap_or("");
        let digits: String = match separator {
            "" => text.to_owned(),
            _ if text.split(separator).all(|pair| pair.len() == 2) => text.replace(separator, ""),
            _ => return Err(no()),
        };
        if digits.len() != 2 * LENGTH || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(no());
        }
        let number = u64::from_str_radix(&digits, 16).map_err(|_| no())?;
        let [_, _, bytes @ ..] = number.to_be_bytes();
        Ok(Self(bytes))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl Serialize for Mac {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const LENGTH: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_are_one_address() {
        for text in ["24:0a:c4:1f:67:7d", "24-0A-C4-1F-67-7D", "240ac41f677D"] {
            assert_eq!(text.parse::<Mac>().unwrap().to_string(), "24:0a:c4:1f:67:7d");
        }
    }

    #[test]
    fn anything_else_is_none() {
        let whole = "24:0a:c4:1f:67:7d";
        for length in 0..whole.len() {
            assert!(whole[..length].parse::<Mac>().is_err(), "{length}");
        }
        for text in
            ["24:0a:c4:1f:67:7d:00", "24:0ac:4:1f:67:7d", "24:0a:c4-1f:67:7d", "+40ac41f677d", "2é0ac41f677d"]
        {
            let error = text.parse::<Mac>().unwrap_err();
            assert_eq!(error.text, text);
        }
    }
}
