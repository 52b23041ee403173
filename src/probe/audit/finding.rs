//! What is worth acting on, for a device: self-signed and pinned is fine; old versions, weak keys and missing names are not.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    Audit,
    item::{Item, Subject, Value, Verdict},
    questions::{
        extensions::{
            COMPRESSION, ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET, FRAGMENT_OBEYED, HEARTBEAT, RENEGOTIATION,
            SIZE_LIMIT_OBEYED,
        },
        family,
        hello_forms::{FALLBACK, SPLIT},
        hello_retry, older_versions,
        request_header::HEADER,
        resumption::EARLY_DATA,
    },
};
use crate::cert::facts::{Certificate, SignatureStrength, Validity};
use crate::probe::{Observation, Unobserved};
use crate::tls::hash::Hash;

/// Something that is worth acting on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable name for scripts.
    pub id: FindingId,
    /// How bad it is.
    pub severity: Severity,
    /// What was seen.
    pub evidence: String,
    /// What to do on a device.
    pub advice: &'static str,
}

/// The stable name of a finding, e.g. `certificate.no_names`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FindingId(&'static str);

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// Good to know.
    Low,
    /// Should be mended.
    Medium,
    /// Must be mended.
    High,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}

/// The findings of an audit, the worst first; `refused` is why there was no first handshake.
pub(super) fn findings(audit: &Audit, refused: Option<&Unobserved>) -> Vec<Finding> {
    let mut findings: Vec<_> = RULES.iter().filter_map(|rule| by_item(rule, &audit.items)).collect();
    if let Some(seen) = &audit.observation {
        certificate(&seen.certificate, &mut findings);
        handshake(seen, &mut findings);
    }
    if let Some(bits) = refused.and_then(Unobserved::small_key) {
        findings.push(small_key(bits));
    }
    findings.extend(header_limit(&audit.items));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// A finding that one answer makes.
struct Rule {
    subject: Subject,
    verdict: Verdict,
    id: FindingId,
    severity: Severity,
    /// What it says of the server, where title and answer make no plain sentence.
    sentence: Option<&'static str>,
    advice: &'static str,
}

fn by_item(rule: &Rule, items: &[Item]) -> Option<Finding> {
    let item = items.iter().find(|item| item.subject == rule.subject && item.verdict == rule.verdict)?;
    let says = &item.evidence.says;
    let evidence = match (rule.sentence, item.verdict) {
        (Some(sentence), _) => format!("{sentence}: {says}"),
        (None, Verdict::Yes) => format!("{}: accepted ({says})", item.subject.title),
        (None, _) => format!("{}: not supported ({says})", item.subject.title),
    };
    Some(Finding { id: rule.id, severity: rule.severity, evidence, advice: rule.advice })
}

fn certificate(seen: &Certificate, findings: &mut Vec<Finding>) {
    let mut add = |id: FindingId, severity, evidence: String, advice| {
        findings.push(Finding { id, severity, evidence, advice });
    };
    match seen.validity {
        Validity::Expired => add(
            EXPIRED,
            Severity::High,
            format!("it expired on {}", seen.not_after),
            "make a new one with `esp-https certgen`, and put it on the device",
        ),
        Validity::NotYetValid => add(
            NOT_YET_VALID,
            Severity::High,
            format!("it is valid from {}", seen.not_before),
            "check the clock of the machine that made it, and the one here",
        ),
        Validity::Valid => {}
    }
    if seen.names.is_empty() {
        add(
            NO_NAMES,
            Severity::Medium,
            format!("no subject alternative name, only the subject {}", seen.subject),
            "clients do not look at the common name: make one with `esp-https certgen --profile server --san ..`, or pin it",
        );
    }
    if seen.signature_strength == SignatureStrength::Broken {
        add(
            WEAK_CERTIFICATE_SIGNATURE,
            Severity::Medium,
            format!("signed with {}", seen.signature_algorithm),
            "sign it with SHA-256, as `esp-https certgen` does",
        );
    }
}

/// A key whose signatures are not even verified here, so that no whole handshake shows its certificate.
fn small_key(bits: usize) -> Finding {
    Finding {
        id: SMALL_KEY,
        severity: Severity::High,
        evidence: format!("an RSA key of {bits} bits"),
        advice: "use at least RSA-2048, which `esp-https certgen` makes and the ESP32-C3 accelerates",
    }
}

fn handshake(seen: &Observation, findings: &mut Vec<Finding>) {
    if let Some(scheme) = seen.handshake.signature_scheme.filter(|scheme| scheme.hash() == Some(Hash::Sha1)) {
        findings.push(Finding {
            id: WEAK_HANDSHAKE_SIGNATURE,
            severity: Severity::Medium,
            evidence: format!("the handshake was signed with {scheme}"),
            advice: "SHA-1 signatures can be forged: update the TLS library on the device",
        });
    }
}

/// Browsers send cookies and more: below 2 KB their headers are refused now and then (the book's figure 8.18).
fn header_limit(items: &[Item]) -> Option<Finding> {
    let item = items.iter().find(|item| item.subject == HEADER)?;
    match &item.value {
        Some(Value::Bytes(taken)) if item.verdict == Verdict::Yes && *taken < LEAST_HEADER && *taken > 0 => {
            Some(Finding {
                id: SMALL_HEADER,
                severity: Severity::Medium,
                evidence: format!("headers of up to {taken} bytes are accepted; {}", item.evidence.says),
                advice: "menuconfig, Component config, HTTP Server: raise HTTPD_MAX_REQ_HDR_LEN to 2048 or more",
            })
        }
        _ => None,
    }
}

/// A text that is no finding's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no finding has this id: the ids are {}", FindingId::all().iter().map(FindingId::to_string).collect::<Vec<_>>().join(", "))]
pub struct UnknownFinding;

impl FindingId {
    /// All of them, those that an answer makes first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        RULES.iter().map(|rule| rule.id).chain(OTHERS.iter().copied()).collect()
    }
}

impl FromStr for FindingId {
    type Err = UnknownFinding;

    fn from_str(text: &str) -> Result<Self, UnknownFinding> {
        Self::all().into_iter().find(|id| id.0 == text).ok_or(UnknownFinding)
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

const EXPIRED: FindingId = FindingId("certificate.expired");
const NOT_YET_VALID: FindingId = FindingId("certificate.not_yet_valid");
const NO_NAMES: FindingId = FindingId("certificate.no_names");
const WEAK_CERTIFICATE_SIGNATURE: FindingId = FindingId("certificate.weak_signature");
const SMALL_KEY: FindingId = FindingId("certificate.small_key");
const WEAK_HANDSHAKE_SIGNATURE: FindingId = FindingId("handshake.weak_signature");
const SMALL_HEADER: FindingId = FindingId("request.small_header");
/// Those that no single answer makes.
const OTHERS: &[FindingId] = &[
    EXPIRED,
    NOT_YET_VALID,
    NO_NAMES,
    WEAK_CERTIFICATE_SIGNATURE,
    SMALL_KEY,
    WEAK_HANDSHAKE_SIGNATURE,
    SMALL_HEADER,
];

const LEAST_HEADER: u64 = 2048;

const OLD_VERSION: &str = "ESP-IDF: menuconfig, mbedTLS: enable TLS 1.2 and 1.3 only (RFC 8996)";
const WEAK_SUITE: &str = "remove it from the device's list of suites; no client of today needs it";

const fn accepted(subject: Subject, id: &'static str, severity: Severity, advice: &'static str) -> Rule {
    Rule { subject, verdict: Verdict::Yes, id: FindingId(id), severity, sentence: None, advice }
}

const fn missing(subject: Subject, id: &'static str, severity: Severity, advice: &'static str) -> Rule {
    Rule { subject, verdict: Verdict::No, id: FindingId(id), severity, sentence: None, advice }
}

impl Rule {
    const fn says(self, sentence: &'static str) -> Self {
        Self { sentence: Some(sentence), ..self }
    }
}

const RULES: &[Rule] = &[
    accepted(older_versions::SSL_3, "version.ssl3", Severity::High, OLD_VERSION),
    accepted(older_versions::TLS_1_0, "version.tls1_0", Severity::Medium, OLD_VERSION),
    accepted(older_versions::TLS_1_1, "version.tls1_1", Severity::Medium, OLD_VERSION),
    accepted(
        family::STATIC_RSA.subject,
        "suite.static_rsa",
        Severity::Medium,
        "without forward secrecy, anybody who steals the key can decrypt all recorded traffic: enable ECDHE only",
    ),
    accepted(
        family::CBC.subject,
        "suite.cbc",
        Severity::Low,
        "unless old clients need it, offer suites with authenticated encryption only (RFC 9325); for a board, flash \
         without --legacy-clients",
    ),
    accepted(family::TRIPLE_DES.subject, "suite.3des", Severity::Medium, WEAK_SUITE),
    accepted(family::RC4.subject, "suite.rc4", Severity::High, WEAK_SUITE),
    accepted(family::NULL.subject, "suite.null", Severity::High, WEAK_SUITE),
    accepted(family::EXPORT.subject, "suite.export", Severity::High, WEAK_SUITE),
    accepted(family::ANONYMOUS.subject, "suite.anonymous", Severity::High, WEAK_SUITE),
    accepted(COMPRESSION, "compression", Severity::Medium, "compression leaks secrets (CRIME): turn it off"),
    accepted(HEARTBEAT, "heartbeat", Severity::Low, "no client of this device needs it: turn it off"),
    accepted(
        EARLY_DATA,
        "early_data",
        Severity::Low,
        "early data can be replayed: accept no request in it that changes anything, such as POST /light",
    ),
    missing(
        RENEGOTIATION,
        "secure_renegotiation.missing",
        Severity::Medium,
        "answer renegotiation_info (RFC 5746): every TLS library of today does",
    ),
    missing(
        EXTENDED_MASTER_SECRET,
        "extended_master_secret.missing",
        Severity::Low,
        "ESP-IDF: menuconfig, mbedTLS: enable extended master secret (RFC 7627)",
    ),
    missing(
        ENCRYPT_THEN_MAC,
        "encrypt_then_mac.missing",
        Severity::Low,
        "enable encrypt-then-MAC (RFC 7366), or leave out suites in CBC mode",
    ),
    missing(
        FALLBACK,
        "fallback_scsv.missing",
        Severity::Low,
        "an attacker can make a client use an older version: disable the older versions",
    )
    .says("the server does not notice that a client has fallen back to an older version"),
    missing(SPLIT, "hello.split", Severity::Medium, "clients with large hellos fail: update the TLS library")
        .says("the server does not accept a hello that is split over two records"),
    missing(
        FRAGMENT_OBEYED,
        "max_fragment_length.ignored",
        Severity::Medium,
        "small clients that rely on it run out of memory: update the TLS library",
    )
    .says("the server agreed to max_fragment_length, and then sent a larger record"),
    missing(
        SIZE_LIMIT_OBEYED,
        "record_size_limit.ignored",
        Severity::Medium,
        "small clients that rely on it run out of memory: update the TLS library",
    )
    .says("the server agreed to record_size_limit, and then sent a larger record"),
    missing(
        hello_retry::VERSION,
        "version.tls1_3.missing",
        Severity::Low,
        "ESP-IDF: menuconfig, mbedTLS: enable TLS 1.3, which costs a round trip less",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::audit::item::Evidence;

    #[test]
    fn each_finding_has_an_id_of_its_own_that_reads_back() {
        let all = FindingId::all();
        for (index, id) in all.iter().enumerate() {
            assert_eq!(id.to_string().parse(), Ok(*id));
            assert!(!all[index + 1..].contains(id), "{id}");
        }
    }

    #[test]
    fn schema_and_docs_have_all_findings() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let schema = std::fs::read_to_string(folder.join("schema/probe.json")).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        let finding = &schema["$defs"]["audit"]["properties"]["findings"]["items"];
        assert_eq!(finding["properties"]["id"]["enum"], serde_json::json!(FindingId::all()));
        let docs = std::fs::read_to_string(folder.join("audit.md")).unwrap();
        let (_, listed) = docs.split_once("\n## Findings\n").unwrap();
        let listed = listed.split("\n## ").next().unwrap();
        let ids: Vec<_> = FindingId::all().iter().map(|id| format!("`{id}`")).collect();
        assert!(ids.iter().all(|id| listed.contains(id)), "docs/audit.md should list {}", ids.join(", "));
        assert_eq!(listed.matches('`').count(), 2 * ids.len(), "docs/audit.md has findings that are gone");
    }

    #[test]
    fn the_evidence_of_a_finding_is_a_plain_sentence() {
        let evidence = |subject: Subject, verdict, says: &str| {
            let items = [subject.item(verdict, Evidence::known(says))];
            RULES.iter().find_map(|rule| by_item(rule, &items)).unwrap().evidence
        };
        insta::assert_snapshot!(
            evidence(FALLBACK, Verdict::No, "it accepted TLS 1.1 from a client that supports a newer one"),
            @"the server does not notice that a client has fallen back to an older version: it accepted TLS 1.1 from a client that supports a newer one"
        );
        insta::assert_snapshot!(
            evidence(FRAGMENT_OBEYED, Verdict::No, "the largest record had 795 bytes, 512 were allowed"),
            @"the server agreed to max_fragment_length, and then sent a larger record: the largest record had 795 bytes, 512 were allowed"
        );
        insta::assert_snapshot!(
            evidence(HEARTBEAT, Verdict::Yes, "heartbeat answered"),
            @"heartbeat: accepted (heartbeat answered)"
        );
    }
}
