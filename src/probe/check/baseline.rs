//! `--baseline old.json`: what has changed since an older result.

use std::collections::BTreeMap;

use serde::{Deserialize as _, Serialize};
use serde_json::Value;

use crate::probe::audit::{Extent, item::Verdict};

/// An older document of `esp-https probe --json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline(Value);

/// A text that is no such document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// Not JSON.
    #[error("it is not JSON: {0}")]
    Json(String),
    /// A document of something else.
    #[error("it is no document of `esp-https probe --json`: its `schema` is not {SCHEMA}")]
    Schema,
    /// The older run found nothing, or asked others.
    #[error("the older run has no result for {target}: it has {}", if .has.is_empty() { "none" } else { .has })]
    NoResult {
        /// Whose result was looked for.
        target: String,
        /// Whose results it has, if it asked several.
        has: String,
    },
}

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What: an item's id, `handshake.version`, `finding.` and a finding's id.
    pub what: String,
    /// What it was; null when it was not there.
    pub was: Option<String>,
    /// What it is; null when it is no longer there.
    pub is: Option<String>,
}

impl Baseline {
    /// Reads a document.
    ///
    /// # Errors
    /// [`BaselineError`].
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let document: Value =
            serde_json::from_str(text).map_err(|error| BaselineError::Json(error.to_string()))?;
        if document["schema"] == SCHEMA { Ok(Self(document)) } else { Err(BaselineError::Schema) }
    }

    /// The result for that target: the only one, or that of several hosts.
    ///
    /// # Errors
    /// [`BaselineError::NoResult`].
    pub fn result(&self, target: &str) -> Result<&Value, BaselineError> {
        let result = &self.0["result"];
        let found = match result["hosts"].as_array() {
            Some(hosts) => hosts.iter().find(|host| host["target"] == target).map(|host| &host["result"]),
            None => Some(result),
        };
        let has = || {
            let with_result = list(&result["hosts"]).iter().filter(|host| host["result"].is_object());
            with_result.map(|host| shown(&host["target"])).collect::<Vec<_>>().join(", ")
        };
        let no_result = || BaselineError::NoResult { target: target.to_owned(), has: has() };
        found.filter(|result| result.is_object()).ok_or_else(no_result)
    }
}

/// What is in both results and differs; and findings that came or went, where both are audits. What either could not tell is
/// no change.
#[must_use]
pub fn changes(was: &Value, is: &Value) -> Vec<Change> {
    let (was, is) = (ResultFacts::of(was), ResultFacts::of(is));
    let are_audits = was.source == Source::Audit && is.source == Source::Audit;
    let mut changes = Vec::new();
    for (what, fact) in &was.facts {
        match is.facts.get(what) {
            Some(now) if now.value != fact.value => changes.push(Change::of(what, Some(fact), Some(now))),
            None if fact.kind == FactKind::Finding && is.source == Source::Audit => {
                changes.push(Change::of(what, Some(fact), None));
            }
            _ => {}
        }
    }
    let new = is.facts.iter().filter(|(what, _)| !was.facts.contains_key(*what));
    let new_findings = new.filter(|(_, fact)| fact.kind == FactKind::Finding && are_audits);
    changes.extend(new_findings.map(|(what, now)| Change::of(what, None, Some(now))));
    changes
}

impl Change {
    fn of(what: &str, was: Option<&Fact>, is: Option<&Fact>) -> Self {
        let value = |fact: Option<&Fact>| fact.map(|fact| fact.value.clone());
        Self { what: what.to_owned(), was: value(was), is: value(is) }
    }
}

/// What a result says, without what differs from run to run, by what it is about.
struct ResultFacts {
    source: Source,
    facts: BTreeMap<String, Fact>,
}

/// What a result comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Look,
    Audit,
}

struct Fact {
    kind: FactKind,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FactKind {
    /// Something that every result of its sort has: that it is missing from one says nothing.
    Property,
    /// A finding, which may come and go.
    Finding,
}

impl ResultFacts {
    fn of(result: &Value) -> Self {
        let source = if result["items"].is_array() { Source::Audit } else { Source::Look };
        let mut read = Self { source, facts: BTreeMap::new() };
        let look = if result["observation"].is_object() { &result["observation"] } else { result };
        for (name, pointer) in LOOK {
            if let Some(value) = look.pointer(pointer).filter(|value| !value.is_null()) {
                read.add(FactKind::Property, (*name).to_owned(), shown(value));
            }
        }
        list(&result["items"]).iter().for_each(|item| read.add_answer(item));
        list(&result["offers"]).iter().for_each(|offer| read.add_offer(offer));
        for finding in list(&result["findings"]) {
            let what = format!("finding.{}", shown(&finding["id"]));
            read.add(FactKind::Finding, what, shown(&finding["severity"]));
        }
        read
    }

    fn add(&mut self, kind: FactKind, what: String, value: String) {
        self.facts.insert(what, Fact { kind, value });
    }

    /// The answer to a question, unless it is open.
    fn add_answer(&mut self, item: &Value) {
        let Some(id) = item["id"].as_str() else { return };
        let value = item.get("value").map(|value| format!(": {}", shown(value))).unwrap_or_default();
        match Verdict::deserialize(&item["verdict"]) {
            Ok(Verdict::Yes | Verdict::No | Verdict::NotApplicable) => {
                let answer = format!("{}{value}", shown(&item["verdict"]));
                self.add(FactKind::Property, id.to_owned(), answer);
            }
            Ok(Verdict::Inconclusive | Verdict::Skipped) | Err(_) => {}
        }
    }

    /// What is accepted in one version, if these are all.
    fn add_offer(&mut self, offer: &Value) {
        if !matches!(Extent::deserialize(&offer["extent"]), Ok(Extent::Complete)) {
            return;
        }
        let version = shown(&offer["version"]);
        let suites = list(&offer["suites"]).iter().map(|suite| shown(&suite["name"]));
        let suites = suites.collect::<Vec<_>>().join(", ");
        self.add(FactKind::Property, format!("{version} suites"), suites);
        self.add(FactKind::Property, format!("{version} groups"), shown(&offer["groups"]));
        self.add(FactKind::Property, format!("{version} schemes"), shown(&offer["schemes"]));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

const SCHEMA: &str = "esp-https/probe/1";
const LOOK: &[(&str, &str)] = &[
    ("handshake.version", "/handshake/version"),
    ("handshake.suite", "/handshake/cipher_suite/name"),
    ("handshake.group", "/handshake/group"),
    ("handshake.signature_scheme", "/handshake/signature_scheme"),
    ("handshake.client_certificate", "/handshake/client_certificate/wish"),
    ("certificate.sha256", "/certificate/sha256"),
    ("certificate.key_sha256", "/certificate/spki_sha256"),
    ("certificate.not_after", "/certificate/not_after"),
    ("certificate.names", "/certificate/names"),
    ("certificate.validity", "/certificate/validity"),
    ("page.outcome", "/page/outcome"),
    ("page.status", "/page/answer/status"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn audit(verdict: &str, findings: &[&str]) -> Value {
        let findings: Vec<_> = findings.iter().map(|id| json!({"id": id, "severity": "high"})).collect();
        json!({"observation": {"handshake": {"version": "TLS 1.3"}},
               "items": [{"id": "heartbeat", "verdict": verdict}], "findings": findings})
    }

    #[test]
    fn changes_are_what_differs_and_what_came_or_went() {
        let found = changes(&audit("no", &["a"]), &audit("yes", &["b"]));
        let text: Vec<_> = found.iter().map(|it| format!("{} {:?} {:?}", it.what, it.was, it.is)).collect();
        assert_eq!(
            text,
            [
                "finding.a Some(\"high\") None",
                "heartbeat Some(\"no\") Some(\"yes\")",
                "finding.b None Some(\"high\")"
            ]
        );
        assert!(changes(&audit("no", &["a"]), &audit("no", &["a"])).is_empty());
    }

    #[test]
    fn what_could_not_be_told_is_no_change() {
        assert!(changes(&audit("no", &[]), &audit("inconclusive", &[])).is_empty());
        assert!(changes(&audit("skipped", &[]), &audit("yes", &[])).is_empty());
    }

    #[test]
    fn another_document_is_refused() {
        assert!(matches!(Baseline::parse("x"), Err(BaselineError::Json(_))));
        assert_eq!(Baseline::parse("{\"schema\": \"esp-https/load/1\"}"), Err(BaselineError::Schema));
        let empty = Baseline::parse("{\"schema\": \"esp-https/probe/1\", \"result\": null}").unwrap();
        insta::assert_snapshot!(empty.result("x").unwrap_err(), @"the older run has no result for x: it has none");
        let several = json!({"schema": SCHEMA, "result": {"hosts": [{"target": "a:443", "result": {}},
            {"target": "b:443", "result": {}}, {"target": "c:443", "result": null}]}});
        let several = Baseline::parse(&several.to_string()).unwrap();
        assert!(several.result("a:443").is_ok());
        insta::assert_snapshot!(several.result("c:443").unwrap_err(), @"the older run has no result for c:443: it has a:443, b:443");
    }
}
