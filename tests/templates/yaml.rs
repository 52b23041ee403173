//! What a YAML file holds, as another program reads it.

use std::{path::Path, process::Command};

use serde_json::Value;
use support::{require_python, stderr};

/// The document in a file. YAML 1.1 reads the key `on` as a truth value: it is called `true`.
pub(crate) fn read(file: &Path) -> Option<Value> {
    let python = require_python("yaml")?;
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
    let output = Command::new(python).args(["-c", script]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}: {}", file.display(), stderr(&output));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Runs a program of the Python that `scripts/lib/python-tools` makes, which has to accept the files.
pub(crate) fn accepted_by(module: &str, program: &str, words: &[&str], folder: &Path) -> Option<()> {
    let python = require_python(module)?;
    let program = python.with_file_name(program);
    let output = Command::new(&program).args(words).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    assert!(output.status.success(), "{words:?}: {}{}", support::stdout(&output), stderr(&output));
    Some(())
}
