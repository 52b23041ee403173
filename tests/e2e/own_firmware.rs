//! Pages in a crate of somebody's own, which is the template `firmware` with more pages.

use std::{fs, path::PathBuf};

use serde_json::Value;
use support::{OwnFirmware, from_root};

use crate::{board::QEMU, pages::RestartingBoard};

#[tokio::test]
async fn pages_of_ones_own_are_served_and_one_that_panics_or_spins_is_named_and_the_board_is_ready_again() {
    if support::require("qemu-system-riscv32", QEMU).is_none() {
        return;
    }
    let Some(mut board) = RestartingBoard::start(build()).await else { return };
    for (path, route) in
        [("panic/a", r#""route":"GET /panic/{unit}""#), ("spin/a", r#""route":"GET /spin/{unit}""#)]
    {
        assert!(board.get("own").await.unwrap().contains("<h1>20 &deg;C</h1>"));
        let set = board.client().post(board.url("target")).body("target=23").send().await.unwrap();
        assert!(set.url().path() == "/" && set.status() == 200, "{set:?}");
        assert!(board.get("own").await.unwrap().contains("<h1>23 &deg;C</h1>"));
        let (client, url) = (board.client(), board.url(path));
        let asked = tokio::spawn(async move { client.get(url).send().await });
        let panic = board.wait_for("ESP-HTTPS PANIC ").await;
        assert!(panic.contains(route), "{panic}");
        board.wait_for("ESP-HTTPS READY ").await;
        asked.abort();
    }
    assert!(board.get("own").await.unwrap().contains("<h1>20 &deg;C</h1>"), "it has started anew");
}

/// The firmware, built. It stays where `scripts/test-all` finds it, which runs all tests of this binary with it.
fn build() -> PathBuf {
    let firmware = OwnFirmware::write("suite");
    let own = firmware.read("src/lib.rs");
    let is_attribute_of_a_crate = |line: &&str| line.starts_with("#![");
    let own: Vec<&str> = own.lines().filter(|line| !is_attribute_of_a_crate(line)).collect();
    firmware.replace("src/own.rs", &own.join("\n"));
    firmware.replace("src/lib.rs", include_str!("own_firmware/pages.rs"));
    let words = "emulate --json -o emulated.json --firmware-dir . --port 0 --ready-timeout 2m -- true";
    let output = firmware.esp_https(&words.split(' ').collect::<Vec<_>>()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let document: Value = serde_json::from_str(&firmware.read("emulated.json")).unwrap();
    assert_eq!(document["exit_code"], 0, "{document:#}");
    assert_eq!(document["result"]["firmware"]["origin"], "built");
    let elf = from_root("target/own-firmware/suite.elf");
    fs::copy(document["result"]["firmware"]["elf"].as_str().unwrap(), &elf).unwrap();
    elf
}
