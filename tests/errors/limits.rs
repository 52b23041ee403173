//! A machine without room for one more open file.

use std::process::Command;

use serde_json::Value;

use crate::ESP_HTTPS;

/// Runs a command that may have `files` open at once: exit code and code.
fn with_open_files(files: u32, words: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -n \"$0\" && exec \"$@\"", &files.to_string(), ESP_HTTPS])
        .args(words)
        .arg("--json")
        .current_dir(folder.path())
        .env("ESP_HTTPS_WIFI_PASSWORD", "12345678")
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error} with {files} files: {output:?}"));
    (output.status.code().unwrap(), document["error"]["code"].as_str().unwrap_or("none").to_owned())
}

/// Standard input, output and error, and the one file that the program's own libraries are read by.
const FEWEST: u32 = 4;

#[test]
fn every_command_says_what_this_machine_lacks() {
    let cases: [(&[&str], &str); 6] = [
        (&["certgen"], "runtime.start"),
        (&["emulate"], "runtime.start"),
        (&["flash", "--ssid", "home"], "runtime.start"),
        (&["monitor", "--port", "/dev/null"], "runtime.start"),
        (&["probe", "127.0.0.1:1"], "runtime.start"),
        (&["load", "127.0.0.1:1", "--insecure"], "runtime.start"),
    ];
    for (words, code) in cases {
        assert_eq!(with_open_files(FEWEST, words), (4, code.to_owned()), "{words:?}");
    }
}
