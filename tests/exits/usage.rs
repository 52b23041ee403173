//! Command lines that can't be read.

use std::fs;

use crate::bench::Exits;

#[test]
fn every_command_line_that_can_t_be_read_has_a_valid_document() {
    let mut exits = Exits::of("usage");
    for words in [
        "",
        "flsh",
        "monitor --prot x",
        "monitor --prot=?",
        "monitor --port",
        "monitor --for soon",
        "monitor --port tty?",
        "probe",
        "load",
        "load merge",
        "emulate --cert cacert.pem",
        "flash --config-only --erase",
        "certgen --key rsa1",
        "certgen extra",
    ] {
        let command = exits.command(&format!("{words} --json"));
        exits.ends_with(2, "usage.command_line", words, command);
    }
    let mut command = exits.command("certgen --json --out-dir");
    command.arg(fs::read_to_string(exits.path("prvtkey.pem")).unwrap());
    exits.ends_with(2, "usage.private_key", "certgen --out-dir (a key)", command);
    exits.are_all_valid(15);
}

#[test]
fn the_document_names_what_standard_error_names() {
    let exits = Exits::of("usage");
    let output = exits.command("flash --json --wifi-password=hunter2-hunter2").output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(document["error"]["what"], "unexpected argument '--wifi-password' found");
    assert!(stderr.contains("unexpected argument '--wifi-password' found"), "{stderr}");
    let hint = document["error"]["try"].as_str().unwrap();
    assert!(hint.contains("a similar argument exists: '--wifi-password-file'"), "{hint}");
    let all = format!("{stderr}{}", String::from_utf8(output.stdout).unwrap());
    assert!(!all.contains("hunter2"), "a value that may be a password is not repeated: {all}");
}
