//! `--baseline old.json`: what has changed since an older result.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

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
    #[error("it is no document of `esp-https probe --json`")]
    Schema,
    /// The older run found nothing.
    #[error("the older run has no result for {target}")]
    NoResult {
        /// Whose result was looked for.
        target: String,
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
        let no_result = || BaselineError::NoResult { target: target.to_owned() };
        found.filter(|result| result.is_object()).ok_or_else(no_result)
    }
}

/// What is in both results and differs; and findings and suites that came or went, where both are audits. What either
/// could not tell is no change.
#[must_use]
pub fn changes(was: &Value, is: &Value) -> Vec<Change> {
    let (was, is) = (facts(was), facts(is));
    let mut changes = Vec::new();
    for (what, fact) in &was {
        match is.get(what) {
            Some(now) if now != fact => {
                changes.push(Change { what: what.clone(), was: Some(fact.clone()), is: Some(now.clone()) });
            }
            None if may_come_and_go(what) && is.contains_key(AUDITED) => {
                changes.push(Change { what: what.clone(), was: Some(fact.clone()), is: None });
            }
            _ => {}
        }
    }
    for (what, now) in is.iter().filter(|(what, _)| may_come_and_go(what) && was.contains_key(AUDITED)) {
        if !was.contains_key(what) {
            changes.push(Change { what: what.clone(), was: None, is: Some(now.clone()) });
        }
    }
    changes
}

fn may_come_and_go(what: &str) -> bool {
    what.starts_with("finding.")
}

/// What a result says, without what differs from run to run.
fn facts(result: &Value) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let look = if result["observation"].is_object() { &result["observation"] } else { result };
    for (name, pointer) in LOOK {
        if let Some(value) = look.pointer(pointer).filter(|value| !value.is_null()) {
            facts.insert((*name).to_owned(), shown(value));
        }
    }
    let list = |name: &str| result[name].as_array().map_or(&[][..], Vec::as_slice);
    for item in list("items") {
        let (Some(id), Some(verdict)) = (item["id"].as_str(), item["verdict"].as_str()) else { continue };
        if !matches!(verdict, "inconclusive" | "skipped") {
            let value = item.get("value").map(|value| format!(": {}", shown(value))).unwrap_or_default();
            facts.insert(id.to_owned(), format!("{verdict}{value}"));
        }
    }
    for offer in list("offers").iter().filter(|offer| offer["extent"] == "complete") {
        let names = |field: &Value| {
            field.as_array().map_or(String::new(), |all| all.iter().map(shown).collect::<Vec<_>>().join(", "))
        };
        let suites = offer["suites"].as_array().map_or(&[][..], Vec::as_slice);
        let suites: Vec<_> = suites.iter().map(|suite| shown(&suite["name"])).collect();
        let version = shown(&offer["version"]);
        facts.insert(format!("{version} suites"), suites.join(", "));
        facts.insert(format!("{version} groups"), names(&offer["groups"]));
        facts.insert(format!("{version} schemes"), names(&offer["schemes"]));
    }
    if result["items"].is_array() {
        facts.insert(AUDITED.to_owned(), String::new());
    }
    for finding in list("findings") {
        facts.insert(format!("finding.{}", shown(&finding["id"])), shown(&finding["severity"]));
    }
    facts
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

const SCHEMA: &str = "esp-https/probe/1";
/// Marks the facts of an audit.
const AUDITED: &str = "";
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
        assert!(empty.result("x").is_err());
    }
}
