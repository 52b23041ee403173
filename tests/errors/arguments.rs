//! Words on the command line that can't be used.

use std::path::Path;

use support::{command_in, document::Told};
use tempfile::TempDir;

fn told(folder: &Path, words: &[&str]) -> Told {
    let mut command = command_in(folder);
    command.args(words).arg("--json").env("ESP_HTTPS_WIFI_PASSWORD", "12345678");
    Told::by(&command.output().unwrap())
}

fn folder_with_a_pair() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(told(folder.path(), &["certgen", "--key", "p256"]).pair(), (0, "none"));
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
        let told = told(folder.path(), &words);
        assert_eq!(told.pair(), (2, code), "{told:?}");
        assert!(told.what.starts_with(what), "{told:?}");
    }
}

#[test]
fn a_command_line_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for words in
        [&["probe"][..], &["load", "merge"], &["frobnicate"], &["probe", "127.0.0.1", "--no-such-option"]]
    {
        let told = told(folder.path(), words);
        assert_eq!(told.pair(), (2, "usage.command_line"), "{words:?}: {told:?}");
    }
}

#[test]
fn a_search_for_the_limits_of_nobody_says_who_did_not_answer() {
    let folder = tempfile::tempdir().unwrap();
    let told = told(folder.path(), &["load", "127.0.0.1:1", "--find-limit", "--insecure", "--no-stat"]);
    let what = "it refused the connection; so no session was opened";
    assert_eq!(told.all(), (4, "client.refused", what));
}
