//! Reads a policy.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};

use super::Policy;
use crate::{
    probe::audit::{
        finding::UnknownFinding,
        ids::{NoNumber, UnknownItem},
    },
    tls::Unnamed,
};

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] with the place in the text: not TOML, or a key that a policy does not have.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        toml::from_str(text).map_err(|error| PolicyError::new(text, &error))
    }
}

/// An id that is a key. An error does not repeat the text.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Parsed<T>(T);

impl<'de, T: FromStr<Err: WithoutText>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|error: T::Err| D::Error::custom(error.without_text()))
    }
}

/// An error of a parser, without the text that was parsed.
pub(super) trait WithoutText {
    fn without_text(&self) -> String;
}

impl WithoutText for Unnamed {
    fn without_text(&self) -> String {
        format!("it {}", self.without_text())
    }
}

impl WithoutText for UnknownItem {
    fn without_text(&self) -> String {
        self.to_string()
    }
}

impl WithoutText for NoNumber {
    fn without_text(&self) -> String {
        self.to_string()
    }
}

impl WithoutText for UnknownFinding {
    fn without_text(&self) -> String {
        self.to_string()
    }
}

pub(super) fn named<'de, D: Deserializer<'de>, T: FromStr<Err: WithoutText>>(
    from: D,
) -> Result<Option<Vec<T>>, D::Error> {
    ids(from).map(Some)
}

pub(super) fn ids<'de, D: Deserializer<'de>, T: FromStr<Err: WithoutText>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let texts: Vec<String> = Vec::deserialize(from)?;
    let parsed = texts.iter().enumerate().map(|(index, text)| {
        let place = index + 1;
        let refused = |error: T::Err| D::Error::custom(format!("entry {place}: {}", error.without_text()));
        text.parse().map_err(refused)
    });
    parsed.collect()
}

pub(super) fn by_id<'de, D, Id, V>(from: D) -> Result<BTreeMap<Id, V>, D::Error>
where
    D: Deserializer<'de>,
    Id: FromStr<Err: WithoutText> + Ord,
    V: Deserialize<'de>,
{
    let parsed: BTreeMap<Parsed<Id>, V> = BTreeMap::deserialize(from)?;
    Ok(parsed.into_iter().map(|(Parsed(id), value)| (id, value)).collect())
}

/// A file that is no policy. Says the place in it, and repeats of the text only names such as a policy has: it may be a key
/// that was named by mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is not a valid policy: line {line}, column {column}: {what}")]
pub struct PolicyError {
    line: usize,
    column: usize,
    what: String,
}

impl PolicyError {
    fn new(text: &str, error: &toml::de::Error) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            what: without_contents(error.message()),
        }
    }
}

/// A parser's message without what it quotes of the text, but for names.
fn without_contents(message: &str) -> String {
    let is_name = |word: &str| {
        word.len() <= LONGEST_NAME
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte))
    };
    let mut parts = message.split('`').enumerate();
    let mut shown = String::new();
    // Every second part is between two backticks.
    for (index, part) in &mut parts {
        match index % 2 {
            0 => shown.push_str(&without_quoted(part)),
            _ if is_name(part) || part.chars().all(|mark| mark.is_ascii_punctuation()) => {
                shown.push_str(&format!("`{part}`"));
            }
            _ => shown.push_str("something else"),
        }
    }
    shown
}

/// Text in double quotes is a value of the file's.
fn without_quoted(text: &str) -> String {
    match (text.find('"'), text.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            let kept = |range: Option<&str>| range.unwrap_or_default().trim_end().to_owned();
            kept(text.get(..first)) + &kept(text.get(last + 1..))
        }
        _ => text.to_owned(),
    }
}

/// Longer than any name that a policy or an audit has.
const LONGEST_NAME: usize = 40;

#[cfg(test)]
mod tests {
    use super::{super::Wanted, *};
    use crate::tls::ProtocolVersion;

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_the_text() {
        let refused = |text: &str| Policy::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(refused("[negotiatd]\n"), @"it is not a valid policy: line 1, column 2: unknown field `negotiatd`, expected one of `negotiated`, `certificate`, `time`, `items`, `at_least`, `findings`");
        insta::assert_snapshot!(refused("[items]\nheartbeat = 'maybe'\n"), @"it is not a valid policy: line 2, column 13: unknown variant `maybe`, expected `yes` or `no`");
        insta::assert_snapshot!(refused("[certificate]\n\n  min_days_left = 'MIIEvQIBADANBgkqhkiG'\n"), @"it is not a valid policy: line 3, column 19: invalid type: string, expected i64");
        insta::assert_snapshot!(refused("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n"), @"it is not a valid policy: line 1, column 12: key with no value, expected `=`");
        insta::assert_snapshot!(refused("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC = 1\n"), @"it is not a valid policy: line 1, column 1: unknown field something else, expected one of `negotiated`, `certificate`, `time`, `items`, `at_least`, `findings`");
    }

    #[test]
    fn a_policy_is_read_and_what_it_does_not_know_is_refused() {
        let policy =
            Policy::parse("[negotiated]\nversions = ['tls1.3']\n[items]\nheartbeat = 'no'\n").unwrap();
        assert_eq!(policy.items[&"heartbeat".parse().unwrap()], Wanted::No);
        assert_eq!(policy.negotiated.versions, Some(vec![ProtocolVersion::TLS_1_3]));
        assert!(policy.needs_audit() && !Policy::default().needs_audit());
        for wrong in ["[negotiatd]\n", "[items]\nx = 'maybe'\n", "[certificate]\nmin_days_left = 'x'\n", "["]
        {
            assert!(Policy::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_id_or_a_name_that_nothing_has_is_refused_with_what_is_accepted() {
        let refused = |text: &str| Policy::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(refused("[negotiated]\nversions = ['TLS 1.3', 'TLS 1.4']\n"), @"it is not a valid policy: line 2, column 12: entry 2: it is not a known protocol version: the known ones are TLS 1.3, TLS 1.2, TLS 1.1, TLS 1.0, SSL 3.0");
        let item = refused("[items]\nheartbeet = 'no'\n");
        assert!(
            item.starts_with(
                "it is not a valid policy: line 2, column 1: no question has this id: the ids are version.tls1_3, "
            ),
            "{item}"
        );
        insta::assert_snapshot!(refused("[at_least]\nheartbeat = 1\n"), @"it is not a valid policy: line 2, column 1: no question with a number has this id: the ids are max_fragment_length.obeyed, record_size_limit, record_size_limit.obeyed, hello.largest, request.largest_header");
        let finding = refused("[findings]\naccept = ['certificate.no_name']\n");
        assert!(
            finding.starts_with(
                "it is not a valid policy: line 2, column 10: entry 1: no finding has this id: "
            ),
            "{finding}"
        );
        for table in ["suites", "groups", "signature_schemes"] {
            let name = refused(&format!("[negotiated]\n{table} = ['MIIEvQIBADANBgkqhkiG']\n"));
            assert!(name.contains("the known ones are ") && !name.contains("MIIE"), "{name}");
        }
    }
}
