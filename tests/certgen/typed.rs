//! A passphrase that is typed: it is asked for on the terminal, twice where it is new, and not shown.

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
};

use support::{Running, esp_https, require};

use crate::workspace::Workspace;

#[test]
fn a_passphrase_can_be_typed_and_is_not_shown() {
    let Some(script) = require("script", "apt-get install bsdutils") else { return };
    let workspace = Workspace::new();
    let on_terminal = |words: &str, answers: &[(&str, &str)]| {
        let typed = format!("{} certgen {words}", esp_https());
        let mut command = Command::new(&script);
        command
            .args(["--quiet", "--return", "--command", &typed, "/dev/null"])
            .current_dir(&workspace.folder);
        let mut child = Running::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
        let (mut shown, mut stdout) = (String::new(), child.stdout.take().unwrap());
        for (question, answer) in answers {
            // Only once it asks: what is typed ahead of the prompt is thrown away.
            let begin = shown.len();
            while !shown[begin..].contains(question) {
                let mut byte = [0];
                assert_eq!(stdout.read(&mut byte).unwrap(), 1, "{shown}");
                shown.push(char::from(byte[0]));
            }
            child.stdin.as_mut().unwrap().write_all(format!("{answer}\n").as_bytes()).unwrap();
        }
        let mut rest = Vec::new();
        stdout.read_to_end(&mut rest).unwrap();
        shown.push_str(&String::from_utf8_lossy(&rest));
        assert!(!shown.contains("horse") && !shown.contains("staple"), "{shown}");
        (child.wait().unwrap().code(), shown)
    };
    let (code, shown) = on_terminal(
        "ca --dir ca --encrypt",
        &[
            ("New passphrase for ca/ca-key.pem: ", "correct horse"),
            ("The same again: ", "battery staple"),
            ("New passphrase for ca/ca-key.pem: ", "correct horse"),
            ("The same again: ", "correct horse"),
        ],
    );
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("The two are not the same."), "{shown}");
    let issue = "--ca ca --san kitchen.local --key p256";
    let (code, shown) = on_terminal(issue, &[("Passphrase of ca/ca-key.pem: ", "battery staple")]);
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("the passphrase is wrong"), "{shown}");
    let (code, shown) = on_terminal(issue, &[("Passphrase of ca/ca-key.pem: ", "correct horse")]);
    assert_eq!(code, Some(0), "{shown}");
}
