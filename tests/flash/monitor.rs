//! `esp-https monitor` on a pseudo-terminal that says what a script says.

use std::{io::Write as _, process::Stdio, thread, time::Duration};

use serde_json::json;
use serialport::{SerialPort as _, TTYPort};

use crate::workspace::{Workspace, stderr};

/// A port, and the board's end of it.
fn port() -> (TTYPort, String) {
    let (master, slave) = TTYPort::pair().unwrap();
    (master, slave.name().unwrap())
}

/// Says the lines once somebody listens, and returns the board's end, so that it stays plugged in.
fn say(mut board: TTYPort, lines: Vec<String>) -> thread::JoinHandle<TTYPort> {
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(500));
        for line in lines {
            board.write_all(line.as_bytes()).unwrap();
            board.write_all(b"\r\n").unwrap();
        }
        board
    })
}

#[test]
fn what_a_board_says_goes_to_standard_output_and_to_the_log() {
    let Some(workspace) = Workspace::new() else { return };
    let (board, name) = port();
    let says = say(board, vec!["hello".to_owned(), "\u{1b}[2Jgone?".to_owned()]);
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
    drop(says.join());
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
        let says = say(board, vec![line]);
        let output = workspace.run(&["monitor", "--json", "--port", &name, "--until-ready"]);
        let document = Workspace::schema_checked(&output);
        assert_eq!(
            (output.status.code(), &document["error"]["code"]),
            (Some(exit_code), &code),
            "{document:#}"
        );
        assert_eq!(document["result"]["lines"], 1);
        assert_eq!(document["result"]["ready"].is_null(), exit_code != 0);
        drop(says.join());
    }
}

#[test]
fn ctrl_c_ends_it_with_what_was_heard() {
    let Some(workspace) = Workspace::new() else { return };
    let (board, name) = port();
    let says = say(board, vec!["hello".to_owned()]);
    let monitor = workspace
        .command(&["monitor", "--json", "--port", &name, "--serial-log", "board.log"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = workspace.path("board.log");
    crate::workspace::wait_until("it hears", || std::fs::read(&log).is_ok_and(|log| !log.is_empty()));
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &monitor.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let output = monitor.wait_with_output().unwrap();
    let document = Workspace::schema_checked(&output);
    assert_eq!(
        (output.status.code(), &document["error"]["code"]),
        (Some(130), &json!("monitor.interrupted"))
    );
    assert_eq!(document["result"]["lines"], 1);
    drop(says.join());
}

#[test]
fn a_port_without_a_reset_line_says_so() {
    let Some(workspace) = Workspace::new() else { return };
    let (_board, name) = port();
    let output = workspace.run(&["monitor", "--json", "--port", &name, "--reset"]);
    assert_eq!(Workspace::schema_checked(&output)["error"]["code"], "monitor.reset");
}

#[test]
fn a_reader_that_has_enough_ends_it() {
    let Some(workspace) = Workspace::new() else { return };
    let (board, name) = port();
    let says = say(board, (0..2000).map(|number| format!("line {number}")).collect());
    let mut monitor = workspace
        .command(&["monitor", "--port", &name])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut reader = std::io::BufReader::new(monitor.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut reader, &mut first).unwrap();
    assert_eq!(first, "line 0\n");
    drop(reader);
    assert!(monitor.wait().unwrap().success());
    drop(says.join());
}

#[test]
fn nothing_heard_is_no_success_and_half_a_line_is_not_lost() {
    let Some(workspace) = Workspace::new() else { return };
    let (_silent, name) = port();
    let output = workspace.run(&["monitor", "--json", "--port", &name, "--for", "300ms"]);
    let document = Workspace::schema_checked(&output);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(3), &json!("monitor.silent")));
    let (mut board, name) = port();
    let says = thread::spawn(move || {
        thread::sleep(Duration::from_millis(500));
        board.write_all(b"first\r\nhalf a wo").unwrap();
        board
    });
    let output = workspace.run(&["monitor", "--port", &name, "--for", "2s"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "first\nhalf a wo\n");
    drop(says.join());
}
