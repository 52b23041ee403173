//! A run of a command with `--json`, and a document that its schema accepts.

use std::{fs, path::Path, time::Duration};

use serde_json::Value;

/// The binary under test.
pub(crate) const ESP_HTTPS: &str = env!("CARGO_BIN_EXE_esp-https");

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) document: Value,
    pub(crate) stderr: String,
}

impl Run {
    /// Runs `esp-https COMMAND .. --json` and validates the document against `docs/schema/COMMAND.json`.
    pub(crate) fn new<S: AsRef<str>>(command: &str, args: &[S]) -> Self {
        let args: Vec<&str> = args.iter().map(AsRef::as_ref).chain(["--json"]).collect();
        let (code, stdout, stderr) = text(command, &args);
        let document = parse_valid(&schema(command), stdout.as_bytes());
        assert_eq!(document["exit_code"], code, "the document tells the exit code");
        Self { code, document, stderr }
    }

    /// The value at a JSON pointer below `result`.
    pub(crate) fn result(&self, pointer: &str) -> &Value {
        let found = self.document["result"].pointer(pointer);
        found.unwrap_or_else(|| panic!("no {pointer} in {:#}\n{}", self.document, self.stderr))
    }
}

/// Runs `esp-https COMMAND ..` for its text: exit code, standard output, standard error.
pub(crate) fn text<S: AsRef<str>>(command: &str, args: &[S]) -> (i32, String, String) {
    let args = args.iter().map(AsRef::as_ref);
    let mut esp_https = assert_cmd::Command::new(ESP_HTTPS);
    let output = esp_https.arg(command).args(args).timeout(Duration::from_secs(100)).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().expect("exits"), text(output.stdout), text(output.stderr))
}

/// The schema of a command's documents.
pub(crate) fn schema(command: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{command}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A JSON document that the schema accepts.
pub(crate) fn parse_valid(schema: &Value, bytes: &[u8]) -> Value {
    let document = serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(bytes)));
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in {document:#}");
    document
}
