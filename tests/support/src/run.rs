//! A run of a command with `--json`, and a document that its schema accepts.

use std::time::Duration;

use serde_json::Value;

use crate::{document, program::esp_https};

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// The document, which the schema of its command accepts.
    pub document: Value,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Run {
    /// Runs `esp-https COMMAND .. --json` and validates the document against `docs/schema/COMMAND.json`.
    pub fn new<S: AsRef<str>>(command: &str, args: &[S]) -> Self {
        let args: Vec<&str> = args.iter().map(AsRef::as_ref).chain(["--json"]).collect();
        let (code, stdout, stderr) = text(command, &args);
        let document = document::parse_as(&document::schema(command), stdout.as_bytes());
        assert_eq!(document["exit_code"], code, "the document tells the exit code");
        Self { code, document, stderr }
    }

    /// The value at a JSON pointer below `result`.
    pub fn result(&self, pointer: &str) -> &Value {
        let found = self.document["result"].pointer(pointer);
        found.unwrap_or_else(|| panic!("no {pointer} in {:#}\n{}", self.document, self.stderr))
    }
}

/// Runs `esp-https COMMAND ..` for its text: exit code, standard output, standard error.
pub fn text<S: AsRef<str>>(command: &str, args: &[S]) -> (i32, String, String) {
    let args = args.iter().map(AsRef::as_ref);
    let mut program = assert_cmd::Command::new(esp_https());
    let output = program.arg(command).args(args).timeout(TIMEOUT).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().expect("exits"), text(output.stdout), text(output.stderr))
}

/// Longer than any run takes, and shorter than the time after which the test runner ends a test without a word.
const TIMEOUT: Duration = Duration::from_secs(200);
