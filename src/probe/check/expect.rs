//! `--expect-version`, `--expect-suite`, `--expect-group`: what a handshake should negotiate.

use super::{Check, Facts};
use crate::tls::{NamedGroup, ProtocolVersion, Suite};

/// What a handshake should negotiate; `None` for whatever comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expectations {
    /// The version.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite.
    pub suite: Option<Suite>,
    /// The group of the key exchange.
    pub group: Option<NamedGroup>,
}

/// A text that names no version, suite or group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no {what}")]
pub struct Unnamed {
    /// What it should name.
    pub what: &'static str,
    /// The text, with control characters escaped.
    pub text: String,
}

impl Expectations {
    /// Holds them against what was negotiated.
    #[must_use]
    pub fn checks(&self, facts: Facts<'_>) -> Vec<Check> {
        let completed = facts.look.map(|look| &look.handshake);
        let mut checks = Vec::new();
        if let Some(version) = self.version {
            let (wanted, found) = (version.to_string(), completed.map(|it| it.version.clone()));
            checks.push(Check::new("expect.version", &wanted, found, |found| found == wanted));
        }
        if let Some(suite) = self.suite {
            let (wanted, found) = (suite.name(), completed.map(|it| it.cipher_suite.name.clone()));
            checks.push(Check::new("expect.suite", &wanted, found, |found| found == wanted));
        }
        if let Some(group) = self.group {
            let (wanted, found) = (group.to_string(), completed.map(|it| it.group.clone()));
            checks.push(Check::new("expect.group", &wanted, found, |found| found == wanted));
        }
        checks
    }

    /// The version that a person calls `1.3`, `tls1.3` or `TLS 1.3`.
    ///
    /// # Errors
    /// [`Unnamed`].
    pub fn parse_version(text: &str) -> Result<ProtocolVersion, Unnamed> {
        let bare = |text: &str| text.to_lowercase().replace([' ', '_', 'v'], "").replace("tls", "");
        let found = ProtocolVersion::KNOWN.iter().find(|version| bare(&version.to_string()) == bare(text));
        found.copied().ok_or_else(|| unnamed("protocol version", text))
    }

    /// The suite of that IANA name or number.
    ///
    /// # Errors
    /// [`Unnamed`].
    pub fn parse_suite(text: &str) -> Result<Suite, Unnamed> {
        let by_name = Suite::all().find(|suite| suite.name().eq_ignore_ascii_case(text));
        let by_number = || number(text).map(Suite);
        by_name.or_else(by_number).ok_or_else(|| unnamed("cipher suite", text))
    }

    /// The group of that name or number; P-256 and its like are known, too.
    ///
    /// # Errors
    /// [`Unnamed`].
    pub fn parse_group(text: &str) -> Result<NamedGroup, Unnamed> {
        let lower = text.to_lowercase();
        let name = match lower.as_str() {
            "p-256" => "secp256r1",
            "p-384" => "secp384r1",
            "p-521" => "secp521r1",
            other => other,
        };
        let by_name =
            NamedGroup::KNOWN.iter().copied().find(|group| group.to_string().eq_ignore_ascii_case(name));
        let by_number = || number(text).map(NamedGroup);
        by_name.or_else(by_number).ok_or_else(|| unnamed("named group", text))
    }
}

fn number(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

fn unnamed(what: &'static str, text: &str) -> Unnamed {
    Unnamed { what, text: text.chars().take(60).flat_map(char::escape_debug).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_people_write_them() {
        for text in ["1.3", "TLS 1.3", "tls1.3", "TLSv1.3", "TLS1_3".replace('_', ".").as_str()] {
            assert_eq!(Expectations::parse_version(text), Ok(ProtocolVersion::TLS_1_3), "{text}");
        }
        assert_eq!(Expectations::parse_suite("tls_aes_128_gcm_sha256"), Ok(Suite(0x1301)));
        assert_eq!(Expectations::parse_suite("0xc02f"), Ok(Suite(0xc02f)));
        assert_eq!(Expectations::parse_group("P-256"), Ok(NamedGroup::SECP256R1));
        assert_eq!(Expectations::parse_group("X25519"), Ok(NamedGroup::X25519));
    }

    #[test]
    fn what_names_nothing_is_refused_with_its_text() {
        assert_eq!(
            Expectations::parse_version("1.4").unwrap_err().to_string(),
            "`1.4` names no protocol version"
        );
        assert!(Expectations::parse_suite("AES").is_err() && Expectations::parse_group("").is_err());
    }
}
