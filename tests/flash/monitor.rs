//! `esp-https monitor` on a pseudo-terminal that says what a script says.

use std::{
    fs::File,
    io::Write as _,
    process::Stdio,
    thread::{self, JoinHandle},
};

use serde_json::json;
use serialport::TTYPort;
use support::{Running, board::port, document, stderr, wait_until};

use crate::workspace::Workspace;

/// A board that says this. It is said at once, and kept until somebody reads it, since the port stays open here.
///
/// It is not waited for until all is said: a command may have ended before, and then nobody reads the rest.
struct Talking {
    _board: JoinHandle<TTYPort>,
    _port: File,
}

fn say(mut board: TTYPort, port: &str, text: String) -> Talking {
    let held = File::options().read(true).write(true).open(port).unwrap();
    let board = thread::spawn(move || {
        board.write_all(text.as_bytes()).unwrap();
        board
    });
    Talking { _board: board, _port: held }
}

fn lines(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\r\n")).collect()
}

#[test]
fn what_a_board_says_goes_to_standard_output_and_to_the_log() {
    let Some(workspace) = Workspace::new() else { return };
    let (board, name) = port();
    let says = say(board, &name, lines(&["hello", "\u{1b}[2Jgone?"]));
    let output = workspace.run(&["monitor", "--port", &name, "--for", "2s", "--serial-log", "board.log"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "hello\n\u{fffd}[2Jgone?\n",
        "no escape reaches the terminal"
    );
    assert_eq!(
        std::fs::read(workspace.path("board.log")).unwrap(),
        b"hello\r\n\x1b[2Jgone?\r\n",
        "the log has it all"
    );
    drop(says);
}

#[test]
fn until_ready_ends_with_a_verdict() {
    let Some(workspace) = Workspace::new() else { return };
    let ready = (workspace.ready(), 0, json!(null));
    let fault = (
        r#"ESP-HTTPS FAULT {"reason":"the provisioning partition is empty"}"#.to_owned(),
        4,
        json!("board.fault"),
    );
    for (line, exit_code, code) in [ready, fault] {
        let (board, name) = port();
        let says = say(board, &name, lines(&[&line]));
        let output = workspace.run(&["monitor", "--json", "--port", &name, "--until-ready"]);
        let document = document::of(&output);
        assert_eq!(
            (output.status.code(), &document["error"]["code"]),
            (Some(exit_code), &code),
            "{document:#}"
        );
        assert_eq!(document["result"]["lines"], 1);
        assert_eq!(document["result"]["ready"].is_null(), exit_code != 0);
        drop(says);
    }
}

#[test]
fn ctrl_c_ends_it_with_what_was_heard() {
    let Some(workspace) = Workspace::new() else { return };
    let (board, name) = port();
    let says = say(board, &name, lines(&["hello"]));
    let mut command = workspace.command(&["monitor", "--json", "--port", &name, "--serial-log", "board.log"]);
    let monitor = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    let log = workspace.path("board.log");
    wait_until("it hears", || std::fs::read(&log).is_ok_and(|log| !log.is_empty()));
    monitor.signal("INT");
    let output = monitor.output();
    let document = document::of(&output);
    assert_eq!(
        (output.status.code(), &document["error"]["code"]),
        (Some(130), &json!("monitor.interrupted"))
    );
    assert_eq!(document["result"]["lines"], 1);
    drop(says);
}

#[test]
fn a_port_without_a_reset_line_says_so() {
    let Some(workspace) = Workspace::new() else { return };
    let (_board, name) = port();
    let output = workspace.run(&["monitor", "--json", "--port", &name, "--reset"]);
    assert_eq!(document::of(&output)["error"]["code"], "monitor.reset");
}

#[test]
fn a_reader_that_has_enough_ends_it() {
    let Some(workspace) = Workspace::new() else { return };
    let (board, name) = port();
    let says = say(board, &name, (0..2000).map(|number| format!("line {number}\r\n")).collect());
    let mut command = workspace.command(&["monitor", "--port", &name]);
    let mut monitor = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    let mut first = String::new();
    let mut reader = std::io::BufReader::new(monitor.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut reader, &mut first).unwrap();
    assert_eq!(first, "line 0\n");
    drop(reader);
    assert!(monitor.wait().unwrap().success());
    drop(says);
}

#[test]
fn nothing_heard_is_no_success_and_half_a_line_is_not_lost() {
    let Some(workspace) = Workspace::new() else { return };
    let (_silent, name) = port();
    let output = workspace.run(&["monitor", "--json", "--port", &name, "--for", "300ms"]);
    let document = document::of(&output);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(3), &json!("monitor.silent")));
    let (board, name) = port();
    let says = say(board, &name, "first\r\nhalf a wo".to_owned());
    let output = workspace.run(&["monitor", "--port", &name, "--for", "2s"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "first\nhalf a wo\n");
    drop(says);
}
