//! What is worth acting on, for a device: self-signed and pinned is fine; old versions, weak keys and missing names are not.

use serde::{Deserialize, Serialize};

use super::{
    Audit,
    item::{Item, Value, Verdict},
};
use crate::cert::facts::{Certificate, Validity};
use crate::probe::{Observation, Unobserved};

/// Something that is worth acting on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable name for scripts, e.g. `certificate.no_names`.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was seen.
    pub evidence: String,
    /// What to do on a device.
    pub advice: &'static str,
}

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

/// Draws the findings from the whole of an audit, the worst first; `refused` is why there was no first handshake.
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
    item: &'static str,
    verdict: Verdict,
    id: &'static str,
    severity: Severity,
    advice: &'static str,
}

fn by_item(rule: &Rule, items: &[Item]) -> Option<Finding> {
    let item = items.iter().find(|item| item.id == rule.item && item.verdict == rule.verdict)?;
    let answer = if item.verdict == Verdict::Yes { "accepted" } else { "not supported" };
    let evidence = format!("{}: {answer} ({})", item.title, item.evidence.says);
    Some(Finding { id: rule.id, severity: rule.severity, evidence, advice: rule.advice })
}

fn certificate(seen: &Certificate, findings: &mut Vec<Finding>) {
    let mut add = |id, severity, evidence: String, advice| {
        findings.push(Finding { id, severity, evidence, advice });
    };
    match seen.validity {
        Validity::Expired => add(
            "certificate.expired",
            Severity::High,
            format!("it expired on {}", seen.not_after),
            "make and embed a new one: `esp-https certgen`",
        ),
        Validity::NotYetValid => add(
            "certificate.not_yet_valid",
            Severity::High,
            format!("it is valid from {}", seen.not_before),
            "check the clock of the machine that made it, and the one here",
        ),
        Validity::Valid => {}
    }
    if seen.names.is_empty() {
        add(
            "certificate.no_names",
            Severity::Medium,
            format!("no subject alternative name, only the subject {}", seen.subject),
            "no client compares the common name: `esp-https certgen --profile server --san ..`, or pin it",
        );
    }
    if ["md5", "sha1"].iter().any(|hash| seen.signature_algorithm.to_lowercase().contains(hash)) {
        add(
            "certificate.weak_signature",
            Severity::Medium,
            format!("signed with {}", seen.signature_algorithm),
            "sign it with SHA-256: `esp-https certgen` does",
        );
    }
}

/// A key whose signatures are not even verified here, so that no whole handshake shows its certificate.
fn small_key(bits: usize) -> Finding {
    Finding {
        id: "certificate.small_key",
        severity: Severity::High,
        evidence: format!("an RSA key of {bits} bits"),
        advice: "RSA-2048 is the least, and what the ESP32-C3 accelerates: `esp-https certgen`",
    }
}

fn handshake(seen: &Observation, findings: &mut Vec<Finding>) {
    if seen.handshake.signature_scheme.ends_with("sha1") {
        findings.push(Finding {
            id: "handshake.weak_signature",
            severity: Severity::Medium,
            evidence: format!("the handshake was signed with {}", seen.handshake.signature_scheme),
            advice: "SHA-1 signatures can be forged: update the TLS library on the device",
        });
    }
}

/// Browsers send cookies and more: below 2 KB their headers are refused now and then (the book's figure 8.18).
fn header_limit(items: &[Item]) -> Option<Finding> {
    let item = items.iter().find(|item| item.id == "request.largest_header")?;
    match &item.value {
        Some(Value::Bytes(taken)) if item.verdict == Verdict::Yes && *taken < LEAST_HEADER && *taken > 0 => {
            Some(Finding {
                id: "request.small_header",
                severity: Severity::Medium,
                evidence: format!("headers of up to {taken} bytes are taken; {}", item.evidence.says),
                advice: "menuconfig, Component config, HTTP Server: raise HTTPD_MAX_REQ_HDR_LEN to 2048 or more",
            })
        }
        _ => None,
    }
}

const LEAST_HEADER: u64 = 2048;

const OLD_VERSION: &str = "ESP-IDF: menuconfig, mbedTLS: leave TLS 1.2 and 1.3 only (RFC 8996)";
const WEAK_SUITE: &str = "take it out of the device's list of suites; nothing of today needs it";

const fn accepted(item: &'static str, id: &'static str, severity: Severity, advice: &'static str) -> Rule {
    Rule { item, verdict: Verdict::Yes, id, severity, advice }
}

const fn missing(item: &'static str, id: &'static str, severity: Severity, advice: &'static str) -> Rule {
    Rule { item, verdict: Verdict::No, id, severity, advice }
}

const RULES: &[Rule] = &[
    accepted("version.ssl3", "version.ssl3", Severity::High, OLD_VERSION),
    accepted("version.tls1_0", "version.tls1_0", Severity::Medium, OLD_VERSION),
    accepted("version.tls1_1", "version.tls1_1", Severity::Medium, OLD_VERSION),
    accepted(
        "tls1_2.static_rsa",
        "suite.static_rsa",
        Severity::Medium,
        "without forward secrecy a stolen key opens all recorded traffic: leave ECDHE only",
    ),
    accepted("tls1_2.3des", "suite.3des", Severity::Medium, WEAK_SUITE),
    accepted("tls1_2.rc4", "suite.rc4", Severity::High, WEAK_SUITE),
    accepted("tls1_2.null", "suite.null", Severity::High, WEAK_SUITE),
    accepted("tls1_2.export", "suite.export", Severity::High, WEAK_SUITE),
    accepted("tls1_2.anonymous", "suite.anonymous", Severity::High, WEAK_SUITE),
    accepted(
        "compression",
        "compression",
        Severity::Medium,
        "compression leaks secrets (CRIME): turn it off",
    ),
    accepted("heartbeat", "heartbeat", Severity::Low, "nothing here needs it: turn it off"),
    accepted(
        "early_data",
        "early_data",
        Severity::Low,
        "early data can be replayed: take no request that changes anything, such as POST /light, in it",
    ),
    missing(
        "secure_renegotiation",
        "secure_renegotiation.missing",
        Severity::Medium,
        "answer renegotiation_info (RFC 5746): every TLS library of today does",
    ),
    missing(
        "extended_master_secret",
        "extended_master_secret.missing",
        Severity::Low,
        "ESP-IDF: menuconfig, mbedTLS: enable extended master secret (RFC 7627)",
    ),
    missing(
        "encrypt_then_mac",
        "encrypt_then_mac.missing",
        Severity::Low,
        "enable encrypt-then-MAC (RFC 7366), or leave out suites in CBC mode",
    ),
    missing(
        "fallback_scsv",
        "fallback_scsv.missing",
        Severity::Low,
        "a client can be pushed to an older version: leave the older ones out",
    ),
    missing(
        "hello.split",
        "hello.split",
        Severity::Medium,
        "clients with large hellos fail: update the TLS library",
    ),
    missing(
        "max_fragment_length.obeyed",
        "max_fragment_length.ignored",
        Severity::Medium,
        "small clients that rely on it run out of memory: update the TLS library",
    ),
    missing(
        "record_size_limit.obeyed",
        "record_size_limit.ignored",
        Severity::Medium,
        "small clients that rely on it run out of memory: update the TLS library",
    ),
    missing(
        "version.tls1_3",
        "version.tls1_3.missing",
        Severity::Low,
        "ESP-IDF: menuconfig, mbedTLS: enable TLS 1.3, which costs a round trip less",
    ),
];
