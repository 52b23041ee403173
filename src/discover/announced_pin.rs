//! The pin that a device announces: the beginning of its certificate's SHA-256.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::cert::Fingerprint;

/// The beginning of the SHA-256 of a certificate's DER, in hex. Our firmware announces 16 bytes of it.
///
/// Anybody can announce it, since mDNS is not signed: it finds a device, and proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedPin(String);

/// A text that is no such pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not {LEAST} to {MOST} hex digits")]
pub struct NotAPin;

impl AnnouncedPin {
    /// Whether a certificate with this SHA-256 can be meant.
    #[must_use]
    pub fn matches(&self, certificate: &Fingerprint) -> bool {
        certificate.to_string().starts_with(&self.0)
    }
}

impl FromStr for AnnouncedPin {
    type Err = NotAPin;

    fn from_str(text: &str) -> Result<Self, NotAPin> {
        let is_pin =
            (LEAST..=MOST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_pin { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotAPin) }
    }
}

impl fmt::Display for AnnouncedPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for AnnouncedPin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// 64 bits: less than that can be met by chance, or by trying.
const LEAST: usize = 16;
/// All of a SHA-256.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_the_beginning_of_a_fingerprint() {
        let certificate = Fingerprint::of_certificate(b"abc");
        let whole = certificate.to_string();
        for length in 0..=whole.len() {
            let pin = whole[..length].parse::<AnnouncedPin>();
            assert_eq!(pin.is_ok_and(|pin| pin.matches(&certificate)), length >= LEAST, "{length}");
        }
        let upper: AnnouncedPin = whole[..32].to_uppercase().parse().unwrap();
        assert!(upper.matches(&certificate) && !upper.matches(&Fingerprint::of_certificate(b"abd")));
        for bad in [format!("{whole}0"), "x".repeat(32), "é".repeat(16), " ".repeat(16)] {
            assert_eq!(bad.parse::<AnnouncedPin>(), Err(NotAPin), "{bad}");
        }
    }
}
