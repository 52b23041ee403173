//! What can be wrong with a port, a chip or a cable.

use std::process::Stdio;

use serde_json::json;
use support::{Running, document, stderr, wait_until};

use crate::workspace::Workspace;

#[test]
fn another_chip_is_named_and_left_alone() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&["--chip", "esp32s3"]);
    for flags in [&["--no-wait"][..], &["--no-wait", "--no-stub"]] {
        let (output, document) = workspace.flash(&board, flags);
        assert_eq!((output.status.code(), &document["error"]["code"]), (Some(4), &json!("flash.other_chip")));
        assert_eq!(document["error"]["what"], "it is an ESP32-S3, not an ESP32-C3");
    }
    assert!(board.flash().iter().all(|byte| *byte == 0xFF));
}

#[test]
fn a_board_that_runs_its_firmware_is_told_from_a_dead_port() {
    let Some(workspace) = Workspace::new() else { return };
    let (_, document) = workspace.flash(&workspace.board(&["--talks"]), &[]);
    assert_eq!(document["error"]["code"], "flash.not_in_bootloader");
    assert_eq!(document["error"]["evidence"][0], "I (312) main: hello from another firmware");

    let (_master, slave) = serialport::TTYPort::pair().unwrap();
    let name = serialport::SerialPort::name(&slave).unwrap();
    drop(slave);
    let output = workspace.run(&["flash", "--ssid", "home", "--config-only", "--quiet", "--port", &name]);
    assert_eq!(output.status.code(), Some(4));
    insta::assert_snapshot!(stderr(&output).replace(&name, "[port]"), @r"
    error: connecting to the board at [port]
      no bootloader answered, and nothing else did
      try: hold the BOOT button, press RESET, let go of BOOT, then run this with --before no-reset
           check that it is the right port, and that the cable carries data, not only power
           to check everything that the commands need: esp-https doctor
    ");
}

#[test]
fn a_board_that_is_unplugged_while_it_is_written_is_told_what_that_means() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&["--break-after", "200000"]);
    let (output, document) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!(
        (output.status.code(), &document["error"]["code"]),
        (Some(4), &json!("flash.broken")),
        "{document:#}"
    );
    let told = &document["result"]["boards"][0];
    assert_eq!((&told["regions"][3]["state"], &told["write_us"]), (&json!("begun"), &json!(null)));
    assert!(
        document["error"]["doing"].as_str().unwrap().starts_with("writing the firmware to the board at ")
    );
    assert!(document["error"]["try"].as_str().unwrap().starts_with("the board can't start in this state; "));
}

#[test]
fn what_is_no_port_is_told_apart() {
    let Some(workspace) = Workspace::new() else { return };
    for (port, exit_code, code) in [
        ("/dev/nonexistent", 4, "port.missing"),
        ("/dev/null", 4, "port.not_serial"),
        ("cacert.pem", 4, "port.not_serial"),
        ("rfc2217://127.0.0.1:4000", 2, "port.remote"),
    ] {
        let output = workspace.run(&["flash", "--json", "--ssid", "home", "--config-only", "--port", port]);
        let document = document::of(&output);
        assert_eq!(
            (output.status.code(), &document["error"]["code"]),
            (Some(exit_code), &json!(code)),
            "{port}"
        );
        let output = workspace.run(&["monitor", "--json", "--port", port]);
        assert_eq!(document::of(&output)["error"]["code"], code, "{port}");
    }
}

#[test]
fn a_port_of_another_program_is_not_taken_from_it() {
    let Some(workspace) = Workspace::new() else { return };
    let (_master, slave) = serialport::TTYPort::pair().unwrap();
    let name = serialport::SerialPort::name(&slave).unwrap();
    let _other = serialport::new(&name, 115_200).open_native().unwrap();
    let output = workspace.run(&["monitor", "--json", "--port", &name]);
    assert_eq!(document::of(&output)["error"]["code"], "port.busy");
}

#[test]
fn two_runs_on_one_port_take_turns_and_an_impatient_one_gives_up() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&[]);
    let monitor = ["monitor", "--port", board.port()];
    let mut first = Running::start(workspace.command(&monitor).stdout(Stdio::null()));
    wait_until("the port is in use", || {
        let (_, document) = workspace.flash(&board, &["--no-wait", "--lock-timeout", "1ms"]);
        document["error"]["code"] == "port.in_use"
    });
    let flash =
        ["flash", "--ssid", "home", "--image", workspace.firmware(), "--port", board.port(), "--no-wait"];
    let mut command = workspace.command(&flash);
    let mut second = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    second.wait_for_line("waiting for another esp-https that uses the port");
    assert_eq!(first.end("INT").code(), Some(130));
    let output = second.output();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn another_firmware_s_partition_table_is_left_alone_unless_forced() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&[]);
    let (output, document) = workspace.configure(&board, &["--no-wait"]);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(4), &json!("flash.other_table")));
    let (output, _) = workspace.configure(&board, &["--no-wait", "--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(board.flash()[0xD000..0xF000].iter().any(|byte| *byte != 0xFF));
}

#[test]
fn a_port_that_vanishes_with_the_reset_and_comes_back_is_used_again() {
    let Some(workspace) = Workspace::new() else { return };
    let script = format!(
        "say rst:0x15 (USB_UART_CHIP_RESET),boot:0xc (SPI_FAST_FLASH_BOOT)\nreplug\nwait 0.5\nsay {}",
        workspace.ready()
    );
    let board = workspace.board_with_a_name(&["--replug-after", "0", "--say", &script]);
    let (output, document) = workspace.flash(&board, &["--serial-log", "board.log"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(document["result"]["boards"][0]["url"], "https://192.168.1.7/");
    // What it said just before it vanished may be lost with the port.
    let log = std::fs::read_to_string(workspace.path("board.log")).unwrap();
    assert!(log.contains("READY"), "{log}");
}

#[test]
fn the_variable_of_espflash_names_the_port_and_is_in_nobody_s_way() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&[]);
    let run = |args: &[&str]| {
        let whole =
            [&["flash", "--json", "--ssid", "home", "--image", workspace.firmware()][..], args].concat();
        let output = workspace.command(&whole).env("ESPFLASH_PORT", board.port()).output().unwrap();
        document::of(&output)
    };
    assert_eq!(run(&["--no-wait"])["result"]["boards"][0]["port"]["path"], board.port());
    assert_eq!(run(&["--save-image", "board.bin"])["exit_code"], 0);
    assert_eq!(run(&["--port", "/dev/nonexistent"])["error"]["code"], "port.missing");
}

#[test]
fn a_board_that_does_not_get_along_with_the_fast_speed_is_asked_at_the_slow_one() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&["--deaf-to-baud"]);
    let (output, _) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (_, document) = workspace.flash(&board, &["--no-wait", "--baud", "460800"]);
    assert_eq!(document["error"]["code"], "flash.broken", "a speed that was asked for is kept");
}

#[test]
fn a_chip_older_than_the_bootloader_supports_is_left_alone_unless_forced() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&["--revision", "2"]);
    let (output, document) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(4), &json!("flash.old_revision")));
    assert_eq!(
        document["error"]["what"],
        "its revision 0.2 is older than 0.3, the first that the bootloader supports"
    );
    assert_eq!(document["result"]["boards"][0]["chip"]["mac"], crate::workspace::MAC);
    let (output, _) = workspace.flash(&board, &["--no-wait", "--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn flags_that_contradict_each_other_are_refused_before_a_board_is_touched() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&[]);
    for (flags, code) in [
        (&["--monitor", "--port", "/dev/null"][..], "flash.monitor_one"),
        (&["--monitor", "--after", "no-reset"], "flash.stays_in_bootloader"),
        (&["--serial-log", "x.log", "--after", "no-reset-no-stub"], "flash.stays_in_bootloader"),
        (&["--after", "watchdog-reset"], "flash.watchdog_reset"),
        (&["--serial-log", "same.json", "-o", "./same.json"], "output.same_file"),
    ] {
        let whole = ["flash", "--json", "--ssid", "home", "--config-only", "--port", board.port()];
        let output = workspace.run(&[&whole[..], flags].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let document = document::of(&output);
        assert!(!workspace.path("same.json").exists());
        assert_eq!(document["error"]["code"], code, "{document:#}");
    }
}
