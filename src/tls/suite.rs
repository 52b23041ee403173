//! Cipher suites by number and name.

use std::fmt;

use super::suite_names::CIPHER_SUITES;

/// A cipher suite on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Suite(
    /// The number, e.g. 0xc02f.
    pub u16,
);

impl Suite {
    /// `TLS_EMPTY_RENEGOTIATION_INFO_SCSV` (RFC 5746, section 3.3): a signal in the shape of a suite.
    pub const RENEGOTIATION_SCSV: Self = Self(0x00ff);
    /// `TLS_FALLBACK_SCSV` (RFC 7507): a signal in the shape of a suite.
    pub const FALLBACK_SCSV: Self = Self(0x5600);

    /// IANA's name; `None` for a number that is not in the table.
    #[must_use]
    pub fn known_name(self) -> Option<&'static str> {
        let at = CIPHER_SUITES.binary_search_by_key(&self.0, |(number, _)| *number).ok()?;
        CIPHER_SUITES.get(at).map(|(_, name)| *name)
    }

    /// IANA's name, or the number in hex.
    #[must_use]
    pub fn name(self) -> String {
        self.known_name().map_or_else(|| format!("0x{:04x}", self.0), str::to_owned)
    }

    /// All suites of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        CIPHER_SUITES.iter().map(|(number, _)| Self(*number))
    }

    /// Whether it is one of TLS 1.3's, which no older version can use (RFC 8446, appendix B.4).
    #[must_use]
    pub fn is_tls13(self) -> bool {
        self.0 >> 8 == 0x13
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_have_the_names_of_the_registry() {
        assert_eq!(Suite(0xc02f).name(), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        assert_eq!(Suite(0x2a2a).name(), "0x2a2a");
        assert_eq!(Suite::all().filter(|suite| suite.is_tls13()).count(), 5);
    }
}
