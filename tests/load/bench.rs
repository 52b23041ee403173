//! The command under test, and what a run of it gave.

use std::{fs, path::Path, time::Duration};

use serde_json::Value;

/// The binary under test.
pub(crate) const ESP_HTTPS: &str = env!("CARGO_BIN_EXE_esp-https");

/// What a run of `esp-https load --json` gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) document: Value,
    pub(crate) stderr: String,
}

impl Run {
    /// The value at a JSON pointer below `result`.
    pub(crate) fn result(&self, pointer: &str) -> &Value {
        let found = self.document["result"].pointer(pointer);
        found.unwrap_or_else(|| panic!("no {pointer} in {:#}\n{}", self.document, self.stderr))
    }

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
    let (code, stdout, stderr) = command(&[&words(args)[..], &["--json"]].concat());
    let document = parse_valid(stdout.as_bytes());
    assert_eq!(document["exit_code"], code, "the document tells the exit code");
    Run { code, document, stderr }
}

/// Runs `esp-https load` for its text: exit code, standard output, standard error.
pub(crate) fn load_text<S: AsRef<str>>(args: &[S]) -> (i32, String, String) {
    command(&words(args))
}

fn words<S: AsRef<str>>(args: &[S]) -> Vec<&str> {
    args.iter().map(AsRef::as_ref).collect()
}

fn command(args: &[&str]) -> (i32, String, String) {
    let mut command = assert_cmd::Command::new(ESP_HTTPS);
    let output = command.arg("load").args(args).timeout(Duration::from_secs(100)).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().expect("exits"), text(output.stdout), text(output.stderr))
}

/// A JSON document that the schema accepts.
pub(crate) fn parse_valid(bytes: &[u8]) -> Value {
    let document = serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(bytes)));
    let errors: Vec<_> = validator("")
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?} in {document:#}");
    document
}

/// A line of `--series`.
pub(crate) fn parse_row(line: &str) -> Value {
    let row = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
    assert!(validator("#/$defs/row").is_valid(&row), "{row:#}");
    row
}

fn validator(part: &str) -> jsonschema::Validator {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/load.json");
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    if !part.is_empty() {
        schema = serde_json::json!({"$ref": part, "$defs": schema["$defs"]});
    }
    jsonschema::validator_for(&schema).unwrap()
}
