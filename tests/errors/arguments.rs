//! Words on the command line that can't be used.

use std::{path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use crate::ESP_HTTPS;

/// Runs a command in a folder with a certificate: exit code, code, what happened.
fn refusal(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let output = Command::new(ESP_HTTPS)
        .args(words)
        .arg("--json")
        .current_dir(folder)
        .env("ESP_HTTPS_WIFI_PASSWORD", "12345678")
        .env_remove("ESP_HTTPS_WIFI_SSID")
        .env_remove("ESPFLASH_PORT")
        .output()
        .unwrap();
    let document: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let text = |key: &str| document["error"][key].as_str().unwrap_or("none").to_owned();
    (output.status.code().unwrap(), text("code"), text("what"))
}

fn folder_with_a_pair() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = refusal(folder.path(), &["certgen", "--key", "p256"]);
    assert_eq!(made, (0, "none".to_owned(), "none".to_owned()));
    folder
}

#[test]
fn a_board_s_settings_are_refused_before_anything_is_built_or_written() {
    let folder = folder_with_a_pair();
    let long = "n".repeat(33);
    let cases: [(&[&str], &str, &str); 4] = [
        (&["--ssid", "home", "--expect-mac", "24:0a"], "flash.bad_mac", "`24:0a` is not a MAC address"),
        (&[], "provisioning.no_network", "no Wi-Fi network is named"),
        (
            &["--ssid", &long],
            "provisioning.ssid",
            "a Wi-Fi network's name has 1 to 32 bytes, this one has 33",
        ),
        (&["--ssid", "home", "--hostname", "a b"], "provisioning.hostname", "a host name has only letters"),
    ];
    for (flags, code, what) in cases {
        // There is a device at this port, and it is never opened.
        let words = [&["flash", "--config-only", "--port", "/dev/null"], flags].concat();
        let told = refusal(folder.path(), &words);
        assert_eq!((told.0, told.1.as_str()), (2, code), "{told:?}");
        assert!(told.2.starts_with(what), "{told:?}");
    }
}

#[test]
fn a_command_line_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for words in
        [&["probe"][..], &["load", "merge"], &["frobnicate"], &["probe", "127.0.0.1", "--no-such-option"]]
    {
        let told = refusal(folder.path(), words);
        assert_eq!((told.0, told.1.as_str()), (2, "usage.command_line"), "{words:?}: {told:?}");
    }
}

#[test]
fn a_search_for_the_limits_of_nobody_says_who_did_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let told = refusal(folder.path(), &["load", "127.0.0.1:1", "--find-limit", "--insecure", "--no-stat"]);
    let what = "it refused the connection; so no session was opened".to_owned();
    assert_eq!(told, (4, "client.refused".to_owned(), what));
}
