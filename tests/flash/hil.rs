//! `hil` on a board that is played by the mock of the ROM's bootloader.

use std::{fs, process::Output, thread, time::Duration};

use serde_json::Value;
use support::{board, document, stderr, wait_until};

use crate::workspace::{Board, MAC, Workspace, assert_keeps_secrets};

const BROWNOUT: &str = "rst:0xf (BROWNOUT_RST),boot:0xc (SPI_FAST_FLASH_BOOT)";
const SOFTWARE_RESET: &str = "rst:0x3 (RTC_SW_SYS_RST),boot:0xc (SPI_FAST_FLASH_BOOT)";
const PANIC: &str = "ESP-HTTPS PANIC panicked at src/main.rs:7:9: index out of bounds";

/// A scenario that flashes the board at this port, with more steps behind that.
fn scenario(workspace: &Workspace, port: &str, head: &str, steps: &str) {
    let text = format!(
        "{head}\n[target.bench]\nboard = \"{port}\"\nssid = \"home\"\nimage = \"{}\"\n[[step]]\nflash = {{}}\n{steps}\n",
        workspace.firmware()
    );
    fs::write(workspace.path("hil.toml"), text).unwrap();
}

fn hil(workspace: &Workspace, words: &[&str]) -> (Output, Value) {
    let output =
        workspace.command(&[&["hil", "--target", "bench", "--json"], words].concat()).output().unwrap();
    assert_keeps_secrets(&output);
    let document = document::of(&output);
    (output, document)
}

fn run(workspace: &Workspace, board: &Board, head: &str, steps: &str) -> Value {
    scenario(workspace, board.port(), head, steps);
    hil(workspace, &[]).1
}

/// How each step ended.
fn states(document: &Value) -> Vec<&str> {
    let steps = document["result"]["boards"][0]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["state"].as_str().unwrap()).collect()
}

#[test]
fn a_board_is_flashed_followed_and_named_in_the_result() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&[&workspace.ready(), "wait 0.5", "hello from the firmware"]);
    let steps = "[[step]]\nready = true\n[[step]]\nserial = { expect = \"hello from the .*\", reject = \"PANIC\" }\n\
        [[step]]\nrun = \"test $ESP_HTTPS_TARGET = 192.168.1.7 && test -f $ESP_HTTPS_CERT && ! env | grep -q WIFI_PASSWORD\"\n";
    let document = run(&workspace, &board, "", steps);
    assert_eq!(states(&document), ["passed"; 4], "{document:#}");
    let board = &document["result"]["boards"][0];
    assert_eq!(board["board"]["mac"], MAC);
    assert_eq!(board["board"]["address"], "192.168.1.7");
    assert_eq!(board["board"]["cert_sha256"], workspace.pin());
    let log = fs::read_to_string(workspace.path("hil-out/serial.log")).unwrap();
    assert!(log.contains("ESP-HTTPS READY") && log.contains("hello from the firmware"), "{log}");
}

#[test]
fn a_panic_at_the_third_step_is_a_regression_of_that_step() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&[&workspace.ready(), "wait 3", PANIC, SOFTWARE_RESET]);
    let steps = "[[step]]\nready = true\n[[step]]\nwait = \"30s\"\nname = \"third\"\n\
        [[step]]\nname = \"never\"\nwait = \"1s\"\n[[step]]\nname = \"clean\"\nalways = true\nrun = \"true\"\n";
    // The third step ends with the run's time, or with the panic: either way the panic is its result.
    let document = run(&workspace, &board, "", &steps.replace("30s", "6s"));
    assert_eq!(states(&document), ["passed", "passed", "regression", "not_run", "passed"], "{document:#}");
    assert_eq!(document["exit_code"], 1);
    let third = &document["result"]["boards"][0]["steps"][2];
    assert_eq!(third["error"]["code"], "hil.board_restarted");
    assert!(third["error"]["what"].as_str().unwrap().contains("index out of bounds"), "{third:#}");
    assert_eq!(third["figures"]["restarts"], 1);
}

#[test]
fn a_brownout_is_the_lab_s_fault_and_another_reset_the_firmware_s() {
    let Some(workspace) = Workspace::new() else { return };
    for (cause, state, code) in [(BROWNOUT, "lab", 4), (SOFTWARE_RESET, "regression", 1)] {
        let board = workspace.board_that_says(&[&workspace.ready(), "wait 2", cause]);
        // The board restarts while a command of the user's gives up.
        let steps = "[[step]]\nrun = \"sleep 4; exit 3\"\n";
        let document = run(&workspace, &board, "", steps);
        assert_eq!(states(&document), ["passed", state], "{document:#}");
        assert_eq!(document["exit_code"], code);
    }
}

#[test]
fn another_certificate_and_a_fault_of_the_firmware_are_regressions_and_no_wifi_is_the_lab_s() {
    let Some(workspace) = Workspace::new() else { return };
    let fault = |reason: &str| format!("ESP-HTTPS FAULT {{\"reason\":\"{reason}\"}}");
    let other = board::ready_line("192.168.1.7", MAC, &"0".repeat(64));
    let refused = fault("wifi: authentication refused");
    for (says, state, code) in [
        (vec![other], "regression", "flash.other_certificate"),
        (vec![fault("no key")], "regression", "board.fault"),
        (vec![refused.clone(), refused], "lab", "board.wifi_refused"),
    ] {
        let lines: Vec<&str> = says.iter().map(String::as_str).collect();
        let board = workspace.board_that_says(&lines);
        let document = run(&workspace, &board, "", "");
        assert_eq!(states(&document), [state], "{document:#}");
        assert_eq!(document["result"]["boards"][0]["steps"][0]["error"]["code"], code);
    }
}

#[test]
fn a_board_that_vanishes_in_mid_flash_is_the_lab_s_fault_and_the_next_run_says_that_it_is_half_written() {
    let Some(workspace) = Workspace::new() else { return };
    let gone = workspace.board_with_a_name(&["--break-after", "300000"]);
    let lab = "[lab]\nrecover = \"echo x >>hooks\"\nretries = 1\n";
    let document = run(&workspace, &gone, lab, "[[step]]\nready = true\n");
    assert_eq!(states(&document), ["lab", "not_run"], "{document:#}");
    assert_eq!(document["exit_code"], 4);
    let step = &document["result"]["boards"][0]["steps"][0];
    assert_eq!((&step["attempts"], step["earlier_errors"].as_array().unwrap().len()), (&2.into(), 1));
    assert_eq!(step["earlier_errors"][0]["code"], "flash.broken", "{step:#}");
    assert_eq!(fs::read_to_string(workspace.path("hooks")).unwrap(), "x\n", "the hook ran once");
    drop(gone);
    let whole = workspace.board_that_says(&[&workspace.ready()]);
    let document = run(&workspace, &whole, "", "");
    assert_eq!(states(&document), ["passed"], "{document:#}");
    let findings = &document["result"]["boards"][0]["steps"][0]["findings"];
    assert_eq!(findings[0]["id"], "half_written", "{findings:#}");
    let document = run(&workspace, &whole, "", "");
    assert_eq!(document["result"]["boards"][0]["steps"][0]["findings"], Value::Array(Vec::new()));
}

#[test]
fn two_runs_on_one_board_take_turns() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board_that_says(&[&workspace.ready()]);
    scenario(
        &workspace,
        board.port(),
        "",
        "[[step]]\nrun = \"touch begun; while ! test -f go; do sleep 0.1; done\"\n",
    );
    let words = ["--out", "second"];
    thread::scope(|scope| {
        let first = scope.spawn(|| hil(&workspace, &[]));
        wait_until("the first run has the board", || workspace.path("begun").exists());
        let second = scope.spawn(|| hil(&workspace, &words));
        wait_until("the second run has begun", || workspace.path("second/hil.json").exists());
        thread::sleep(Duration::from_millis(500));
        let waiting: Value =
            serde_json::from_slice(&fs::read(workspace.path("second/hil.json")).unwrap()).unwrap();
        assert_eq!(states(&waiting), ["not_run", "not_run"]);
        fs::write(workspace.path("go"), "").unwrap();
        let (_, first) = first.join().unwrap();
        let (output, second) = second.join().unwrap();
        assert_eq!(states(&first), ["passed", "passed"], "{first:#}");
        assert_eq!(states(&second), ["passed", "passed"], "{second:#}");
        assert!(
            stderr(&output).contains("waiting for another esp-https that uses the board"),
            "{}",
            stderr(&output)
        );
    });
}
