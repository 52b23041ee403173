//! `emulate -- COMMAND`: the command has the board and our streams, its exit code is passed on, and nothing stays.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Output, Stdio},
};

use serde_json::Value;
use support::{Running, document::parse_valid, from_root, stderr, stdout};

use crate::workspace::Workspace;

fn workspace() -> Workspace {
    Workspace::with_qemu(&Workspace::ready("$CERT_SHA256"))
}

/// Runs a script as the command, with more flags of ours.
fn run(workspace: &Workspace, flags: &[&str], script: &str) -> Output {
    let mut command = workspace.emulate_image(&[&["--port", "0"], flags].concat());
    command.args(["--", "sh", "-c", script]).env("ESP_HTTPS_WIFI_PASSWORD", "correct horse battery");
    command.output().unwrap()
}

fn document(workspace: &Workspace) -> Value {
    parse_valid(&fs::read(workspace.path("report.json")).unwrap())
}

#[test]
fn a_command_has_the_board_in_its_environment_and_the_streams_for_itself() {
    let workspace = workspace();
    let mut command = workspace.emulate_image(&["--port", "0"]);
    command.args(["--json", "-o", "report.json", "--", "sh", "-c", "cat; env; echo err >&2; exit 7"]);
    command.env("ESP_HTTPS_WIFI_PASSWORD", "correct horse battery");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Running::start(&mut command);
    child.stdin.take().unwrap().write_all(b"from the user\n").unwrap();
    let output = child.output();
    assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
    let document = document(&workspace);
    let of = |key: &str| document["result"][key].as_str().unwrap().to_owned();
    let port = document["result"]["port"].to_string();
    let text = stdout(&output);
    assert!(text.starts_with("from the user\n"), "{text}");
    for (name, value) in [
        ("ESP_HTTPS_TARGET", of("target")),
        ("ESP_HTTPS_URL", of("url")),
        ("ESP_HTTPS_HOST", "127.0.0.1".to_owned()),
        ("ESP_HTTPS_PORT", port),
        ("ESP_HTTPS_CERT_SHA256", of("cert_sha256")),
        ("ESP_HTTPS_CERT", workspace.path("cacert.pem").display().to_string()),
    ] {
        assert!(text.contains(&format!("\n{name}={value}\n")), "{name}={value}: {text}");
    }
    assert!(!text.contains("correct horse") && text.contains("\nCERT_SHA256="), "{text}");
    assert!(stderr(&output).contains("\nerr\n"), "{}", stderr(&output));
    assert_eq!((&document["exit_code"], &document["error"]), (&7.into(), &Value::Null));
    assert_eq!(document["result"]["command"]["exit_code"], 7);
    workspace.assert_nothing_left();
}

#[test]
fn how_the_command_ended_is_passed_on() {
    let workspace = workspace();
    for (script, code) in
        [("exit 0", 0), ("exit 1", 1), ("exit 255", 255), ("kill -KILL $$", 137), ("kill -TERM $$", 143)]
    {
        let output = run(&workspace, &[], script);
        assert_eq!(output.status.code(), Some(code), "{script}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "the report is not mixed with what the command writes");
        assert!(
            stderr(&output).contains(&format!("sh ended with exit code {code} after 0 s")),
            "{}",
            stderr(&output)
        );
        workspace.assert_nothing_left();
    }
}

#[test]
fn a_command_that_is_not_there_is_our_own_failure_before_the_board_is_started() {
    let workspace = workspace();
    fs::write(workspace.path("script"), "#!/no/such/shell\n").unwrap();
    for command in ["no-such-command", "./board.elf", "/nowhere/command"] {
        let mut emulate = workspace.emulate_image(&["--port", "0", "--json", "-o", "report.json"]);
        let output = emulate.args(["--", command]).output().unwrap();
        let document = document(&workspace);
        assert_eq!(
            (output.status.code(), &document["error"]["code"]),
            (Some(4), &"emulate.no_command".into())
        );
        assert_eq!(document["result"], Value::Null);
        assert!(!workspace.path("pid").exists(), "{command}");
    }
    let make_executable =
        std::process::Command::new("chmod").args(["+x", "script"]).current_dir(workspace.path("")).status();
    assert!(make_executable.unwrap().success());
    let output = workspace.emulate_image(&["--port", "0"]).args(["--", "./script"]).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).contains("a script needs a first line such as #!/bin/sh"), "{}", stderr(&output));
    workspace.assert_nothing_left();
}

#[test]
fn a_document_on_standard_output_would_be_mixed_with_the_commands() {
    let workspace = workspace();
    let output = run(&workspace, &["--json"], "echo never");
    let document = support::document::of(&output);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(2), &"output.same_file".into()));
    assert_eq!(document["error"]["what"], "--json and COMMAND both write to standard output");
    assert_eq!(document["error"]["try"], "give the document a file of its own: -o FILE");
}

#[test]
fn a_board_that_dies_ends_the_command_and_is_said() {
    let workspace = Workspace::with_qemu(
        "printf 'ESP-HTTPS READY {\"ip\":\"10.0.2.15\",\"port\":443,\"mac\":\"52:54:00:12:34:56\",\"fw\":\"0.1.0\",\"cert_sha256\":\"%s\"}\\r\\n' $CERT_SHA256\n\
         until [ -e die ]; do sleep 0.05; done; echo 'ESP-HTTPS PANIC out of memory'; exit 1",
    );
    for (script, code) in
        [("touch die; exec sleep 600", 143), ("trap '' TERM; touch die; while :; do sleep 0.1; done", 137)]
    {
        let _ = fs::remove_file(workspace.path("die"));
        let output = run(&workspace, &["--json", "-o", "report.json"], script);
        let document = document(&workspace);
        assert_eq!((output.status.code(), &document["error"]["code"]), (Some(4), &"emulate.panicked".into()));
        assert_eq!(document["error"]["what"], "the firmware panicked: out of memory, while sh ran with it");
        assert_eq!(document["result"]["command"]["exit_code"], code);
        workspace.assert_nothing_left();
    }
}

/// Starts a command that says when it is ready for signals.
fn start(workspace: &Workspace, script: &str) -> Running {
    let mut command = workspace.emulate_image(&["--port", "0"]);
    command.args(["--", "sh", "-c", script]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Running::start(&mut command);
    let mut stdout = BufReader::with_capacity(1, child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "started\n");
    child
}

#[test]
fn a_request_to_end_is_the_commands_and_a_second_one_kills_it() {
    let workspace = workspace();
    for signal in ["INT", "TERM", "HUP"] {
        let script = format!("trap 'exit 3' {signal}; echo started; while :; do sleep 0.1; done");
        let ended = start(&workspace, &script).end(signal);
        assert_eq!(ended.code(), Some(3), "{signal}");
        workspace.assert_nothing_left();
    }
    let mut stubborn = start(&workspace, "trap '' INT TERM; echo started; while :; do sleep 0.1; done");
    stubborn.signal("TERM");
    assert_eq!(stubborn.end("TERM").code(), Some(137));
    workspace.assert_nothing_left();
}

/// At a terminal, Ctrl-C reaches the command once: from the terminal, and not from us as well.
#[test]
fn ctrl_c_at_a_terminal_reaches_the_command_once() {
    let workspace = workspace();
    let script = "n=0; trap 'n=$((n+1))' INT; echo started; \
                  until [ $n -gt 0 ]; do sleep 0.1; done; sleep 1; exit $((40 + n))";
    let mut command = workspace.run_by(std::process::Command::new("python3"), "-c", &[]);
    command.arg(fs::read_to_string(from_root("tests/emulate/terminal.py")).unwrap());
    command.arg(support::esp_https()).args(["emulate", "--port", "0", "--image", "board.elf", "--"]);
    let output = command.args(["sh", "-c", script]).output().unwrap();
    assert_eq!(stdout(&output).trim(), "41", "{}", stderr(&output));
    workspace.assert_nothing_left();
}

#[test]
fn no_emulator_stays_when_we_are_killed() {
    let workspace = workspace();
    let mut child = start(&workspace, "echo started; exec sleep 2");
    child.kill();
    workspace.assert_nothing_left_soon();
}
