//! A machine without room for one more open file.

use std::process::Command;

use support::{document::Told, esp_https};

/// Runs a command that may have `files` open at once.
fn with_open_files(files: u32, words: &[&str]) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n \"$0\" && exec \"$@\"", &files.to_string(), esp_https()]);
    command.args(words).arg("--json").current_dir(folder.path());
    Told::by(&command.env("ESP_HTTPS_WIFI_PASSWORD", "12345678").output().unwrap())
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
        assert_eq!(with_open_files(FEWEST, words).pair(), (4, code), "{words:?}");
    }
}
