//! `--policy FILE`: what a server has to be, in TOML.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Check, Facts, Outcome};
use crate::probe::audit::{
    finding::Severity,
    item::{Item, Value, Verdict},
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
    pub items: BTreeMap<String, Wanted>,
    /// Numbers that an audit must find at least, by its items' ids, in bytes.
    pub at_least: BTreeMap<String, u64>,
    /// Findings that an audit may make.
    pub findings: FindingRules,
}

/// What a handshake may negotiate; a list that is left out allows all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Negotiated {
    /// Versions, e.g. `TLS 1.3`.
    pub versions: Option<Vec<String>>,
    /// Cipher suites by their IANA names.
    pub suites: Option<Vec<String>>,
    /// Named groups.
    pub groups: Option<Vec<String>>,
    /// Signature schemes.
    pub signature_schemes: Option<Vec<String>>,
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
    /// The worst severity that is borne; left out, all are.
    pub worst: Option<Severity>,
    /// Findings that are borne, whatever their severity, by id.
    pub accept: Vec<String>,
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

    /// Holds it against what was seen.
    #[must_use]
    pub fn checks(&self, facts: Facts<'_>) -> Vec<Check> {
        let mut checks = self.look(facts);
        let items = facts.audit.map_or(&[][..], |audit| audit.items.as_slice());
        checks.extend(self.items.iter().map(|(id, wanted)| answer(id, *wanted, items)));
        checks.extend(self.at_least.iter().map(|(id, least)| at_least(id, *least, items)));
        checks.extend(self.finding_check(facts));
        checks
    }

    fn look(&self, facts: Facts<'_>) -> Vec<Check> {
        let completed = facts.look.map(|look| &look.handshake);
        let one_of = |id: &str, allowed: &Option<Vec<String>>, found: Option<&String>| {
            let allowed = allowed.as_ref()?;
            let holds = |found: &str| allowed.iter().any(|it| it.eq_ignore_ascii_case(found));
            Some(Check::new(format!("policy.negotiated.{id}"), allowed.join(" or "), found.cloned(), holds))
        };
        let rules = &self.negotiated;
        let certificate = facts.look.map(|look| &look.certificate);
        let least_days = self.certificate.min_days_left.map(|least| {
            let found = certificate.map(|it| it.days_left.to_string());
            let holds = |found: &str| found.parse().is_ok_and(|days: i64| days >= least);
            Check::new("policy.certificate.min_days_left", format!("at least {least}"), found, holds)
        });
        let least_bits = self.certificate.min_rsa_bits.map(|least| {
            let found =
                certificate.map(|it| format!("{} {}", it.key.algorithm, it.key.bits.unwrap_or_default()));
            let holds = |found: &str| {
                found
                    .strip_prefix("RSA ")
                    .is_none_or(|bits| bits.parse().is_ok_and(|bits: usize| bits >= least))
            };
            Check::new("policy.certificate.min_rsa_bits", format!("at least {least}"), found, holds)
        });
        let most_time = self.time.max_handshake_ms.map(|most| {
            let found = facts.look.map(|look| (look.timing.handshake_us / 1000).to_string());
            let holds = |found: &str| found.parse().is_ok_and(|took: u64| took <= most);
            Check::new("policy.time.max_handshake_ms", format!("at most {most}"), found, holds)
        });
        [
            one_of("versions", &rules.versions, completed.map(|it| &it.version)),
            one_of("suites", &rules.suites, completed.map(|it| &it.cipher_suite.name)),
            one_of("groups", &rules.groups, completed.map(|it| &it.group)),
            one_of("signature_schemes", &rules.signature_schemes, completed.map(|it| &it.signature_scheme)),
            least_days,
            least_bits,
            most_time,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn finding_check(&self, facts: Facts<'_>) -> Option<Check> {
        let worst = self.findings.worst?;
        let is_borne =
            |id: &str, severity| severity <= worst || self.findings.accept.iter().any(|it| it == id);
        let found = facts.audit.map(|audit| {
            let others = audit.findings.iter().filter(|it| !is_borne(it.id, it.severity)).map(|it| it.id);
            others.collect::<Vec<_>>().join(", ")
        });
        let wanted = format!("none worse than {}", format!("{worst:?}").to_lowercase());
        Some(Check::new("policy.findings", wanted, found, str::is_empty))
    }
}

/// An answer that is open is no failure, and neither a pass.
fn answer(id: &str, wanted: Wanted, items: &[Item]) -> Check {
    let check = |found: &str, outcome| Check {
        id: format!("policy.items.{id}"),
        wanted: if wanted == Wanted::Yes { "yes" } else { "no" }.to_owned(),
        found: found.to_owned(),
        outcome,
    };
    match items.iter().find(|item| item.id == id).map(|item| item.verdict) {
        Some(Verdict::Yes) if wanted == Wanted::Yes => check("yes", Outcome::Passed),
        Some(Verdict::No) if wanted == Wanted::No => check("no", Outcome::Passed),
        Some(Verdict::NotApplicable) if wanted == Wanted::No => check("not applicable", Outcome::Passed),
        Some(Verdict::Yes) => check("yes", Outcome::Failed),
        Some(Verdict::No) => check("no", Outcome::Failed),
        Some(Verdict::NotApplicable) => check("not applicable", Outcome::Failed),
        Some(Verdict::Inconclusive) => check("inconclusive", Outcome::Unknown),
        Some(Verdict::Skipped) => check("skipped", Outcome::Unknown),
        None => check("no such question", Outcome::Unknown),
    }
}

fn at_least(id: &str, least: u64, items: &[Item]) -> Check {
    let found = items.iter().find(|item| item.id == id).and_then(|item| match (&item.value, item.verdict) {
        (Some(Value::Bytes(bytes)), Verdict::Yes | Verdict::No) => Some(bytes.to_string()),
        _ => None,
    });
    let holds = |found: &str| found.parse().is_ok_and(|bytes: u64| bytes >= least);
    Check::new(format!("policy.at_least.{id}"), format!("at least {least}"), found, holds)
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
            Policy::parse("[negotiated]\nversions = ['TLS 1.3']\n[items]\nheartbeat = 'no'\n").unwrap();
        assert_eq!(policy.items["heartbeat"], Wanted::No);
        assert!(policy.needs_audit() && !Policy::default().needs_audit());
        for wrong in ["[negotiatd]\n", "[items]\nx = 'maybe'\n", "[certificate]\nmin_days_left = 'x'\n", "["]
        {
            assert!(Policy::parse(wrong).is_err(), "{wrong}");
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
        assert!(checks.iter().all(|check| check.outcome == Outcome::Unknown), "{checks:?}");
    }
}
