//! A board that its port can't restart: the bootloader is asked to start the firmware, and may crash instead.

use serde_json::json;

use support::stderr;

use crate::workspace::Workspace;

const POWER_ON: &str = "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)";
const CRASH: [&str; 3] = [
    "Guru Meditation Error: Core  0 panic'ed (Instruction access fault). Exception was unhandled.",
    "Core  0 register dump:",
    "MEPC    : 0x00000000  RA      : 0x400462b0",
];

#[test]
fn the_firmware_is_not_blamed_for_a_rom_that_crashes_and_the_button_is_named() {
    let Some(workspace) = Workspace::new() else { return };
    for stub in [&[][..], &["--no-stub"]] {
        let board = workspace.board_that_says(&CRASH);
        let flags = [&["--wait-ready", "2s", "--force", "--no-skip"], stub].concat();
        let (output, document) = workspace.configure(&board, &flags);
        let (error, told) = (&document["error"], &document["result"]["boards"][0]["trouble"]);
        assert_eq!((output.status.code(), &error["code"]), (Some(4), &json!("board.rom_panic")), "{error:#}");
        assert_eq!((&told["reason"], &told["by"]), (&json!("panic"), &json!("rom")));
        let what = error["what"].as_str().unwrap();
        assert!(what.starts_with("its ROM crashed before it started the firmware: Guru"), "{what}");
        let hint = error["try"].as_str().unwrap();
        assert!(hint.starts_with("the port can't restart the board: press its RESET button"), "{hint}");
        let said = stderr(&output);
        assert!(said.contains("crashed instead of starting the firmware: press its RESET button"), "{said}");
    }
}

#[test]
fn a_board_that_is_reset_by_hand_after_the_crash_serves() {
    let Some(workspace) = Workspace::new() else { return };
    let ready = workspace.ready();
    let script = [&CRASH[..], &["wait 1", "ESP-ROM:esp32c3-api1-20210207", POWER_ON, &ready]].concat();
    let board = workspace.board_that_says(&script);
    let (output, document) = workspace.configure(&board, &["--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(document["result"]["boards"][0]["url"], "https://192.168.1.7/");
}

#[test]
fn silence_after_it_was_asked_to_start_names_the_button_too() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&[]);
    let (_, document) = workspace.configure(&board, &["--wait-ready", "1s", "--force", "--no-stub"]);
    let error = &document["error"];
    assert_eq!(error["code"], "board.silent");
    assert!(error["try"].as_str().unwrap().contains("press its RESET button"), "{error:#}");
}

#[test]
fn a_log_that_can_t_be_written_is_not_claimed_to_be() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&[POWER_ON, &workspace.ready()]);
    let (output, document) = workspace.configure(&board, &["--force", "--serial-log", "/dev/full"]);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(4), &json!("serial.log")));
    assert_eq!(document["result"]["boards"][0]["serial_log"], json!(null));
}
