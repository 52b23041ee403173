//! `--serial-log` that is no file: a FIFO, standard output, a device, and one for several boards.

use std::{fs, thread};

use support::{make_fifo, stderr};

use crate::workspace::Workspace;

#[test]
fn a_fifo_s_reader_gets_all_that_the_board_says_and_then_an_end() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&["entry 0x403cc710", &workspace.ready()]);
    let fifo = workspace.path("fifo");
    make_fifo(&fifo);
    let reader = thread::spawn(move || fs::read_to_string(fifo).unwrap());
    let (output, document) = workspace.configure(&board, &["--serial-log", "fifo", "--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(document["result"]["boards"][0]["serial_log"], "fifo");
    let said = reader.join().unwrap();
    assert!(said.contains("entry 0x403cc710") && said.contains("READY"), "{said}");
}

#[test]
fn standard_output_is_the_log_s_alone() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&["entry 0x403cc710", &workspace.ready()]);
    let config = ["flash", "--ssid", "home", "--config-only", "--force", "--port", board.port()];
    let output = workspace.run(&[&config[..], &["--serial-log", "-"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("entry 0x403cc710\r\n") && said.contains("READY"), "{said}");
    assert!(!said.contains("https://192.168.1.7/"), "the report is not mixed in: {said}");
    assert!(stderr(&output).contains("https://192.168.1.7/"), "{}", stderr(&output));
}

#[test]
fn several_boards_do_not_share_a_pipe() {
    let Some(workspace) = Workspace::new() else { return };
    make_fifo(workspace.path("fifo"));
    // Two ports that are none: nothing is opened before it is known where all of it goes.
    let ports = ["--port", "/dev/null", "--port", "/dev/zero"];
    let flash = ["flash", "--ssid", "home", "--config-only", "-o", "result.json", "--json"];
    for (log, code) in
        [("-", "flash.one_log"), ("fifo", "flash.one_log"), ("/dev/full", "flash.boards_failed")]
    {
        let output = workspace.run(&[&flash[..], &ports, &["--serial-log", log]].concat());
        let result = fs::read(workspace.path("result.json")).unwrap();
        let document: serde_json::Value = serde_json::from_slice(&result).unwrap();
        assert_eq!(document["error"]["code"], code, "{log}: {}", stderr(&output));
    }
}
