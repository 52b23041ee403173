//! `scripts/compare-audit` fails when something disagrees that is not on its list of known disagreements.

use std::process::{Command, Output};

use support::{board::write_program, esp_https, from_root, require, stderr, stdout};

/// Compares one configuration by this program in the place of ours.
fn compare(tool: &str) -> Option<Output> {
    require("nmap", "apt-get install nmap")?;
    let mut command = Command::new(require("python3", "apt-get install python3")?);
    command.arg(from_root("scripts/lib/compare_audit.py")).arg(tool);
    command.args(["--only", "openssl one suite", "--no-testssl"]).env("PYTHONDONTWRITEBYTECODE", "1");
    Some(command.output().unwrap())
}

#[test]
fn a_suite_that_is_missing_fails_the_comparison_and_is_named() {
    let own = esp_https();
    let Some(output) = compare(own) else { return };
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("6 of 6 comparisons in 1 configurations agree"), "{}", stdout(&output));
    let folder = tempfile::tempdir().unwrap();
    let forgetful = folder.path().join("forgetful");
    let script = format!(
        "'{own}' \"$@\" | python3 -c \"import json, sys\nd = json.load(sys.stdin)\nd['result']['offers'][0]['suites'].clear()\nprint(json.dumps(d))\""
    );
    write_program(&forgetful, &script);
    let Some(output) = compare(forgetful.to_str().unwrap()) else { return };
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let named = "openssl one suite: suites 1.2, nmap: only ours [], only nmap ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256']";
    assert!(stdout(&output).contains(named), "{}", stdout(&output));
    assert!(
        stderr(&output).contains("1 disagreements are not on the list of known ones"),
        "{}",
        stderr(&output)
    );
}
