//! `--baseline old/hil.json`: an older run to compare with.

mod compare;
mod measure;
mod tolerance;

use serde::Deserialize;
use serde_json::{Value, error::Category};

pub use self::{
    compare::compare,
    measure::{MEASURES, MeasureRow, Worse},
    tolerance::{DEFAULT_PERCENT, Limit, Tolerance, ToleranceError},
};
use super::outcome::{HilRun, TargetKind};

/// An older document of `hil` with a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Its path, as given.
    pub file: String,
    /// The older run.
    pub run: HilRun,
}

/// A text that is no such document, or a run that can't be compared with this one. It never repeats what is in the file, which
/// may be a key that was named by mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It ends too early.
    #[error("the file ends before the document does: it was not written whole")]
    Truncated,
    /// Not JSON.
    #[error("it is not JSON: line {line}, column {column} is wrong")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A document of something else.
    #[error("it is not a document that `hil` wrote: its `schema` is not {SCHEMA}{}", .is.as_ref().map_or_else(String::new, |is| format!(", but {is}")))]
    Schema {
        /// What it is, where that is a schema of ours.
        is: Option<String>,
    },
    /// A later version wrote it.
    #[error("a newer esp-https wrote it: its `schema` is {is}, and this version reads {SCHEMA}")]
    Newer {
        /// Its schema.
        is: String,
    },
    /// It lacks something, or has something else in its place.
    #[error("its `schema` is {SCHEMA}, but line {line}, column {column} is not as that schema describes it")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The older run had an error in place of a result.
    #[error("the older run has no result: it ended before its first step")]
    NoResult,
    /// `hil check` or `hil plan` wrote it.
    #[error("nothing was run when it was written: it is of `hil check` or `hil plan`")]
    NoRun,
    /// The older run was on something else.
    #[error(
        "the older run was on {was}, and this one is on {is}: their figures differ for that reason alone"
    )]
    Target {
        /// What the older run was on.
        was: &'static str,
        /// What this one is on.
        is: &'static str,
    },
    /// The scenarios have nothing in common.
    #[error("the older run has no step of this scenario: its steps are {steps}")]
    NoStep {
        /// The names of its steps.
        steps: String,
    },
}

impl Baseline {
    /// Reads a document.
    ///
    /// # Errors
    /// [`BaselineError`].
    pub fn parse(file: &str, text: &str) -> Result<Self, BaselineError> {
        let document: Value = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        check_schema(&document["schema"])?;
        if document["result"].is_object() && document["result"]["progress"].is_null() {
            return Err(BaselineError::NoRun);
        }
        // Once more, because only a text has lines.
        let document: Document = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        let run = document.result.ok_or(BaselineError::NoResult)?;
        Ok(Self { file: file.to_owned(), run })
    }

    /// Makes sure that there is something to compare, before the run: the same kind of target, and a step of the same name.
    ///
    /// # Errors
    /// [`BaselineError::Target`] and [`BaselineError::NoStep`].
    pub fn check<'s>(
        &self,
        target: TargetKind,
        steps: impl IntoIterator<Item = &'s str>,
    ) -> Result<(), BaselineError> {
        if self.run.target_kind != target {
            return Err(BaselineError::Target { was: kind(self.run.target_kind), is: kind(target) });
        }
        let has: Vec<&str> =
            self.run.boards.iter().flat_map(|board| &board.steps).map(|it| it.name.as_str()).collect();
        if steps.into_iter().any(|step| has.contains(&step)) {
            return Ok(());
        }
        let mut names: Vec<&str> = Vec::new();
        for name in has {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let shown = names.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(MOST_NAMES);
        let steps = match more {
            0 if names.is_empty() => "none".to_owned(),
            0 => shown,
            _ => format!("{shown} and {more} more"),
        };
        Err(BaselineError::NoStep { steps })
    }
}

/// The envelope, as far as it matters here.
#[derive(Deserialize)]
struct Document {
    result: Option<HilRun>,
}

fn malformed(error: &serde_json::Error) -> BaselineError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Eof => BaselineError::Truncated,
        Category::Data => BaselineError::Shape { line, column },
        Category::Syntax | Category::Io => BaselineError::Json { line, column },
    }
}

fn check_schema(schema: &Value) -> Result<(), BaselineError> {
    if schema == SCHEMA {
        return Ok(());
    }
    let is = schema.as_str().filter(|is| is_ours(is));
    let version =
        is.and_then(|is| is.strip_prefix(SCHEMA_NAME)).and_then(|version| version.parse::<u32>().ok());
    match (version, is) {
        (Some(version), Some(is)) if version > 1 => Err(BaselineError::Newer { is: is.to_owned() }),
        _ => Err(BaselineError::Schema { is: is.map(str::to_owned) }),
    }
}

/// Whether it looks like the name of a schema of ours, and is safe to repeat.
fn is_ours(schema: &str) -> bool {
    let Some((verb, version)) = schema.strip_prefix("esp-https/").and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let is_word = !verb.is_empty() && verb.len() <= 20 && verb.bytes().all(|byte| byte.is_ascii_lowercase());
    is_word && !version.is_empty() && version.len() <= 6 && version.bytes().all(|byte| byte.is_ascii_digit())
}

fn kind(target: TargetKind) -> &'static str {
    match target {
        TargetKind::Emulated => "the emulated board",
        TargetKind::Board => "a board at a port",
        TargetKind::Address => "a server at an address",
    }
}

const SCHEMA: &str = "esp-https/hil/1";
const SCHEMA_NAME: &str = "esp-https/hil/";
const MOST_NAMES: usize = 8;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::hil::sample;

    fn document() -> Value {
        json!({"schema": "esp-https/hil/1", "exit_code": 0, "result": sample::green(), "error": null})
    }

    fn refused(text: &str) -> BaselineError {
        Baseline::parse("old/hil.json", text).unwrap_err()
    }

    #[test]
    fn a_document_is_read_whole() {
        let mut written = document();
        written["result"]["a field of a later version"] = json!([1]);
        let read = Baseline::parse("old/hil.json", &written.to_string()).unwrap();
        assert_eq!((read.file.as_str(), read.run.boards.len()), ("old/hil.json", 1));
    }

    #[test]
    fn a_document_that_was_cut_off_is_refused_at_every_length() {
        let mut small = document();
        small["result"]["boards"][0]["steps"].as_array_mut().unwrap().truncate(2);
        let whole = serde_json::to_string_pretty(&small).unwrap();
        for length in 0..whole.len() {
            let Some(cut) = whole.get(..length) else { continue };
            assert_eq!(refused(cut), BaselineError::Truncated, "{length}");
        }
    }

    #[test]
    fn what_no_hil_wrote_is_refused_without_repeating_it() {
        let other = |schema: &str| refused(&json!({"schema": schema, "result": null}).to_string());
        assert_eq!(
            other("esp-https/probe/1"),
            BaselineError::Schema { is: Some("esp-https/probe/1".to_owned()) }
        );
        assert_eq!(other("esp-https/hil/2"), BaselineError::Newer { is: "esp-https/hil/2".to_owned() });
        for text in ["secret", "esp-https/hil/x", "esp-https/hil/", "esp-https/HIL/1", "esp-https/s3cret/1"] {
            assert_eq!(other(text), BaselineError::Schema { is: None }, "{text}");
        }
        for text in ["[]", "7", "\"esp-https/hil/1\"", "{}", "null"] {
            assert_eq!(refused(text), BaselineError::Schema { is: None }, "{text}");
        }
        let key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
        assert_eq!(refused(key), BaselineError::Json { line: 1, column: 2 });
        let mut wrong = document();
        wrong["result"]["boards"] = json!("c2VjcmV0");
        let said = refused(&wrong.to_string()).to_string();
        assert!(said.contains("is not as that schema describes it") && !said.contains("c2VjcmV0"), "{said}");
        wrong["result"] = json!({"scenario": "bench", "steps": []});
        assert_eq!(refused(&wrong.to_string()), BaselineError::NoRun);
        wrong["result"] = Value::Null;
        assert_eq!(refused(&wrong.to_string()), BaselineError::NoResult);
    }

    #[test]
    fn garbage_is_refused_and_nothing_stops() {
        for text in
            ["", " ", "\u{0}", "{", "{\"schema\":\"esp-https/hil/1\"", "\u{feff}{}", "{\"schema\": 1e999}"]
        {
            refused(text);
        }
        refused(&"[".repeat(100_000));
    }

    #[test]
    fn a_run_on_something_else_or_of_other_steps_is_no_baseline() {
        let baseline = Baseline::parse("old", &document().to_string()).unwrap();
        assert_eq!(baseline.check(TargetKind::Emulated, ["other", "load"]), Ok(()));
        let wrong = baseline.check(TargetKind::Board, ["load"]).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "the older run was on the emulated board, and this one is on a board at a port: their figures differ for that reason alone"
        );
        let wrong = baseline.check(TargetKind::Emulated, ["other"]).unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "the older run has no step of this scenario: its steps are certgen, flash, ready, look, light-on, audit, load, soak and 3 more"
        );
    }
}
