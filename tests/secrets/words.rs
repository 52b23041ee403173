//! Keys where the name of a file is wanted: on the command line and in variables.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

use esp_https::cert::KeyType;

use crate::{damage::forms, marked::Marked};

#[test]
fn a_key_in_place_of_a_file_s_name_is_not_repeated() {
    let marked = Marked::new(KeyType::P256);
    for (form, content) in forms(&marked.pair.private_key_pem, &marked.pair.certificate_pem) {
        if is_no_word(form, &content) {
            continue;
        }
        let key = OsStr::from_bytes(&content);
        for lead in [
            &["emulate", "--cert", "cacert.pem", "--key"][..],
            &["flash", "--ssid", "home", "--cert", "cacert.pem", "--key"],
            &["probe", "127.0.0.1:1", "--client-cert", "cacert.pem", "--client-key"],
            &["probe"],
            &["load"],
            &["certgen", "--out-dir"],
            &["certgen", "--key"],
            &["flash", "--baud"],
        ] {
            let words: Vec<&OsStr> = lead.iter().map(OsStr::new).chain([key, OsStr::new("--json")]).collect();
            let output = marked.command(&words).output().unwrap();
            marked.secret.assert_not_in(&output, &format!("{lead:?}, {form}"));
            let document = support::document::of(&output);
            let told = (output.status.code(), document["error"]["code"].as_str());
            assert_eq!(told, (Some(2), Some("usage.private_key")), "{lead:?}, {form}: {output:?}");
        }
    }
}

/// No word can have a NUL in it, and nothing tells that a hex number or what is labelled a certificate is a key.
fn is_no_word(form: &str, content: &[u8]) -> bool {
    content.contains(&0) || ["hex", "labelled a certificate"].contains(&form)
}

#[test]
fn a_person_is_told_what_to_do_instead() {
    let marked = Marked::new(KeyType::P256);
    let output =
        marked.command(&["emulate", "--key", marked.pair.private_key_pem.as_str()]).output().unwrap();
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r#"
    error: reading the command line
      one of its words is a private key, where something else is wanted; it is not repeated here
      try: write the key to a file and name that, for instance: umask 077; printf '%s\n' "$KEY" >prvtkey.pem
    "#);
}

#[test]
fn a_key_in_a_variable_of_ours_is_not_repeated() {
    let marked = Marked::new(KeyType::P256);
    for (form, content) in forms(&marked.pair.private_key_pem, &marked.pair.certificate_pem) {
        if is_no_word(form, &content) {
            continue;
        }
        let key = OsStr::from_bytes(&content);
        for variable in ["ESP_HTTPS_WIFI_PASSWORD", "ESP_HTTPS_WIFI_SSID", "ESPFLASH_PORT", "ESPFLASH_BAUD"] {
            for words in [
                &["flash", "--help"][..],
                &["flash", "--config-only", "--open-wifi", "--json"],
                &["flash", "--config-only", "--ssid", "home", "--port", "/dev/null"],
                &["monitor", "--for", "1"],
            ] {
                let output = marked.command(words).env(variable, key).output().unwrap();
                marked.secret.assert_not_in(&output, &format!("{variable}, {words:?}, {form}"));
            }
        }
    }
}

#[test]
fn a_key_in_a_variable_of_the_user_s_own_is_none_of_our_business() {
    let marked = Marked::new(KeyType::P256);
    for variable in ["ESP_DEVICE_KEY", "TLS_KEY"] {
        let output = marked
            .command(&["certgen", "--key", "p256", "--out-dir", variable])
            .env(variable, marked.pair.private_key_pem.as_str())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        marked.secret.assert_not_in(&output, variable);
    }
}
