//! Versions, suites, groups and schemes by the names that people write: the one parser of options and policies.

use std::str::FromStr;

use super::{Curve, NamedGroup, ProtocolVersion, SignatureScheme, Suite};

/// A text that names no version, suite, group or scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {}", self.without_text())]
pub struct Unnamed {
    /// What it should name.
    pub what: &'static str,
    /// The text, with control characters escaped.
    pub text: String,
    /// What is accepted.
    pub accepted: String,
}

impl Unnamed {
    fn new(what: &'static str, text: &str, accepted: String) -> Self {
        let text = text.chars().take(LONGEST_SHOWN).flat_map(char::escape_debug).collect();
        Self { what, text, accepted }
    }

    /// The message without the text, which may be a secret that was named by mistake.
    #[must_use]
    pub fn without_text(&self) -> String {
        format!("is not a known {}: {}", self.what, self.accepted)
    }
}

impl FromStr for ProtocolVersion {
    type Err = Unnamed;

    /// The version that a person calls `1.3`, `tls1.3`, `TLSv1.3` or `TLS 1.3`.
    fn from_str(text: &str) -> Result<Self, Unnamed> {
        let by_name = Self::KNOWN.iter().copied().find(|known| bare(&known.to_string()) == bare(text));
        by_name.ok_or_else(|| Unnamed::new("protocol version", text, known(Self::KNOWN.iter().rev())))
    }
}

impl FromStr for Suite {
    type Err = Unnamed;

    /// The suite of that IANA name or number.
    fn from_str(text: &str) -> Result<Self, Unnamed> {
        let by_name = Self::all().find(|suite| is_named(suite.known_name(), text));
        by_name.or_else(|| number(text).map(Self)).ok_or_else(|| {
            let examples = Self::all().filter(|suite| suite.is_tls13() && suite.encrypts());
            let accepted = format!(
                "the known ones are {}, the others in IANA's registry, and numbers such as 0x1301",
                list(examples)
            );
            Unnamed::new("cipher suite", text, accepted)
        })
    }
}

impl FromStr for NamedGroup {
    type Err = Unnamed;

    /// The group of that name or number; P-256 and its like are known, too.
    fn from_str(text: &str) -> Result<Self, Unnamed> {
        let by_name = Self::KNOWN.iter().copied().find(|group| is_named(group.known_name(), text));
        by_name
            .or_else(|| Curve::named(text)?.group)
            .or_else(|| number(text).map(Self))
            .ok_or_else(|| Unnamed::new("named group", text, known(Self::KNOWN)))
    }
}

impl FromStr for SignatureScheme {
    type Err = Unnamed;

    /// The scheme of that name or number.
    fn from_str(text: &str) -> Result<Self, Unnamed> {
        let by_name = Self::KNOWN.iter().copied().find(|scheme| is_named(scheme.known_name(), text));
        by_name
            .or_else(|| number(text).map(Self))
            .ok_or_else(|| Unnamed::new("signature scheme", text, known(Self::KNOWN)))
    }
}

/// A version without what people leave out or write differently: `1.3`, `ssl3`.
fn bare(version: &str) -> String {
    let lower = version.to_lowercase().replace([' ', 'v', '-'], "").replace('_', ".").replace("tls", "");
    let bare = lower.trim_start_matches('.');
    bare.strip_suffix(".0").unwrap_or(bare).to_owned()
}

fn is_named(known: Option<&'static str>, text: &str) -> bool {
    known.is_some_and(|known| known.eq_ignore_ascii_case(text))
}

fn number(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

fn known<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    format!("the known ones are {}", list(all))
}

fn list<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|it| it.to_string()).collect::<Vec<_>>().join(", ")
}

const LONGEST_SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_people_write_them() {
        for text in ["1.3", "TLS 1.3", "tls1.3", "TLS1.3", "TLSv1.3", "tls1_3", "TLS-1.3"] {
            assert_eq!(text.parse(), Ok(ProtocolVersion::TLS_1_3), "{text}");
        }
        assert_eq!("tlsv1".parse(), Ok(ProtocolVersion::TLS_1_0));
        assert_eq!("ssl3".parse(), Ok(ProtocolVersion::SSL_3));
        assert_eq!("tls_aes_128_gcm_sha256".parse(), Ok(Suite(0x1301)));
        assert_eq!("0xc02f".parse(), Ok(Suite(0xc02f)));
        assert_eq!("P-256".parse(), Ok(NamedGroup::SECP256R1));
        assert_eq!("X25519".parse(), Ok(NamedGroup::X25519));
        assert_eq!("ED25519".parse(), Ok(SignatureScheme::ED25519));
    }

    #[test]
    fn each_value_is_read_as_it_prints() {
        assert!(ProtocolVersion::KNOWN.iter().all(|it| it.to_string().parse() == Ok(*it)));
        assert!(Suite::all().all(|it| it.to_string().parse() == Ok(it)));
        assert!(NamedGroup::KNOWN.iter().all(|it| it.to_string().parse() == Ok(*it)));
        assert!(SignatureScheme::KNOWN.iter().all(|it| it.to_string().parse() == Ok(*it)));
    }

    #[test]
    fn what_names_nothing_is_refused_with_its_text_and_what_is_accepted() {
        let version = "1.4".parse::<ProtocolVersion>().unwrap_err();
        insta::assert_snapshot!(version, @"`1.4` is not a known protocol version: the known ones are TLS 1.3, TLS 1.2, TLS 1.1, TLS 1.0, SSL 3.0");
        let suite = "AES".parse::<Suite>().unwrap_err();
        insta::assert_snapshot!(suite, @"`AES` is not a known cipher suite: the known ones are TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256, TLS_AES_128_CCM_SHA256, TLS_AES_128_CCM_8_SHA256, the others in IANA's registry, and numbers such as 0x1301");
        let group = "curve".parse::<NamedGroup>().unwrap_err().to_string();
        assert!(NamedGroup::KNOWN.iter().all(|known| group.contains(&known.to_string())), "{group}");
        let scheme = "rsa".parse::<SignatureScheme>().unwrap_err().to_string();
        assert!(SignatureScheme::KNOWN.iter().all(|known| scheme.contains(&known.to_string())), "{scheme}");
        for nothing in ["", "tls", "0x", "0xfffff"] {
            assert!(nothing.parse::<ProtocolVersion>().is_err(), "{nothing}");
            assert!(nothing.parse::<Suite>().is_err(), "{nothing}");
        }
    }
}
