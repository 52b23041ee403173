//! `--policy FILE`: what a server has to be, in TOML.

mod reading;

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;

pub use self::reading::PolicyError;
use self::reading::{by_id, ids, named};
use super::{Check, CheckOutcome, Facts};
use crate::{
    cert::facts::{KeyAlgorithm, PublicKeyInfo},
    probe::audit::{
        finding::{Finding, FindingId, Severity},
        ids::BytesId,
        item::{Item, ItemId, Value, Verdict},
    },
    tls::{NamedGroup, ProtocolVersion, SignatureScheme, Suite},
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
    pub at_least: BTreeMap<BytesId, u64>,
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

impl Policy {
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

fn at_least(BytesId(id): BytesId, least: u64, items: &[Item]) -> Check {
    let found =
        items.iter().find(|item| item.subject.id == id).and_then(|item| match (&item.value, item.verdict) {
            (Some(Value::Bytes(bytes)), Verdict::Yes | Verdict::No) => Some(*bytes),
            _ => None,
        });
    Check::new(format!("policy.at_least.{id}"), format!("at least {least}"), found, |bytes| *bytes >= least)
}

#[cfg(test)]
mod tests {
    use super::*;

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
