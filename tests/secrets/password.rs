//! The Wi-Fi password: from a file, a variable and a prompt, right and wrong.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use esp_https::cert::KeyType;
use support::{Running, esp_https};

use crate::marked::{Marked, Secret};

/// Marked, and valid.
const PASSWORD: &str = "Xq7-mZk9w#Rt2_zZ19vB";

/// What a password becomes on its way: some of it is read all the same, and most is refused.
fn forms() -> Vec<(&'static str, Vec<u8>)> {
    let long = PASSWORD.repeat(3);
    [
        ("intact", PASSWORD.to_owned()),
        ("a line", format!("{PASSWORD}\n")),
        ("two lines", format!("{PASSWORD}\n{PASSWORD}2\n")),
        ("byte-order mark", format!("\u{feff}{PASSWORD}")),
        ("letters outside ASCII", format!("{PASSWORD}\u{e4}")),
        ("a tab in it", format!("\t{PASSWORD}")),
        ("too long", long.clone()),
        ("an assignment", format!("ESP_HTTPS_WIFI_PASSWORD={long}")),
        ("quoted and too long", format!("\"{long}\"")),
    ]
    .into_iter()
    .map(|(name, text)| (name, text.into_bytes()))
    .chain([("not UTF-8", [PASSWORD.as_bytes(), b"\xff"].concat())])
    .collect()
}

/// Ends with an error whatever the password, at a port where nobody is.
const FLASH: [&str; 7] = ["flash", "--ssid", "home", "--config-only", "--port", "/dev/null", "--no-wait"];

#[test]
fn a_password_in_a_file_or_a_variable_is_not_shown() {
    use std::os::unix::ffi::OsStrExt as _;

    let (marked, secret) = (Marked::new(KeyType::P256), Secret::of_text(PASSWORD));
    for (form, content) in forms() {
        fs::write(marked.path("password"), &content).unwrap();
        for more in [&[][..], &["--json"]] {
            let words = [&FLASH[..], more].concat();
            let by_file = [&words[..], &["--wifi-password-file", "password"]].concat();
            let output = marked.command(&by_file).output().unwrap();
            secret.assert_not_in(&output, &format!("a file, {form}"));
            assert_ne!(output.status.code(), Some(0), "{output:?}");
            let variable = std::ffi::OsStr::from_bytes(&content);
            let output = marked.command(&words).env("ESP_HTTPS_WIFI_PASSWORD", variable).output().unwrap();
            secret.assert_not_in(&output, &format!("a variable, {form}"));
        }
    }
}

/// Somebody takes an option for the password itself.
#[test]
fn a_password_in_place_of_a_file_s_name_or_of_an_option_s_value_is_not_shown() {
    let (marked, secret) = (Marked::new(KeyType::P256), Secret::of_text(PASSWORD));
    for given in [PASSWORD.to_owned(), PASSWORD.repeat(20), format!("/dev/null/{PASSWORD}")] {
        for words in [
            &["--wifi-password-file", &given][..],
            &["--json", "--wifi-password-file", &given],
            &["--wifi-password", &given],
            &["--password", &given],
            &[&format!("--wifi-password={given}")],
            &["--json", &format!("--wifi-password={given}")],
        ] {
            let output = marked.command(&[&FLASH[..], words].concat()).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            secret.assert_not_in(&output, &format!("{words:?}"));
        }
    }
}

#[test]
fn a_password_that_is_typed_is_not_shown() {
    let (marked, secret) = (Marked::new(KeyType::P256), Secret::of_text(PASSWORD));
    for (form, content) in forms() {
        let command = format!("{} {}", esp_https(), FLASH.join(" "));
        let mut script = Command::new("script");
        script
            .args(["-q", "-e", "-c", &command, "/dev/null"])
            .current_dir(marked.path(""))
            .env_remove("ESP_HTTPS_WIFI_PASSWORD")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut script = Running::start(&mut script);
        let (mut keyboard, mut screen) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
        let seen = read_until(&mut screen, "has none): ");
        assert!(seen.contains("Password of the Wi-Fi network home"), "{form}: {seen}");
        keyboard.write_all(&content).unwrap();
        keyboard.write_all(b"\n").unwrap();
        let mut rest = read_until(&mut screen, "has none): ");
        if rest.ends_with("has none): ") {
            assert!(rest.contains("That can't be the password: "), "{form}: {rest}");
            keyboard.write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
            rest += &read_until(&mut screen, "\u{0}");
        }
        drop(keyboard);
        script.wait().unwrap();
        let shown = secret.shown_in(&format!("{seen}{rest}"));
        assert!(shown.is_none(), "{form}: {shown:?}");
        assert!(rest.contains("error:") && rest.contains("/dev/null"), "{form}: {rest}");
    }
}

/// What is read up to that text, or to the end.
fn read_until(from: &mut impl std::io::Read, text: &str) -> String {
    let (mut seen, mut byte) = (Vec::new(), [0]);
    while from.read(&mut byte).is_ok_and(|count| count > 0) {
        seen.push(byte[0]);
        if seen.ends_with(text.as_bytes()) {
            break;
        }
    }
    String::from_utf8_lossy(&seen).into_owned()
}
