//! What is worth acting on, for a device: self-signed and pinned is fine; old versions, weak keys and missing names are not.

mod advice;
mod rules;
mod seen;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use self::{
    advice::{Advice, Platform},
    rules::{RULES, by_item},
    seen::{OTHERS, certificate, handshake, header_limit, small_field, small_key},
};
use super::Audit;

/// Something that is worth acting on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable name for scripts.
    pub id: FindingId,
    /// How bad it is.
    pub severity: Severity,
    /// What was seen.
    pub evidence: String,
    /// What to do on a device; on one of ESP-IDF, also where its menuconfig has it.
    pub advice: String,
    /// Where the documentation says what it means and how to mend it.
    pub docs: String,
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

/// The findings of an audit, the worst first.
pub(super) fn findings(audit: &Audit) -> Vec<Finding> {
    let mut found: Vec<_> = RULES.iter().filter_map(|rule| by_item(rule, &audit.items)).collect();
    if let Some(seen) = &audit.observation {
        certificate(&seen.certificate, &mut found);
        handshake(seen, &mut found);
    }
    found.extend(small_key(&audit.items));
    found.extend(small_field(&audit.items));
    found.extend(header_limit(&audit.items));
    found.sort_by_key(|found| std::cmp::Reverse(found.severity));
    let platform = Platform::of(audit);
    found.into_iter().map(|found| found.on(platform)).collect()
}

/// A finding, before it is known whose device it is.
struct Found {
    id: FindingId,
    severity: Severity,
    evidence: String,
    advice: Advice,
}

impl Found {
    fn on(self, platform: Platform) -> Finding {
        let Self { id, severity, evidence, advice: Advice { general, esp_idf } } = self;
        let advice = match esp_idf.filter(|_| platform == Platform::EspIdf) {
            Some(esp_idf) => format!("{general}; ESP-IDF: {esp_idf}"),
            None => general.to_owned(),
        };
        Finding { id, severity, evidence, advice, docs: format!("{DOCS}#{}", id.anchor()) }
    }
}

/// A text that is no finding's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no finding has this id: the ids are {}", FindingId::all().iter().map(FindingId::to_string).collect::<Vec<_>>().join(", "))]
pub struct UnknownFinding;

impl FindingId {
    /// The anchor of its section in the documentation, as GitHub makes it from the heading.
    fn anchor(self) -> String {
        self.0.replace('.', "")
    }

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

/// Where the documentation says what each finding means.
const DOCS: &str = "docs/findings.md";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::audit::{
        item::{Evidence, Subject, Verdict},
        questions::{
            extensions::{FRAGMENT_OBEYED, HEARTBEAT},
            hello_forms::FALLBACK,
            older_versions,
        },
    };

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
    fn each_finding_has_a_section_with_what_it_means_and_how_to_mend_it() {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCS);
        let docs = std::fs::read_to_string(docs).unwrap();
        let sections: Vec<_> = docs.split("\n## ").skip(1).collect();
        let ids: Vec<_> = FindingId::all().iter().map(|id| format!("`{id}`")).collect();
        let headings: Vec<_> = sections.iter().filter_map(|section| section.lines().next()).collect();
        assert_eq!(headings, ids, "{DOCS} has the findings in their order, each once");
        for section in sections {
            let (heading, text) = section.split_once("\n\n").unwrap();
            let (meaning, mending) = text.split_once("\n\n").unwrap();
            assert!(meaning.len() > 60, "{heading}: {meaning}");
            let parts = ["See it", "ESP-IDF", "Our firmware", "Mbed TLS", "wolfSSL"];
            let found: Vec<_> =
                mending.lines().filter_map(|line| line.strip_prefix("- **")?.split_once(":** ")).collect();
            assert_eq!(found.iter().map(|(part, _)| *part).collect::<Vec<_>>(), parts, "{heading}");
            assert!(found.iter().all(|(_, how)| how.len() > 5), "{heading}: {mending}");
        }
    }

    #[test]
    fn menuconfig_is_named_only_on_a_device_that_calls_itself_espressif_s() {
        let on = |platform| {
            let items = [older_versions::TLS_1_0.item(Verdict::Yes, Evidence::known("ServerHello"))];
            RULES.iter().find_map(|rule| by_item(rule, &items)).unwrap().on(platform)
        };
        let finding = on(Platform::Unknown);
        insta::assert_snapshot!(finding.advice, @"enable TLS 1.2 and 1.3 only (RFC 8996)");
        assert_eq!(finding.docs, "docs/findings.md#versiontls1_0");
        insta::assert_snapshot!(on(Platform::EspIdf).advice, @"enable TLS 1.2 and 1.3 only (RFC 8996); ESP-IDF: menuconfig, mbedTLS; version 5 and newer have no older ones");
        for rule in RULES {
            assert!(!rule.advice.general.contains("menuconfig"), "{}", rule.id);
        }
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
