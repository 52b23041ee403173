//! What the document of a command says that matters to a step: its error, its key figures, and what it found.

use serde_json::Value;

use super::{
    kind::Verb,
    outcome::{Figures, FindingKind, StepError, StepFinding},
};

/// What a document says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Digest {
    /// Why the command failed.
    pub error: Option<StepError>,
    /// One sentence for a person.
    pub says: Option<String>,
    /// Its figures.
    pub figures: Figures,
    /// Its findings, and the checks that failed.
    pub findings: Vec<StepFinding>,
}

/// Reads the document of a command of ours.
#[must_use]
pub fn digest(verb: Verb, document: &Value) -> Digest {
    let error = document.get("error").and_then(|error| serde_json::from_value(error.clone()).ok());
    let error = error.map(StepError::in_scenario);
    let result = document.get("result").unwrap_or(&Value::Null);
    let found = match verb {
        Verb::Probe => probe(result),
        Verb::Load => load(result),
        Verb::Flash => flash(result),
        Verb::Emulate => emulate(result),
        Verb::Certgen => certgen(result),
        Verb::Monitor => Digest::default(),
    };
    Digest { error, ..found }
}

fn certgen(result: &Value) -> Digest {
    Digest {
        says: text(result, "/key_type").map(|kind| format!("a key of the type {kind}")),
        ..Digest::default()
    }
}

fn flash(result: &Value) -> Digest {
    let says = text(result, "/boards/0/ready/fw").map(|version| format!("firmware {version}"));
    let mut findings = remarks(result, "/notes");
    findings.retain(|note| note.id == HALF_WRITTEN);
    let figures = Figures { ready_us: number(result, "/boards/0/ready_us"), ..Figures::default() };
    Digest { says, figures, findings, error: None }
}

fn emulate(result: &Value) -> Digest {
    let says = text(result, "/ready/fw").map(|version| format!("firmware {version}"));
    let figures = Figures { ready_us: number(result, "/ready_us"), ..Figures::default() };
    Digest { says, figures, ..Digest::default() }
}

fn probe(result: &Value) -> Digest {
    let look = result.get("observation").unwrap_or(result);
    let handshake_us = number(look, "/timing/handshake_us");
    let parts = ["/handshake/version", "/handshake/cipher_suite/name", "/handshake/group"];
    let mut says: Vec<String> =
        parts.iter().filter_map(|part| text(look, part)).filter(|part| !part.is_empty()).collect();
    says.extend(handshake_us.map(|us| format!("handshake {} ms", us / 1000)));
    says.extend(
        number(result, "/exchange/answer/status")
            .or_else(|| number(look, "/page/answer/status"))
            .map(|status| format!("status {status}")),
    );
    let mut findings = checks(result);
    findings.extend(changes(result));
    findings.extend(list(result, "/findings").iter().map(|finding| StepFinding {
        id: text(finding, "/id").unwrap_or_default(),
        kind: FindingKind::Finding,
        says: text(finding, "/evidence").unwrap_or_default(),
        wanted: None,
    }));
    let figures = Figures { handshake_us, ..Figures::default() };
    Digest { says: (!says.is_empty()).then(|| says.join(", ")), figures, findings, error: None }
}

fn checks(result: &Value) -> Vec<StepFinding> {
    let of = |check: &Value| {
        let kind = match text(check, "/outcome")?.as_str() {
            "failed" => FindingKind::Check,
            "unknown" => FindingKind::CheckUnknown,
            _ => return None,
        };
        Some(StepFinding {
            id: text(check, "/id")?,
            kind,
            says: format!("found {}", text(check, "/found")?),
            wanted: text(check, "/wanted"),
        })
    };
    list(result, "/checks").iter().filter_map(of).collect()
}

fn changes(result: &Value) -> Vec<StepFinding> {
    let side = |change: &Value, name: &str| text(change, name).unwrap_or_else(|| "absent".to_owned());
    let of = |change: &Value| {
        Some(StepFinding {
            id: text(change, "/what")?,
            kind: FindingKind::Check,
            says: format!("is {}", side(change, "/is")),
            wanted: Some(side(change, "/was")),
        })
    };
    list(result, "/changes").iter().filter_map(of).collect()
}

fn load(result: &Value) -> Digest {
    let (completed, failed) = (number(result, "/units/completed"), number(result, "/units/failed"));
    let rate = result.pointer("/per_s").and_then(Value::as_f64);
    let figures = Figures {
        handshake_us: number(result, "/latency/tls_full/p50_us"),
        handshake_p99_us: number(result, "/latency/tls_full/p99_us"),
        request_us: number(result, "/latency/total/p50_us"),
        request_p99_us: number(result, "/latency/total/p99_us"),
        succeeded: completed,
        failed,
        rate,
        heap_min: number(result, "/device/heap_min"),
        heap_free: number(result, "/device/after/heap_free"),
        frames_dropped: frames_dropped(result),
        ..Figures::default()
    };
    let says = completed.zip(failed).map(|(completed, failed)| {
        let rate = rate.map_or_else(String::new, |rate| format!(", {rate:.1} a second"));
        format!("{completed} succeeded, {failed} failed{rate}")
    });
    let mut findings = remarks(result, "/findings");
    findings.extend(list(result, "/gates").iter().filter_map(gate));
    Digest { says, figures, findings, error: None }
}

fn frames_dropped(result: &Value) -> Option<u64> {
    let after = number(result, "/device/after/frames_dropped")?;
    Some(after.saturating_sub(number(result, "/device/before/frames_dropped")?))
}

fn gate(gate: &Value) -> Option<StepFinding> {
    let kind = match text(gate, "/verdict")?.as_str() {
        "failed" => FindingKind::Check,
        "not_measured" => FindingKind::CheckUnknown,
        _ => return None,
    };
    let value = gate.pointer("/value").and_then(Value::as_f64);
    let says = value.map_or_else(|| "not measured".to_owned(), |value| format!("measured {value}"));
    Some(StepFinding { id: text(gate, "/fail_if")?, kind, says, wanted: None })
}

/// Notes and findings that are a code and a text.
fn remarks(result: &Value, pointer: &str) -> Vec<StepFinding> {
    let of = |remark: &Value| {
        Some(StepFinding {
            id: text(remark, "/code")?,
            kind: FindingKind::Finding,
            says: text(remark, "/text")?,
            wanted: None,
        })
    };
    list(result, pointer).iter().filter_map(of).collect()
}

/// The text at a JSON pointer.
#[must_use]
pub fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

fn number(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer)?.as_u64()
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The code of the note of `flash` that a board was left half-written.
const HALF_WRITTEN: &str = "half_written";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_probe_tells_its_handshake_and_the_checks_that_failed() {
        let document = json!({
            "result": {
                "handshake": {"version": "TLS 1.3", "cipher_suite": {"name": "S"}, "group": "x25519"},
                "timing": {"handshake_us": 83_125},
                "checks": [
                    {"id": "expect.version", "wanted": "TLS 1.2", "found": "TLS 1.3", "outcome": "failed"},
                    {"id": "expect.group", "wanted": "x25519", "found": "x25519", "outcome": "passed"}
                ]
            },
            "error": {"fault": "finding", "code": "probe.check_failed", "doing": "d", "what": "w", "try": null}
        });
        let digest = digest(Verb::Probe, &document);
        assert_eq!(digest.says.as_deref(), Some("TLS 1.3, S, x25519, handshake 83 ms"));
        assert_eq!(digest.figures.handshake_us, Some(83_125));
        assert_eq!(digest.findings.len(), 1);
        assert_eq!(digest.error.map(|error| error.code), Some("probe.check_failed".to_owned()));
    }

    #[test]
    fn a_load_tells_its_rate_its_heap_and_its_gates() {
        let document = json!({
            "result": {
                "units": {"completed": 5, "failed": 1}, "per_s": 2.5,
                "latency": {"tls_full": {"p50_us": 1, "p99_us": 2}, "total": null},
                "device": {
                    "before": {"frames_dropped": 2}, "after": {"heap_free": 7, "frames_dropped": 6}, "heap_min": 3
                },
                "findings": [{"code": "device_rebooted", "text": "it restarted"}],
                "gates": [{"fail_if": "rps<5", "value": 2.5, "verdict": "failed"}]
            },
            "error": null
        });
        let digest = digest(Verb::Load, &document);
        assert_eq!(digest.says.as_deref(), Some("5 succeeded, 1 failed, 2.5 a second"));
        assert_eq!((digest.figures.heap_min, digest.figures.heap_free), (Some(3), Some(7)));
        assert_eq!(digest.figures.frames_dropped, Some(4));
        let ids: Vec<&str> = digest.findings.iter().map(|finding| finding.id.as_str()).collect();
        assert_eq!(ids, ["device_rebooted", "rps<5"]);
        assert_eq!(digest.error, None);
    }

    #[test]
    fn a_document_without_a_result_says_nothing() {
        for verb in [Verb::Certgen, Verb::Flash, Verb::Emulate, Verb::Monitor, Verb::Probe, Verb::Load] {
            assert_eq!(digest(verb, &json!({"result": null, "error": null})), Digest::default());
            assert_eq!(digest(verb, &json!([])), Digest::default());
        }
    }
}
