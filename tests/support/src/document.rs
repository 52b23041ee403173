//! JSON documents, and the schemas in `docs/schema` that scripts rely on.

use std::{fs, process::Output};

use serde_json::Value;

use crate::program::from_root;

/// The schema of a command's documents.
pub fn schema(command: &str) -> Value {
    let path = from_root(&format!("docs/schema/{command}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Fails the test where the schema does not accept the document, with each reason.
pub fn assert_valid(schema: &Value, document: &Value) {
    let errors = errors(schema, document);
    assert!(errors.is_empty(), "{errors:#?} in {document:#}");
}

/// What the schema does not accept of the document, and where.
pub fn errors(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The JSON in those bytes, which that schema accepts.
pub fn parse_as(schema: &Value, bytes: &[u8]) -> Value {
    let document = parse(bytes);
    assert_valid(schema, &document);
    document
}

/// A command's document, which the schema that it names accepts.
pub fn parse_valid(bytes: &[u8]) -> Value {
    let document = parse(bytes);
    let named = document["schema"].as_str().and_then(|name| name.strip_prefix("esp-https/"));
    let command = named.and_then(|name| name.split('/').next());
    let command = command.unwrap_or_else(|| panic!("it names no schema: {document:#}"));
    assert_valid(&schema(command), &document);
    document
}

/// The document of a run that has ended: its schema accepts it, and it tells the exit code.
pub fn of(output: &Output) -> Value {
    let document = parse_valid(&output.stdout);
    let code = output.status.code().unwrap_or_else(|| panic!("it was ended by a signal: {output:?}"));
    assert_eq!(document["exit_code"], code, "the document tells the exit code");
    document
}

/// What a run that has ended says of its error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The exit code.
    pub exit: i32,
    /// The error's code; `none` without an error.
    pub code: String,
    /// What happened; empty without an error.
    pub what: String,
}

impl Told {
    /// Reads the document of a run, which its schema accepts.
    pub fn by(output: &Output) -> Self {
        let (error, exit) = (&of(output)["error"], output.status.code().unwrap_or_default());
        let text = |key: &str, without: &str| error[key].as_str().unwrap_or(without).to_owned();
        Self { exit, code: text("code", "none"), what: text("what", "") }
    }

    /// The exit code and the code.
    pub fn pair(&self) -> (i32, &str) {
        (self.exit, &self.code)
    }

    /// All of it.
    pub fn all(&self) -> (i32, &str, &str) {
        (self.exit, &self.code, &self.what)
    }
}

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(bytes)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{assert_valid, parse_valid, schema};

    #[test]
    #[should_panic(expected = "is a required property")]
    fn a_document_that_its_schema_refuses_fails_the_test() {
        parse_valid(br#"{"schema": "esp-https/probe/1"}"#);
    }

    #[test]
    #[should_panic(expected = "it names no schema")]
    fn a_document_without_a_schema_fails_the_test() {
        parse_valid(b"{}");
    }

    #[test]
    #[should_panic(expected = "exit_code")]
    fn a_value_of_another_type_fails_the_test() {
        let part = json!({"properties": {"exit_code": schema("probe")["properties"]["exit_code"]}});
        assert_valid(&part, &json!({"exit_code": "0"}));
    }
}
