//! The template `firmware` on the emulated board, and compiled for the chip.

use support::{OwnFirmware, document, require, stdout};

const QEMU: &str = "apt-get install qemu-system-misc";

#[test]
fn its_scenario_passes_an_edit_is_served_and_a_mistake_is_told() {
    let Some(_) = require("qemu-system-riscv32", QEMU) else { return };
    let Some(_) = require("curl", "apt-get install curl") else { return };
    let firmware = OwnFirmware::write("board");
    let output = firmware.esp_https(&["hil", "--json"]).output().unwrap();
    let document = document::of(&output);
    assert_eq!(document["exit_code"], 0, "{:#}\n{}", document["error"], support::stderr(&output));
    let steps = document["result"]["boards"][0]["steps"].as_array().unwrap();
    assert!(steps.len() == 6 && steps.iter().all(|step| step["state"] == "passed"), "{steps:#?}");

    let pages = firmware.read("src/lib.rs");
    let edited = pages.replace("Cell::new(20)", "Cell::new(18)");
    assert_ne!(edited, pages);
    firmware.replace("src/lib.rs", &edited);
    assert_eq!(answers(&firmware), "<h1>18 &deg;C</h1>\n303\n<h1>25 &deg;C</h1>\n400\n<h1>25 &deg;C</h1>\n");

    firmware.replace("src/lib.rs", &edited.replace("Cell::new(18)", "Cell::new(warm)"));
    let output = firmware.esp_https(&[&EMULATE[..], &["--json"]].concat()).output().unwrap();
    let error = document::of(&output)["error"].clone();
    assert_eq!((output.status.code(), &error["code"]), (Some(4), &"firmware.build".into()));
    assert!(error["evidence"].to_string().contains("cannot find value `warm`"), "{error:#}");
    assert_eq!(error["try"], "correct the firmware's sources, and start this again");
}

/// What the two routes answer, to curl.
fn answers(firmware: &OwnFirmware) -> String {
    let script = r#"page() { curl --silent --insecure "$ESP_HTTPS_URL" | grep h1; }
        set_to() { curl --silent --insecure --output /dev/null --write-out '%{http_code}\n' --data "target=$1" "${ESP_HTTPS_URL}target"; }
        page; set_to 25; page; set_to 99; page"#;
    let output = firmware.esp_https(&EMULATE).args(["--", "sh", "-c", script]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    stdout(&output)
}

#[test]
fn the_firmware_for_the_chip_is_built_and_laid_out() {
    let firmware = OwnFirmware::write("chip");
    let certgen = firmware.esp_https(&["certgen", "--key", "p256"]).output().unwrap();
    assert!(certgen.status.success(), "{certgen:?}");
    let words = "flash --json --firmware-dir . --ssid home --open-wifi --save-image board.bin";
    let output = firmware.esp_https(&words.split(' ').collect::<Vec<_>>()).output().unwrap();
    let document = document::of(&output);
    assert_eq!(document["exit_code"], 0, "{:#}", document["error"]);
    assert_eq!(document["result"]["application"]["project"], "pages-esp32c3");
    assert!(firmware.folder().join("board.bin").is_file());
}

#[test]
fn a_folder_that_is_no_firmware_is_told_with_what_to_name_instead() {
    let folder = crate::write("firmware", &[]);
    let mut command = support::command();
    command.args(["emulate", "--firmware-dir", "src"]).current_dir(folder.path());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(support::stderr(&output), @r"
    error: looking for the firmware's sources in src
      it has no boards/qemu-virt/Cargo.toml
      try: leave --firmware-dir out, or name a folder that `esp-https init firmware DIR` has written, or the firmware folder of an esp-https source tree
    ");
}

const EMULATE: [&str; 7] = ["emulate", "--firmware-dir", ".", "--port", "0", "--ready-timeout", "2m"];
