//! The findings that answers to questions make.

use super::{FindingId, Found, Severity, advice::Advice};
use crate::probe::audit::{
    item::{Item, Subject, Value, Verdict},
    questions::{
        alpn::STRAY_PROTOCOL,
        extensions::{
            COMPRESSION, ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET, FRAGMENT_OBEYED, HEARTBEAT, RENEGOTIATION,
            SIZE_LIMIT_OBEYED,
        },
        family,
        hello_forms::{FALLBACK, SPLIT},
        hello_retry::{self, NULL_TLS13},
        obsolete_families::{
            NEWER_SUITES, OLD_ANONYMOUS, OLD_DES, OLD_EXPORT, OLD_NULL, OLD_RC4, OLD_STATIC_ECDH,
            OLD_TRIPLE_DES,
        },
        older_versions,
        plain_text::PLAIN_TEXT,
        resumption::EARLY_DATA,
    },
};

/// A finding that one answer makes.
pub(super) struct Rule {
    /// The questions; each whose answer it is adds to the evidence.
    subjects: &'static [Subject],
    verdict: Verdict,
    pub(super) id: FindingId,
    severity: Severity,
    /// What it says of the server, where title and answer make no plain sentence.
    sentence: Option<&'static str>,
    pub(super) advice: Advice,
}

/// The finding, if an answer makes it.
pub(super) fn by_item(rule: &Rule, items: &[Item]) -> Option<Found> {
    let makes_it = |item: &&Item| rule.subjects.contains(&item.subject) && item.verdict == rule.verdict;
    let evidence: Vec<_> = items.iter().filter(makes_it).map(|item| evidence(rule, item)).collect();
    let evidence = Some(evidence.join("; ")).filter(|evidence| !evidence.is_empty())?;
    Some(Found { id: rule.id, severity: rule.severity, evidence, advice: rule.advice })
}

fn evidence(rule: &Rule, item: &Item) -> String {
    let says = match &item.value {
        Some(Value::Names(names)) => names.join(", "),
        Some(Value::Text(text)) => text.clone(),
        _ => item.evidence.says.to_string(),
    };
    match (rule.sentence, item.verdict) {
        (Some(sentence), _) => format!("{sentence}: {says}"),
        (None, Verdict::Yes) => format!("{}: accepted ({says})", item.subject.title),
        (None, _) => format!("{}: not supported ({says})", item.subject.title),
    }
}

const OLD_VERSION: Advice = Advice::new("enable TLS 1.2 and 1.3 only (RFC 8996)")
    .esp_idf("menuconfig, mbedTLS; version 5 and newer have no older ones");
const STATIC_KEY: Advice = Advice::new(
    "without forward secrecy, anybody who steals the key can decrypt all recorded traffic: enable \
     ECDHE only",
);
const WEAK_SUITE: Advice =
    Advice::new("remove it from the device's list of suites; no client of today needs it");

const fn accepted(
    subjects: &'static [Subject],
    id: &'static str,
    severity: Severity,
    advice: Advice,
) -> Rule {
    Rule { subjects, verdict: Verdict::Yes, id: FindingId(id), severity, sentence: None, advice }
}

const fn missing(subjects: &'static [Subject], id: &'static str, severity: Severity, advice: Advice) -> Rule {
    Rule { subjects, verdict: Verdict::No, id: FindingId(id), severity, sentence: None, advice }
}

impl Rule {
    const fn says(self, sentence: &'static str) -> Self {
        Self { sentence: Some(sentence), ..self }
    }
}

pub(super) const RULES: &[Rule] = &[
    accepted(&[older_versions::SSL_3], "version.ssl3", Severity::High, OLD_VERSION),
    accepted(&[older_versions::TLS_1_0], "version.tls1_0", Severity::Medium, OLD_VERSION),
    accepted(&[older_versions::TLS_1_1], "version.tls1_1", Severity::Medium, OLD_VERSION),
    accepted(&[family::STATIC_RSA.subject], "suite.static_rsa", Severity::Medium, STATIC_KEY),
    accepted(
        &[family::CBC.subject],
        "suite.cbc",
        Severity::Low,
        Advice::new(
            "unless old clients need it, offer suites with authenticated encryption only (RFC 9325); a \
             board that `esp-https flash` wrote has others only with --legacy-clients",
        ),
    ),
    accepted(&[family::TRIPLE_DES.subject, OLD_TRIPLE_DES], "suite.3des", Severity::Medium, WEAK_SUITE),
    accepted(&[family::RC4.subject, OLD_RC4], "suite.rc4", Severity::High, WEAK_SUITE),
    accepted(&[family::DES.subject, OLD_DES], "suite.des", Severity::High, WEAK_SUITE),
    accepted(
        &[family::STATIC_ECDH.subject, OLD_STATIC_ECDH],
        "suite.static_ecdh",
        Severity::Medium,
        STATIC_KEY,
    ),
    accepted(&[NULL_TLS13, family::NULL.subject, OLD_NULL], "suite.null", Severity::High, WEAK_SUITE),
    accepted(&[family::EXPORT.subject, OLD_EXPORT], "suite.export", Severity::High, WEAK_SUITE),
    accepted(&[family::ANONYMOUS.subject, OLD_ANONYMOUS], "suite.anonymous", Severity::High, WEAK_SUITE),
    accepted(
        &[NEWER_SUITES],
        "suite.newer_than_version",
        Severity::Low,
        Advice::new(
            "no version before TLS 1.2 has these suites (RFC 5246): enable TLS 1.2 and 1.3 only, or \
             update the TLS library",
        ),
    ),
    accepted(
        &[STRAY_PROTOCOL],
        "alpn.not_offered",
        Severity::Medium,
        Advice::new(
            "clients end such a handshake (RFC 7301, section 3.2): set only protocols that the device \
             serves, or update the TLS library",
        ),
    )
    .says("the server chose an application protocol that was not offered"),
    accepted(
        &[PLAIN_TEXT],
        "plain_text",
        Severity::Medium,
        Advice::new(
            "clients report that this is no TLS: close the connection, or send the alert internal_error, \
             when the device is busy",
        ),
    )
    .says("the server answered some connections in plain text, without TLS"),
    accepted(
        &[COMPRESSION],
        "compression",
        Severity::Medium,
        Advice::new("compression leaks secrets (CRIME): turn it off"),
    ),
    accepted(
        &[HEARTBEAT],
        "heartbeat",
        Severity::Low,
        Advice::new("no client of this device needs it: turn it off"),
    ),
    accepted(
        &[EARLY_DATA],
        "early_data",
        Severity::Low,
        Advice::new(
            "early data can be replayed: accept no request in it that changes anything, such as POST \
             /light",
        ),
    ),
    missing(
        &[RENEGOTIATION],
        "secure_renegotiation.missing",
        Severity::Medium,
        Advice::new("answer renegotiation_info (RFC 5746): every TLS library of today does"),
    ),
    missing(
        &[EXTENDED_MASTER_SECRET],
        "extended_master_secret.missing",
        Severity::Low,
        Advice::new("enable the extended master secret (RFC 7627), which every TLS library of today has"),
    ),
    missing(
        &[ENCRYPT_THEN_MAC],
        "encrypt_then_mac.missing",
        Severity::Low,
        Advice::new("enable encrypt-then-MAC (RFC 7366), or leave out suites in CBC mode"),
    ),
    missing(
        &[FALLBACK],
        "fallback_scsv.missing",
        Severity::Low,
        Advice::new("an attacker can make a client use an older version: disable the older versions"),
    )
    .says("the server does not notice that a client has fallen back to an older version"),
    missing(
        &[SPLIT],
        "hello.split",
        Severity::Medium,
        Advice::new("clients with large hellos fail: update the TLS library"),
    )
    .says("the server does not accept a hello that is split over two records"),
    missing(
        &[FRAGMENT_OBEYED],
        "max_fragment_length.ignored",
        Severity::Medium,
        Advice::new("small clients that rely on it run out of memory: update the TLS library"),
    )
    .says("the server agreed to max_fragment_length, and then sent a larger record"),
    missing(
        &[SIZE_LIMIT_OBEYED],
        "record_size_limit.ignored",
        Severity::Medium,
        Advice::new("small clients that rely on it run out of memory: update the TLS library"),
    )
    .says("the server agreed to record_size_limit, and then sent a larger record"),
    missing(
        &[hello_retry::VERSION],
        "version.tls1_3.missing",
        Severity::Low,
        Advice::new("enable TLS 1.3, which costs a round trip less")
            .esp_idf("menuconfig, mbedTLS, mbedTLS v3.x related: MBEDTLS_SSL_PROTO_TLS1_3"),
    ),
];
