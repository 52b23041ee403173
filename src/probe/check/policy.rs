//! `--policy FILE`: what a server has to be, in TOML.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Check, CheckOutcome, Facts};
use crate::{
    cert::facts::{KeyAlgorithm, PublicKeyInfo},
    probe::audit::{
        finding::{Finding, FindingId, Severity, UnknownFinding},
        item::{Item, ItemId, UnknownItem, Value, Verdict},
    },
    tls::{NamedGroup, ProtocolVersion, SignatureScheme, Suite, Unnamed},
};

/// What a server has to be. Every part may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// What a handshake may negotiate.
    pub negotiated: Negotiated,
    /// The certificate.
    pub certificate: CertificateRules,
    /// The time that a handshake may take.
    pub time: TimeRules,
    /// Answers that an audit must give, by its items' ids: `yes`, `no`.
    #[serde(deserialize_with = "by_id")]
    pub items: BTreeMap<ItemId, Wanted>,
    /// Numbers that an audit must find at least, by its items' ids, in bytes.
    #[serde(deserialize_with = "by_id")]
    pub at_least: BTreeMap<ItemId, u64>,
    /// Findings that an audit may make.
    pub findings: FindingRules,
}

/// What a handshake may negotiate; a list that is left out allows all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Negotiated {
    /// Versions.
    #[serde(deserialize_with = "named")]
    pub versions: Option<Vec<ProtocolVersion>>,
    /// Cipher suites.
    #[serde(deserialize_with = "named")]
    pub suites: Option<Vec<Suite>>,
    /// Named groups.
    #[serde(deserialize_with = "named")]
    pub groups: Option<Vec<NamedGroup>>,
    /// Signature schemes.
    #[serde(deserialize_with = "named")]
    pub signature_schemes: Option<Vec<SignatureScheme>>,
}

/// What a certificate has to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateRules {
    /// It must be valid for at least so many days more.
    pub min_days_left: Option<i64>,
    /// An RSA key must have at least so many bits.
    pub min_rsa_bits: Option<usize>,
}

/// How long a handshake may take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeRules {
    /// The first handshake, in milliseconds.
    pub max_handshake_ms: Option<u64>,
}

/// Which findings may be there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FindingRules {
    /// The worst severity that is accepted; left out, all are.
    pub worst: Option<Severity>,
    /// Findings that are accepted, whatever their severity.
    #[serde(deserialize_with = "ids")]
    pub accept: Vec<FindingId>,
}

/// An answer that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// The server does it.
    Yes,
    /// The server does not.
    No,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yes => "yes",
            Self::No => "no",
        })
    }
}

/// An id that is a key. An error does not repeat the text.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Parsed<T>(T);

impl<'de, T: FromStr<Err: Refusal>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|error: T::Err| D::Error::custom(error.without_text()))
    }
}

/// An error of a parser, without the text that was parsed.
trait Refusal {
    fn without_text(&self) -> String;
}

impl Refusal for Unnamed {
    fn without_text(&self) -> String {
        format!("it {}", self.without_text())
    }
}

impl Refusal for UnknownItem {
    fn without_text(&self) -> String {
        self.to_string()
    }
}

impl Refusal for UnknownFinding {
    fn without_text(&self) -> String {
        self.to_string()
    }
}

fn named<'de, D: Deserializer<'de>, T: FromStr<Err: Refusal>>(from: D) -> Result<Option<Vec<T>>, D::Error> {
    ids(from).map(Some)
}

fn ids<'de, D: Deserializer<'de>, T: FromStr<Err: Refusal>>(from: D) -> Result<Vec<T>, D::Error> {
    let texts: Vec<String> = Vec::deserialize(from)?;
    let parsed = texts.iter().enumerate().map(|(index, text)| {
        let place = index + 1;
        let refused = |error: T::Err| D::Error::custom(format!("entry {place}: {}", error.without_text()));
        text.parse().map_err(refused)
    });
    parsed.collect()
}

fn by_id<'de, D: Deserializer<'de>, V: Deserialize<'de>>(from: D) -> Result<BTreeMap<ItemId, V>, D::Error> {
    let parsed: BTreeMap<Parsed<ItemId>, V> = BTreeMap::deserialize(from)?;
    Ok(parsed.into_iter().map(|(Parsed(id), value)| (id, value)).collect())
}

/// A file that is no policy. Says the place in it, and repeats of the text only names such as a policy has: it may be a key
/// that was named by mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no policy: line {line}, column {column}: {what}")]
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

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] with the place in the text: not TOML, or a key that a policy does not have.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        toml::from_str(text).map_err(|error| PolicyError::new(text, &error))
    }

    /// Whether only an audit can tell.
    #[must_use]
    pub fn needs_audit(&self) -> bool {
        !self.items.is_empty() || !self.at_least.is_empty() || self.findings.worst.is_some()
    }

    /// Compares it with what was seen.
    #[must_use]
    pub fn checks(&self, facts: Facts<'_>) -> Vec<Check> {
        let mut checks = self.look(facts);
        let items = facts.audit.map_or(&[][..], |audit| audit.items.as_slice());
        checks.extend(self.items.iter().map(|(id, wanted)| answer(*id, *wanted, items)));
        checks.extend(self.at_least.iter().map(|(id, least)| at_least(*id, *least, items)));
        checks.extend(self.finding_check(facts));
        checks
    }

    fn look(&self, facts: Facts<'_>) -> Vec<Check> {
        let completed = facts.look.map(|look| &look.handshake);
        let rules = &self.negotiated;
        [
            one_of("versions", rules.versions.as_deref(), completed.map(|it| it.version)),
            one_of("suites", rules.suites.as_deref(), completed.map(|it| it.cipher_suite.suite)),
            one_of("groups", rules.groups.as_deref(), completed.and_then(|it| it.group)),
            one_of(
                "signature_schemes",
                rules.signature_schemes.as_deref(),
                completed.and_then(|it| it.signature_scheme),
            ),
            self.days_left(facts),
            self.rsa_bits(facts),
            self.handshake_time(facts),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn days_left(&self, facts: Facts<'_>) -> Option<Check> {
        let least = self.certificate.min_days_left?;
        let found = facts.look.map(|look| look.certificate.days_left);
        let wanted = format!("at least {least}");
        Some(Check::new("policy.certificate.min_days_left", wanted, found, |days| *days >= least))
    }

    fn rsa_bits(&self, facts: Facts<'_>) -> Option<Check> {
        let least = self.certificate.min_rsa_bits?;
        let found = facts.look.map(|look| KeySize(&look.certificate.key));
        let holds = |KeySize(key): &KeySize<'_>| {
            key.algorithm != KeyAlgorithm::Rsa || key.bits.unwrap_or_default() >= least
        };
        Some(Check::new("policy.certificate.min_rsa_bits", format!("at least {least}"), found, holds))
    }

    fn handshake_time(&self, facts: Facts<'_>) -> Option<Check> {
        let most = self.time.max_handshake_ms?;
        let found = facts.look.map(|look| look.timing.handshake_us / 1000);
        Some(Check::new("policy.time.max_handshake_ms", format!("at most {most}"), found, |took| {
            *took <= most
        }))
    }

    fn finding_check(&self, facts: Facts<'_>) -> Option<Check> {
        let worst = self.findings.worst?;
        let is_accepted =
            |finding: &&Finding| finding.severity <= worst || self.findings.accept.contains(&finding.id);
        let others = facts.audit.map(|audit| {
            audit.findings.iter().filter(|it| !is_accepted(it)).map(|it| it.id).collect::<Vec<_>>()
        });
        let found = others.as_deref().map(|ids| listed(ids, ", "));
        let holds = |_: &String| others.as_ref().is_some_and(Vec::is_empty);
        Some(Check::new("policy.findings", format!("none worse than {worst}"), found, holds))
    }
}

/// A check that something is one of those that a policy allows.
fn one_of<T: fmt::Display + PartialEq>(id: &str, allowed: Option<&[T]>, found: Option<T>) -> Option<Check> {
    let allowed = allowed?;
    let id = format!("policy.negotiated.{id}");
    Some(Check::new(id, listed(allowed, " or "), found, |found| allowed.contains(found)))
}

fn listed<T: fmt::Display>(values: &[T], between: &str) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// Prints a key with its size, e.g. `RSA 2048`.
struct KeySize<'a>(&'a PublicKeyInfo);

impl fmt::Display for KeySize<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.algorithm, self.0.bits.unwrap_or_default())
    }
}

/// An answer that is open is no failure, and neither a pass.
fn answer(id: ItemId, wanted: Wanted, items: &[Item]) -> Check {
    let check = |found: &str, outcome| Check {
        id: format!("policy.items.{id}"),
        wanted: wanted.to_string(),
        found: found.to_owned(),
        outcome,
    };
    match items.iter().find(|item| item.subject.id == id).map(|item| item.verdict) {
        Some(Verdict::Yes) if wanted == Wanted::Yes => check("yes", CheckOutcome::Passed),
        Some(Verdict::No) if wanted == Wanted::No => check("no", CheckOutcome::Passed),
        Some(Verdict::NotApplicable) if wanted == Wanted::No => check("not applicable", CheckOutcome::Passed),
        Some(Verdict::Yes) => check("yes", CheckOutcome::Failed),
        Some(Verdict::No) => check("no", CheckOutcome::Failed),
        Some(Verdict::NotApplicable) => check("not applicable", CheckOutcome::Failed),
        Some(Verdict::Inconclusive) => check("inconclusive", CheckOutcome::Unknown),
        Some(Verdict::Skipped) => check("skipped", CheckOutcome::Unknown),
        None => check("not asked", CheckOutcome::Unknown),
    }
}

fn at_least(id: ItemId, least: u64, items: &[Item]) -> Check {
    let found =
        items.iter().find(|item| item.subject.id == id).and_then(|item| match (&item.value, item.verdict) {
            (Some(Value::Bytes(bytes)), Verdict::Yes | Verdict::No) => Some(*bytes),
            _ => None,
        });
    Check::new(format!("policy.at_least.{id}"), format!("at least {least}"), found, |bytes| *bytes >= least)
}

/// Longer than any name that a policy or an audit has.
const LONGEST_NAME: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_the_text() {
        let refused = |text: &str| Policy::parse(text).unwrap_err().to_string();
        insta::assert_snapshot!(refused("[negotiatd]\n"), @"it is no policy: line 1, column 2: unknown field `negotiatd`, expected one of `negotiated`, `certificate`, `time`, `items`, `at_least`, `findings`");
        insta::assert_snapshot!(refused("[items]\nheartbeat = 'maybe'\n"), @"it is no policy: line 2, column 13: unknown variant `maybe`, expected `yes` or `no`");
        insta::assert_snapshot!(refused("[certificate]\n\n  min_days_left = 'MIIEvQIBADANBgkqhkiG'\n"), @"it is no policy: line 3, column 19: invalid type: string, expected i64");
        insta::assert_snapshot!(refused("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n"), @"it is no policy: line 1, column 12: key with no value, expected `=`");
        insta::assert_snapshot!(refused("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC = 1\n"), @"it is no policy: line 1, column 1: unknown field something else, expected one of `negotiated`, `certificate`, `time`, `items`, `at_least`, `findings`");
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
        insta::assert_snapshot!(refused("[negotiated]\nversions = ['TLS 1.3', 'TLS 1.4']\n"), @"it is no policy: line 2, column 12: entry 2: it names no protocol version: known are TLS 1.3, TLS 1.2, TLS 1.1, TLS 1.0, SSL 3.0");
        let item = refused("[items]\nheartbeet = 'no'\n");
        assert!(
            item.starts_with(
                "it is no policy: line 2, column 1: no question has this id: the ids are version.tls1_3, "
            ),
            "{item}"
        );
        let number = refused("[at_least]\n'hello.longest' = 1\n");
        assert!(number.ends_with("request.largest_header, request.too_large"), "{number}");
        let finding = refused("[findings]\naccept = ['certificate.no_name']\n");
        assert!(
            finding.starts_with("it is no policy: line 2, column 10: entry 1: no finding has this id: "),
            "{finding}"
        );
        for table in ["suites", "groups", "signature_schemes"] {
            let name = refused(&format!("[negotiated]\n{table} = ['MIIEvQIBADANBgkqhkiG']\n"));
            assert!(name.contains("known are ") && !name.contains("MIIE"), "{name}");
        }
    }

    #[test]
    fn without_facts_nothing_is_passed_and_nothing_failed() {
        let policy = Policy::parse(
            "[negotiated]\nversions = ['TLS 1.3']\n[certificate]\nmin_days_left = 30\nmin_rsa_bits = 2048\n\
             [time]\nmax_handshake_ms = 10\n[items]\nheartbeat = 'no'\n[at_least]\n'hello.largest' = 1\n\
             [findings]\nworst = 'low'\n",
        )
        .unwrap();
        let checks = policy.checks(Facts::default());
        assert_eq!(checks.len(), 7);
        assert!(checks.iter().all(|check| check.outcome == CheckOutcome::Unknown), "{checks:?}");
    }
}
