//! A Wi-Fi password that can't be one is refused with what is wrong with it and what helps.

use std::os::unix::ffi::OsStrExt as _;

use support::stderr;

use crate::{Workspace, error_of};

/// Ends with an error whatever the password, at a port where nobody is.
const FLASH: [&str; 7] = ["flash", "--ssid", "home", "--config-only", "--port", "/dev/null", "--no-wait"];

/// What is given, what is said of it, and of what the advice speaks.
const FLAWED: [(&[u8], &str, &str); 8] = [
    (b"", "it is empty", "--open-wifi"),
    (b"\n", "it is empty", "--open-wifi"),
    (b"seven77", "it is shorter than 8 characters, the least that WPA allows", "another network's"),
    (
        b"secret word\nsecond line\n",
        "it has more than one line, and a password is a single line",
        "in one line",
    ),
    (
        "pässwörter".as_bytes(),
        "it has letters outside ASCII, which WPA does not allow in a password",
        "64 hexadecimal",
    ),
    (b"caf\xe9 secret", "it is not text (UTF-8)", "UTF-8"),
    (b"secret\tword", "it has a tab or another control character", "such as a tab"),
    (
        &[b'x'; 64],
        "it has 64 characters, so it must be a key, and a key has hexadecimal digits only",
        "at most 63",
    ),
];

#[test]
fn each_flaw_of_a_password_has_its_own_sentence_from_a_file_and_a_variable() {
    let workspace = Workspace::new();
    for (given, what, advice) in FLAWED {
        workspace.write("password", given);
        let by_file = [&FLASH[..], &["--wifi-password-file", "password"]].concat();
        let variable = workspace
            .command(&[&FLASH[..], &["--json"]].concat())
            .env("ESP_HTTPS_WIFI_PASSWORD", std::ffi::OsStr::from_bytes(given))
            .output()
            .unwrap();
        for (error, place) in
            [(workspace.error(&by_file), "password"), (error_of(&variable), "ESP_HTTPS_WIFI_PASSWORD")]
        {
            assert_eq!(error["doing"], format!("reading the Wi-Fi password from {place}"));
            assert_eq!((&error["code"], &error["what"]), (&"provisioning.password".into(), &what.into()));
            assert_eq!(error["fault"], "usage");
            assert!(error["try"].as_str().unwrap().contains(advice), "{error:#}");
        }
    }
}

#[test]
fn an_empty_variable_is_explained_by_what_leaves_it_empty() {
    let workspace = Workspace::new();
    let output = workspace.command(&FLASH).env("ESP_HTTPS_WIFI_PASSWORD", "").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(stderr(&output), @"
    error: reading the Wi-Fi password from ESP_HTTPS_WIFI_PASSWORD
      it is empty
      try: ESP_HTTPS_WIFI_PASSWORD is set and empty: in CI, a secret that does not exist is an empty variable
           set it to the password, or say --open-wifi if the network has none
    ");
}

#[test]
fn what_an_editor_adds_to_a_password_file_is_no_part_of_it() {
    let workspace = Workspace::new();
    let utf16: Vec<u8> = "\u{feff}secret word\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for given in [&b"secret word"[..], b"secret word\r\n", b"\xef\xbb\xbfsecret word\n", &utf16] {
        workspace.write("password", given);
        let error = workspace.error(&[&FLASH[..], &["--wifi-password-file", "password"]].concat());
        assert!(error["doing"].as_str().unwrap().contains("/dev/null"), "the password is taken: {error:#}");
    }
}
