//! What ends up in the flash, and how much of it is written.

use std::{fs, process::Command};

use esp_idf_part::PartitionTable;
use support::{document, stderr};

use crate::workspace::Workspace;

/// The states of the regions in the order of the flash.
pub(crate) fn states(document: &serde_json::Value) -> Vec<&str> {
    let regions = document["result"]["boards"][0]["regions"].as_array().unwrap();
    regions.iter().map(|region| region["state"].as_str().unwrap()).collect()
}

pub(crate) fn written(document: &serde_json::Value) -> u64 {
    document["result"]["boards"][0]["bytes_written"].as_u64().unwrap()
}

#[test]
fn a_second_flash_writes_nothing_and_a_new_certificate_8_kib() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&[]);
    for (stub, bytes_left) in [("", 0), ("--no-stub", 0)] {
        let flags = ["--no-wait", stub];
        let flags: Vec<&str> = flags.into_iter().filter(|flag| !flag.is_empty()).collect();
        let (output, first) = workspace.flash(&board, &[&flags[..], &["--no-skip"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(states(&first), ["written"; 5]);
        let sizes = first["result"]["boards"][0]["regions"].as_array().unwrap();
        let total: u64 = sizes.iter().map(|region| region["size"].as_u64().unwrap()).sum();
        assert_eq!(written(&first), total);
        let (_, second) = workspace.flash(&board, &flags);
        assert_eq!((states(&second), written(&second)), (vec!["unchanged"; 5], bytes_left), "{stub}");
    }
    let again = workspace.run(&["certgen", "--force"]);
    assert!(again.status.success());
    let (_, third) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!(states(&third), ["unchanged", "unchanged", "written", "unchanged", "unchanged"]);
    assert_eq!(written(&third), 8192);
}

#[test]
fn what_is_in_the_flash_is_read_back_by_espressif_s_tools() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&[]);
    let (output, _) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let flash = board.flash();

    fs::write(workspace.path("partition.bin"), &flash[0xD000..0xF000]).unwrap();
    let tool = workspace.python().with_file_name("configure_esp_secure_cert.py");
    let parsed = Command::new(tool)
        .args(["--parse_bin", "partition.bin"])
        .current_dir(workspace.path(""))
        .output()
        .unwrap();
    assert!(parsed.status.success(), "{parsed:?}");
    let certificate =
        fs::read(workspace.path("esp_secure_cert_parsed_data/contents/devcert_1_0.pem")).unwrap();
    assert_eq!(certificate, fs::read(workspace.path("cacert.pem")).unwrap());

    let table = PartitionTable::try_from_bytes(flash[0x8000..0x8C00].to_vec()).unwrap();
    let names: Vec<_> = table.partitions().iter().map(|row| (row.name(), row.offset(), row.size())).collect();
    let expected = [
        ("nvs", 0x9000, 0x4000),
        ("esp_secure_cert", 0xD000, 0x2000),
        ("phy_init", 0xF000, 0x1000),
        ("ota_0", 0x1_0000, 0x18_0000),
        ("ota_1", 0x19_0000, 0x18_0000),
        ("otadata", 0x31_0000, 0x2000),
        ("site", 0x32_0000, 0xE_0000),
    ];
    assert_eq!(
        names.iter().map(|(name, at, size)| (name.as_str(), *at, *size)).collect::<Vec<_>>(),
        expected
    );

    for (name, at) in [("bootloader.bin", 0), ("application.bin", 0x10000)] {
        fs::write(workspace.path(name), &flash[at..]).unwrap();
        let info = esptool(&workspace, &["image-info", name]);
        assert!(
            info.contains("ESP32-C3") && info.contains("Validation hash: ") && !info.contains("invalid"),
            "{info}"
        );
    }
}

#[test]
fn a_whole_flash_saved_to_a_file_is_what_a_flashed_board_has() {
    let Some(workspace) = Workspace::new() else { return };
    let saved = workspace.run(&[
        "flash",
        "--ssid",
        "home",
        "--image",
        workspace.firmware(),
        "--save-image",
        "board.bin",
        "--json",
    ]);
    let document = document::of(&saved);
    let regions: Vec<_> = document["result"]["image"]["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|region| (region["kind"].as_str().unwrap(), region["offset"].as_u64().unwrap()))
        .collect();
    let expected = [
        ("bootloader", 0),
        ("partition_table", 0x8000),
        ("provisioning", 0xD000),
        ("application", 0x10000),
        ("otadata", 0x31_0000),
    ];
    assert_eq!(regions, expected);

    let board = workspace.board(&[]);
    let written = esptool(
        &workspace,
        &[
            "--chip",
            "esp32c3",
            "--port",
            board.port(),
            "--before",
            "no-reset",
            "--after",
            "no-reset",
            "write-flash",
            "0",
            "board.bin",
        ],
    );
    assert!(written.contains("Hash of data verified"), "{written}");
    let (_, document) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!(states(&document), ["unchanged"; 5], "esptool has written what we would");
    assert!(board.flash() == fs::read(workspace.path("board.bin")).unwrap());
}

#[test]
fn erasing_leaves_nothing_of_what_was_there() {
    let Some(workspace) = Workspace::new() else { return };
    fs::write(workspace.path("board.flash"), vec![0x5A; 4 << 20]).unwrap();
    let board = workspace.board(&[]);
    let (_, document) = workspace.flash(&board, &["--no-wait", "--erase"]);
    assert_eq!(states(&document), ["written"; 5]);
    assert!(board.flash().iter().rev().take(1 << 20).all(|byte| *byte == 0xFF));
}

#[test]
fn only_the_provisioning_partition_is_touched_when_only_it_is_asked_for() {
    let Some(workspace) = Workspace::new() else { return };
    let (output, _) = workspace.flash(&workspace.board(&[]), &["--no-wait"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let before = fs::read(workspace.path("board.flash")).unwrap();
    assert!(workspace.run(&["certgen", "--force"]).status.success());
    let board = workspace.board(&[]);
    // Without a toolchain: nothing is built.
    let config = ["flash", "--json", "--ssid", "home", "--config-only", "--no-wait", "--port", board.port()];
    let output = workspace.command(&config).env("PATH", "/nonexistent").output().unwrap();
    let document = document::of(&output);
    assert_eq!((states(&document), written(&document)), (vec!["written"], 8192));
    assert_eq!(document["result"]["firmware"], serde_json::Value::Null);
    let after = board.flash();
    let differs = |range: std::ops::Range<usize>| before[range.clone()] != after[range];
    assert_eq!((differs(0..0xD000), differs(0xD000..0xF000), differs(0xF000..4 << 20)), (false, true, false));
}

fn esptool(workspace: &Workspace, args: &[&str]) -> String {
    let tool = workspace.python().with_file_name("esptool");
    let output = Command::new(tool).args(args).current_dir(workspace.path("")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_flash_that_keeps_not_what_is_written_is_found_by_reading_it_back() {
    let Some(workspace) = Workspace::new() else { return };
    let board = workspace.board(&["--spoil", "0xd003"]);
    let (output, document) = workspace.flash(&board, &["--no-wait"]);
    assert_eq!((output.status.code(), document["error"]["code"].as_str()), (Some(4), Some("flash.verify")));
    assert_eq!(
        document["error"]["what"],
        "the certificate and key that was read back is not what was written"
    );
    let (output, _) = workspace.flash(&board, &["--no-wait", "--no-verify"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}
