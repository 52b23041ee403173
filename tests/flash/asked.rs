//! `esp-https doctor --connect`: the bootloader of a board says who it is.

use support::document;

use crate::workspace::{MAC, Workspace};

#[test]
fn a_board_that_is_asked_says_its_chip_and_its_mac() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&["--mac", MAC]);
    let output = workspace.run(&["doctor", "monitor", "--json", "--connect", "--port", board.port()]);
    let document = document::of(&output);
    let check = &document["result"]["checks"][0];
    // The mock of the board has its port open.
    assert_eq!((output.status.code(), check["state"].as_str()), (Some(0), Some("warning")), "{document:#}");
    assert_eq!(check["facts"]["port"]["mac"], MAC);
    let found = check["found"].as_str().unwrap();
    assert!(found.starts_with("an ESP32-C3") && found.contains("; it was restarted. "), "{found}");
    let unasked = workspace.run(&["doctor", "monitor", "--json", "--port", board.port()]);
    assert_eq!(
        document::of(&unasked)["result"]["checks"][0]["facts"]["port"]["mac"],
        serde_json::Value::Null
    );
}
