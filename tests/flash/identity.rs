//! Which board gets which certificate, and what is checked before any is touched.

use std::fs;

use serde_json::{Value, json};
use support::{certificates::Folder, document, junit, stderr};

use crate::workspace::{Board, MAC, PASSWORD, Workspace, assert_keeps_secrets};

#[test]
fn only_the_expected_board_is_written() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&[]);
    let (output, document) = workspace.flash(&board, &["--no-wait", "--expect-mac", "24:0a:c4:00:00:01"]);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(1), &json!("flash.other_board")));
    assert_eq!(document["result"]["boards"][0]["chip"]["mac"], MAC);
    assert!(board.flash().iter().all(|byte| *byte == 0xFF), "nothing was written");
    let board = workspace.board(&[]);
    let (output, _) = workspace.flash(&board, &["--no-wait", "--expect-mac", "24-0A-C4-1F-67-7D"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn several_boards_get_each_its_own_and_one_that_fails_harms_no_other() {
    let Some(workspace) = Workspace::new() else { return };
    for name in ["kitchen", "cellar"] {
        assert!(workspace.run(&["certgen", "--key", "p256", "--out-dir", name]).status.success());
    }
    let manifest = "mac,cert,key,hostname\n\
        24:0a:c4:00:00:01,kitchen/cacert.pem,kitchen/prvtkey.pem,kitchen\n\
        24:0a:c4:00:00:02,cellar/cacert.pem,cellar/prvtkey.pem,cellar\n\
        24:0a:c4:00:00:03,cacert.pem,prvtkey.pem,\n";
    fs::write(workspace.path("boards.csv"), manifest).unwrap();
    let named = |name: &str, mac: &str| workspace.board_named(name, &["--mac", mac]);
    let boards = [
        named("first", "24:0a:c4:00:00:01"),
        named("stranger", "24:0a:c4:00:00:09"),
        named("second", "24:0a:c4:00:00:02"),
        workspace.board_named("broken", &["--mac", "24:0a:c4:00:00:04", "--break-after", "0"]),
    ];
    let mut args = vec![
        "flash",
        "--json",
        "--ssid",
        "home",
        "--image",
        workspace.firmware(),
        "--no-wait",
        "--manifest",
        "boards.csv",
    ];
    args.extend(boards.iter().flat_map(|board| ["--port", board.port()]));
    args.extend(["--junit", "boards.xml"]);
    let output = workspace.run(&args);
    let document = document::of(&output);
    assert_eq!(
        (output.status.code(), &document["error"]["code"]),
        (Some(1), &json!("flash.boards_failed")),
        "{document:#}"
    );
    let told = document["result"]["boards"].as_array().unwrap();
    let errors: Vec<&Value> = told.iter().map(|board| &board["error"]["code"]).collect();
    assert_eq!(errors[..3], [&Value::Null; 3]);
    assert_eq!((&told[0]["left_alone"], &told[1]["left_alone"]), (&Value::Null, &json!("not_in_manifest")));
    assert_eq!(document["error"]["what"], format!("1 of 4 failed: {}", boards[3].port()));
    assert!(errors[3].is_string(), "{document:#}");
    assert_eq!((&told[0]["hostname"], &told[2]["hostname"]), (&json!("kitchen"), &json!("cellar")));
    assert_eq!(document["result"]["not_seen"], json!(["24:0a:c4:00:00:03"]));
    let cases = junit::cases(&workspace.path("boards.xml"));
    let cases: Vec<_> =
        cases.iter().map(|(_, name, end)| (name.split(' ').next().unwrap(), end.as_str())).collect();
    let broken = cases[3].0;
    assert!(broken == boards[3].port() || broken == "24:0a:c4:00:00:04", "{cases:?}");
    let expected = [
        ("24:0a:c4:00:00:01", "passed"),
        ("24:0a:c4:00:00:09", "skipped"),
        ("24:0a:c4:00:00:02", "passed"),
        (broken, "error"),
        ("24:0a:c4:00:00:03", "skipped"),
    ];
    assert_eq!(cases, expected);
    let [first, stranger, second, _] = boards.map(Board::flash_if_saved);
    assert!(stranger.unwrap().iter().all(|byte| *byte == 0xFF));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(first[0xD000..0xF000] != second[0xD000..0xF000], "each has its own");
    assert!(first[..0xD000] == second[..0xD000] && first[0x10000..] == second[0x10000..]);
}

#[test]
fn a_board_without_a_row_is_left_alone_which_is_an_error_only_when_no_board_has_one() {
    let Some(workspace) = Workspace::new() else { return };
    let absent: String =
        (1..=5).map(|n| format!("24:0a:c4:00:01:{n:02x},cacert.pem,prvtkey.pem,n{n}\n")).collect();
    let mine = "24:0a:c4:00:00:01,cacert.pem,prvtkey.pem,mine";
    fs::write(workspace.path("boards.csv"), format!("mac,cert,key,hostname\n{mine}\n{absent}")).unwrap();
    let board = workspace.board_named("mine", &["--mac", "24:0a:c4:00:00:01"]);
    let stranger = workspace.board_named("stranger", &["--mac", "24:0a:c4:00:00:09"]);
    let (flash, manifest) =
        (["flash", "--quiet", "--ssid", "home", "--no-wait"], ["--manifest", "boards.csv"]);
    let flash = [&flash[..], &["--image", workspace.firmware()], &manifest].concat();
    let output = workspace.run(&[&flash[..], &["--port", board.port(), "--port", stranger.port()]].concat());
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let text = text.replace(board.port(), "/dev/mine").replace(stranger.port(), "/dev/stranger");
    insta::with_settings!({ filters => vec![(r"\d+ bytes in \d+\.\d s", "[written]"), (r"(?m)^/dev/mine +", "/dev/mine      ")] }, {
        insta::assert_snapshot!(text, @"
        /dev/mine      24:0a:c4:00:00:01  [written]; 1 of 5 regions unchanged
        /dev/stranger  24:0a:c4:00:00:09  left alone: no row in the manifest
        note: 5 boards of the manifest are not connected (--json lists them)
        ");
    });
    drop(board);

    let output = workspace.run(&[&flash[..], &["--port", stranger.port()]].concat());
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(stderr(&output), @"
    error: looking for the boards of the manifest
      it has no row for the only board that was found
      try: nothing was written; add rows for 24:0a:c4:00:00:09, or connect other boards
    ");
    let document =
        document::of(&workspace.run(&[&flash[..], &["--json", "--port", stranger.port()]].concat()));
    assert_eq!(document["error"]["code"], "flash.not_in_manifest");
    assert_eq!(document["result"]["boards"][0]["error"], Value::Null);
    assert!(stranger.flash().iter().all(|byte| *byte == 0xFF), "nothing was written");
}

#[test]
fn boards_in_a_table_are_told_apart_for_a_person() {
    let Some(workspace) = Workspace::new() else { return };
    let good = workspace.board_named("good", &[]);
    let (_master, slave) = serialport::TTYPort::pair().unwrap();
    let dead = serialport::SerialPort::name(&slave).unwrap();
    drop(slave);
    let args = [
        "flash",
        "--ssid",
        "home",
        "--image",
        workspace.firmware(),
        "--no-wait",
        "--quiet",
        "--port",
        good.port(),
        "--port",
        &dead,
    ];
    let output = workspace.run(&args);
    assert_eq!(output.status.code(), Some(1));
    let plain = |text: String| text.replace(good.port(), "/dev/good").replace(&dead, "/dev/dead");
    insta::with_settings!({ filters => vec![(r"\d+ bytes in \d+\.\d s", "[written]"), (r"(?m) +$", "")] }, {
        insta::assert_snapshot!(plain(String::from_utf8_lossy(&output.stdout).into_owned()), @r"
        /dev/good  24:0a:c4:1f:67:7d  [written]; 1 of 5 regions unchanged
        /dev/dead  -                  failed connecting to the board at /dev/dead: no bootloader answered, and nothing else did
                                       try: hold the BOOT button, press RESET, let go of BOOT, then run this with --before no-reset
        ");
        insta::assert_snapshot!(plain(stderr(&output)), @r"
        error: flashing several boards
          1 of 2 failed: /dev/dead
          try: each has its own advice; then run the same command again: what succeeded is skipped
        ");
    });
}

#[test]
fn a_certificate_that_is_not_valid_is_refused_before_a_board_is_touched() {
    let Some(workspace) = Workspace::new() else { return };
    let certificates = Folder::new();
    certificates.expired("expired");
    let (certificate, key) = (certificates.arg("expired.pem"), certificates.arg("expired.key"));
    let board = workspace.board(&[]);
    let expired = ["--no-wait", "--cert", &certificate, "--key", &key];
    let (output, document) = workspace.flash(&board, &expired);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(1), &json!("flash.cert_not_valid")));
    assert_eq!(document["result"], Value::Null);
    assert_eq!(document["error"]["try"], "have a new one made\nor take it all the same: --allow-expired");
    let (output, document) = workspace.flash(&board, &[&expired[..], &["--allow-expired"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(document["result"]["notes"][0]["code"], "not_valid");
}

#[test]
fn a_key_that_is_another_s_or_slow_on_the_board_is_told() {
    let Some(workspace) = Workspace::new() else { return };
    assert!(workspace.run(&["certgen", "--key", "p256", "--out-dir", "other"]).status.success());
    let board = workspace.board(&[]);
    let (output, document) = workspace.flash(&board, &["--cert", "cacert.pem", "--key", "other/prvtkey.pem"]);
    assert_eq!((output.status.code(), &document["error"]["code"]), (Some(2), &json!("cert.key_mismatch")));
    let (_, document) =
        workspace.flash(&board, &["--no-wait", "--cert", "other/cacert.pem", "--key", "other/prvtkey.pem"]);
    assert_eq!(document["result"]["notes"][0]["code"], "software_key");
}

#[test]
fn the_password_comes_from_a_file_a_variable_or_nowhere() {
    let Some(workspace) = Workspace::new() else { return };
    fs::write(workspace.path("password"), format!("{PASSWORD}\n")).unwrap();
    fs::write(workspace.path("short"), "seven77\n").unwrap();
    let run = |flags: &[&str]| {
        let args = [
            &[
                "flash",
                "--json",
                "--ssid",
                "home",
                "--image",
                workspace.firmware(),
                "--save-image",
                "x.bin",
                "--force",
            ][..],
            flags,
        ]
        .concat();
        let output = workspace.command(&args).env_remove("ESP_HTTPS_WIFI_PASSWORD").output().unwrap();
        assert_keeps_secrets(&output);
        (output.status.code(), document::of(&output)["error"]["code"].clone())
    };
    let image = || fs::read(workspace.path("x.bin")).unwrap();
    let holds = |image: &[u8], text: &str| image.windows(text.len()).any(|window| window == text.as_bytes());
    assert_eq!(run(&["--wifi-password-file", "password"]), (Some(0), Value::Null));
    assert!(holds(&image(), PASSWORD), "the board has it");
    assert_eq!(run(&["--open-wifi"]), (Some(0), Value::Null));
    assert!(!holds(&image(), PASSWORD));
    assert_eq!(run(&[]), (Some(2), json!("provisioning.no_password")));
    assert_eq!(run(&["--wifi-password-file", "short"]), (Some(2), json!("provisioning.password")));
    assert_eq!(run(&["--wifi-password-file", "nowhere"]), (Some(2), json!("provisioning.password_file")));
}

#[test]
fn a_folder_for_temporary_files_that_takes_none_is_the_machine_s_fault() {
    let Some(workspace) = Workspace::new() else { return };
    let args =
        ["flash", "--json", "--ssid", "home", "--image", workspace.firmware(), "--save-image", "x.bin"];
    let output = workspace.command(&args).env("TMPDIR", workspace.path("nowhere")).output().unwrap();
    let error = document::of(&output)["error"].clone();
    assert_eq!((output.status.code(), &error["fault"]), (Some(4), &json!("environment")));
    assert_eq!(error["code"], "flash.temporary_file");
    assert!(error["try"].as_str().unwrap().contains("set TMPDIR"), "{error:#}");
    assert!(!workspace.path("x.bin").exists());
}

#[test]
fn a_manifest_that_can_t_be_used_is_told_with_its_line() {
    let Some(workspace) = Workspace::new() else { return };
    fs::write(workspace.path("boards.csv"), "mac,cert,key\n24:0a:c4:00:00:01,missing.pem,prvtkey.pem\n")
        .unwrap();
    let board = workspace.board(&[]);
    let args =
        ["flash", "--ssid", "home", "--config-only", "--manifest", "boards.csv", "--port", board.port()];
    let output = workspace.run(&args);
    assert_eq!(output.status.code(), Some(2));
    let absent = workspace.run(&[
        "flash",
        "--json",
        "--ssid",
        "home",
        "--config-only",
        "--manifest",
        "no.csv",
        "--port",
        board.port(),
    ]);
    assert_eq!(document::of(&absent)["error"]["code"], "flash.manifest");
    insta::assert_snapshot!(stderr(&output), @r"
    error: reading missing.pem (line 2 of the manifest boards.csv)
      there is no such file or folder
      try: check the path; `esp-https certgen` makes a certificate and its key
    ");
}

impl Board {
    /// What is in its flash, if it lived to save it.
    fn flash_if_saved(self) -> Option<Vec<u8>> {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.flash())).ok()
    }
}
