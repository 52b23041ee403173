//! The workflows of this repository: by GitHub's schema, and by a checker for what lets strangers in.

use std::process::Command;

use support::{from_root, names, require_python, stderr, stdout};

#[test]
fn the_workflows_of_this_repository_are_valid_and_safe() {
    let Some(python) = require_python("check_jsonschema") else { return };
    let folder = from_root(".github/workflows");
    let files: Vec<String> =
        names(folder.clone()).iter().map(|name| folder.join(name).display().to_string()).collect();
    assert!(files.len() >= 2, "{files:?}");
    let config = from_root("tests/templates/zizmor.yml").display().to_string();
    for (program, words) in [
        ("check-jsonschema", vec!["--builtin-schema", "vendor.github-workflows"]),
        ("zizmor", vec!["--offline", "--no-progress", "--config", &config]),
    ] {
        let output = Command::new(python.with_file_name(program)).args(&words).args(&files).output().unwrap();
        assert!(output.status.success(), "{program}: {}{}", stdout(&output), stderr(&output));
    }
}
