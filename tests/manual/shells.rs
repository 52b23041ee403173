//! Shells read the script and complete by it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use support::{command, esp_https, require, stderr, stdout};

/// A shell that finds our program on its PATH, in a folder of its own, without the user's own settings.
fn shell(program: &str, folder: &Path) -> Command {
    let bin = Path::new(esp_https()).parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap();
    let mut shell = Command::new(program);
    shell.current_dir(folder).env("PATH", format!("{bin}:{path}")).env("HOME", folder);
    shell
}

fn script(shell: &str) -> String {
    let output = command().args(["completions", shell]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// What bash would offer for the last of these words.
fn by_bash(folder: &Path, words: &[&str]) -> Vec<String> {
    let last = words.len() - 1;
    let ask = format!(
        "source ./completions\nCOMP_WORDS=({})\nCOMP_CWORD={last}\n_clap_complete_esp_https esp-https \"{}\" \"{}\"\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words[last],
        words[last - 1],
    );
    fs::write(folder.join("completions"), script("bash")).unwrap();
    let output = shell("bash", folder).args(["--norc", "-c", &ask]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{words:?}: {}", stderr(&output));
    stdout(&output).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_flags_values_hosts_templates_and_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("board.pem"), "").unwrap();
    let offered = |words: &[&str]| by_bash(folder.path(), &[&["esp-https"], words].concat());
    assert_eq!(offered(&["pro"]), ["probe"]);
    assert_eq!(offered(&["load", "mer"]), ["merge"]);
    assert_eq!(offered(&["probe", "--expect-v"]), ["--expect-version"]);
    assert_eq!(offered(&["certgen", "--key", "rsa"]), ["rsa2048", "rsa3072", "rsa4096"]);
    assert_eq!(offered(&["load", "--group", "secp3"]), ["secp384r1"]);
    assert_eq!(offered(&["init", "kube"]), ["kubernetes"]);
    assert_eq!(offered(&["hil", "--target", "emu"]), ["emulated"]);
    assert_eq!(offered(&["completions", "z"]), ["zsh"]);
    // Every system's list of hosts has this one.
    assert!(offered(&["probe", "localh"]).contains(&"localhost".to_owned()));
    assert_eq!(offered(&["probe", "--cert", "boa"]), ["board.pem"]);
    assert_eq!(offered(&["probe", "--output", "boa"]), ["board.pem"]);
    assert_eq!(offered(&["probe", "--no-such-flag", "--no-su"]), [""; 0]);
}

/// Zsh in a terminal of its own: types the line, presses Tab, and writes what the line is then to a file.
const TYPE: &str = r#"
zmodload zsh/zpty
zpty typed "TERM=dumb zsh -f -i"
zpty -w typed 'autoload -U compinit; compinit -u -D; PS1="> "; unsetopt beep'
zpty -w typed 'source ./_esp-https'
zpty -w typed 'show() { print -r -- "$BUFFER" > shown.new; mv shown.new shown }; zle -N show; bindkey "^X" show; print ready > ready'
for _ in {1..200}; do [ -e ready ] && break; sleep 0.05; done
zpty -w -n typed "$1"$'\t\x18'
for _ in {1..200}; do [ -e shown ] && break; sleep 0.05; done
zpty -d typed
"#;

/// The line that zsh makes of `line` when Tab is pressed.
fn by_zsh(line: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("_esp-https"), script("zsh")).unwrap();
    let run: Output = shell("zsh", folder.path()).args(["-f", "-c", TYPE, "zsh", line]).output().unwrap();
    let shown = fs::read_to_string(folder.path().join("shown"));
    let shown = shown.unwrap_or_else(|error| panic!("{error}: {} {}", stdout(&run), stderr(&run)));
    shown.trim_end().to_owned()
}

#[test]
fn zsh_completes_commands_flags_and_values() {
    if require("zsh", "apt-get install zsh").is_none() {
        return;
    }
    for (typed, completed) in [
        ("esp-https pro", "esp-https probe"),
        ("esp-https certgen --key p25", "esp-https certgen --key p256"),
        ("esp-https load --suite TLS_CH", "esp-https load --suite TLS_CHACHA20_POLY1305_SHA256"),
        ("esp-https init kube", "esp-https init kubernetes"),
    ] {
        assert_eq!(by_zsh(typed), completed);
    }
}

#[test]
fn every_shell_has_a_script_that_asks_our_program() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = script(shell);
        assert!(script.contains("esp-https") && script.contains("ESP_HTTPS_COMPLETE"), "{shell}: {script}");
    }
}

#[test]
fn a_question_that_makes_no_sense_is_answered_by_nothing() {
    for (shell, words) in
        [("nosuch", &["--", "esp-https", ""][..]), ("bash", &["--"]), ("zsh", &[]), ("bash", &["probe", "x"])]
    {
        let output = command().args(words).env("ESP_HTTPS_COMPLETE", shell).output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{shell} {words:?}: {}",
            stderr(&output)
        );
    }
}
