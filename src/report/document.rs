//! The JSON document that `--json` writes: the same envelope for every verb and every exit.

use std::io;

use serde::Serialize;

use crate::error::Error;

/// `{"schema": "esp-https/<verb>/1", "exit_code": n, "result": {..}|null, "error": {..}|null}`.
#[derive(Debug, Serialize)]
pub struct Document<'a, T: Serialize> {
    /// `esp-https/<verb>/1`.
    pub schema: String,
    /// The exit code of the process, 0 to 130.
    pub exit_code: u8,
    /// What the command found or made; null when it could not.
    pub result: Option<&'a T>,
    /// What went wrong; null when nothing did.
    pub error: Option<&'a Error>,
}

impl<'a, T: Serialize> Document<'a, T> {
    /// The document of a run that has a result, and an error too where a check failed.
    #[must_use]
    pub fn new(verb: &str, result: Option<&'a T>, error: Option<&'a Error>) -> Self {
        let exit_code = error.map_or(0, |error| error.fault.exit_code());
        Self { schema: format!("esp-https/{verb}/1"), exit_code, result, error }
    }
}

/// The bytes of a document that is written to a file of its own.
///
/// # Errors
/// Something in it can't be JSON.
pub fn to_document<T: Serialize>(verb: &str, result: &T, error: Option<&Error>) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(&Document::new(verb, Some(result), error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use clap::CommandFactory as _;
    use serde_json::{Value, json};

    use crate::{
        cli::Cli,
        error::{Code, Error, Fault},
    };

    fn schema(verb: &str) -> Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{verb}.json"));
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    /// Each schema holds its own copy of the error, so that one file is all that a script has to download.
    #[test]
    fn the_schemas_of_all_verbs_describe_the_error_in_the_same_way() {
        let (command, expected) = (Cli::command(), schema("probe")["$defs"]["error"].clone());
        let names = command.get_subcommands().map(clap::Command::get_name);
        // A command line that can't be read has a document of its own.
        let verbs: Vec<&str> = names.chain(["usage"]).collect();
        assert!(verbs.len() >= 7, "{verbs:?}");
        for verb in verbs {
            let schema = schema(verb);
            assert_eq!(schema["$defs"]["error"], expected, "docs/schema/{verb}.json");
            let error = schema["properties"]["error"].to_string();
            assert!(error.contains("#/$defs/error"), "docs/schema/{verb}.json: {error}");
        }
    }

    #[test]
    fn the_schema_of_the_error_has_all_its_fields_and_all_faults() {
        let error = &schema("probe")["$defs"]["error"];
        let full = Error::new(Fault::Bug, Code::PROBE_SETUP, "doing", "what").hint("hint").evidence(["line"]);
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(&serde_json::to_value(&full).unwrap()), keys(&error["properties"]));
        let faults = [
            Fault::Finding,
            Fault::Usage,
            Fault::Inconclusive,
            Fault::Environment,
            Fault::Device,
            Fault::Peer,
            Fault::Bug,
            Fault::Interrupted,
        ];
        assert_eq!(error["properties"]["fault"]["enum"], json!(faults));
    }
}
