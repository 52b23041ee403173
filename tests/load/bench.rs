//! The command under test, and what a run of it gave.

use std::ops::Deref;

use serde_json::Value;
pub(crate) use support::document::parse_valid;
use support::{
    document::{parse_as, schema},
    run,
};

/// What a run of `esp-https load --json` gave.
pub(crate) struct Run(run::Run);

impl Deref for Run {
    type Target = run::Run;

    fn deref(&self) -> &run::Run {
        &self.0
    }
}

impl Run {
    /// The number at a JSON pointer below `result`.
    pub(crate) fn number(&self, pointer: &str) -> u64 {
        self.result(pointer).as_u64().unwrap_or_else(|| panic!("{pointer} is {}", self.result(pointer)))
    }

    /// The errors as `class stage count`, joined by commas.
    pub(crate) fn errors(&self) -> String {
        let rows = self.result("/errors").as_array().unwrap();
        let mut rows: Vec<String> = rows
            .iter()
            .map(|row| {
                let text = |key: &str| row[key].as_str().unwrap();
                format!("{} {} {}", text("class"), text("stage"), row["took"]["count"])
            })
            .collect();
        rows.sort();
        rows.join(", ")
    }

    /// The error's code.
    pub(crate) fn error(&self) -> (i32, &str) {
        (self.code, self.document["error"]["code"].as_str().unwrap_or("none"))
    }
}

/// Runs `esp-https load --json` and validates the document.
pub(crate) fn load<S: AsRef<str>>(args: &[S]) -> Run {
    Run(run::Run::new("load", args))
}

/// Runs `esp-https load` for its text: exit code, standard output, standard error.
pub(crate) fn load_text<S: AsRef<str>>(args: &[S]) -> (i32, String, String) {
    run::text("load", args)
}

/// A line of `--series`.
pub(crate) fn parse_row(line: &str) -> Value {
    let row = serde_json::json!({"$ref": "#/$defs/row", "$defs": schema("load")["$defs"]});
    parse_as(&row, line.as_bytes())
}
