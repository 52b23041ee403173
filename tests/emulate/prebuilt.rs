//! Which firmware is used: the image that is inside esp-https, or one that is built. Both are tested, whichever this
//! program was built with (`scripts/prebuild` decides that).

use std::fs;

use esp_https::device::{
    bundle::Bundle,
    firmware::FirmwareBoard,
    prebuilt::{PrebuiltImage, PrebuiltImages},
};
use support::{command, stdout};

use crate::workspace::Workspace;

/// A toolchain that makes a firmware, and notes that it was asked to.
const MAKES_A_FIRMWARE: &str = "echo built >> \"$ESP_HTTPS_CACHE_DIR/builds\"; cp \"$ELF\" made.elf
    printf '{\"executable\":\"%s/made.elf\"}\\n' \"$(pwd)\"";

fn image() -> Option<&'static PrebuiltImage> {
    PrebuiltImages::FIRMWARE.for_board(FirmwareBoard::QemuVirt, Bundle::FIRMWARE)
}

#[test]
fn an_image_inside_is_used_without_a_toolchain_and_where_there_is_none_the_firmware_is_built() {
    let workspace = Workspace::with_qemu(&Workspace::ready("$CERT_SHA256"));
    workspace.fake_toolchain(MAKES_A_FIRMWARE);
    let mut running = workspace.start_bundled(&["--port", "0", "--json"]);
    let document = running.document();
    assert_eq!(running.end("INT").code(), Some(130));
    let firmware = &document["result"]["firmware"];
    let was_built = workspace.path("cache/builds").exists();
    match image() {
        Some(image) => {
            assert_eq!((&firmware["origin"], was_built), (&"prebuilt".into(), false));
            assert_eq!(firmware["sha256"], image.sha256);
            let elf = fs::read(firmware["elf"].as_str().unwrap()).unwrap();
            assert!(elf == image.elf().unwrap());
        }
        None => {
            assert_eq!((&firmware["origin"], was_built), (&"built".into(), true));
            assert_eq!(firmware["sha256"], serde_json::Value::Null);
        }
    }
}

#[test]
fn an_image_inside_is_not_used_by_a_run_that_is_to_build() {
    let workspace = Workspace::with_qemu(&Workspace::ready("$CERT_SHA256"));
    workspace.fake_toolchain(MAKES_A_FIRMWARE);
    let mut running = workspace.start_building(&["--port", "0", "--json"]);
    assert_eq!(running.document()["result"]["firmware"]["origin"], "built");
    assert_eq!(running.end("INT").code(), Some(130));
}

#[test]
fn a_person_is_told_which_firmware_the_board_runs() {
    let workspace = Workspace::with_qemu(&Workspace::ready("$CERT_SHA256"));
    workspace.fake_toolchain(MAKES_A_FIRMWARE);
    let log = workspace.path("report.txt");
    for (flags, said) in [
        (&["--build"][..], "built now"),
        (&["--build"], "built before"),
        (&["--image", "board.elf"], "from --image"),
    ] {
        let mut running =
            workspace.start_bundled(&[&["--port", "0", "-o", log.to_str().unwrap()], flags].concat());
        support::wait_until("the board serves", || {
            fs::read_to_string(&log).is_ok_and(|text| text.contains("next "))
        });
        let text = fs::read_to_string(&log).unwrap();
        assert!(text.contains(&format!(", {said}\n")), "{text}");
        assert_eq!(running.end("INT").code(), Some(130));
        fs::remove_file(&log).unwrap();
    }
}

#[test]
fn the_version_with_verbose_lists_what_is_inside() {
    let short = command().arg("--version").output().unwrap();
    let long = command().args(["--version", "--verbose"]).output().unwrap();
    assert!(long.status.success(), "{long:?}");
    let text = stdout(&long);
    assert!(text.starts_with(&stdout(&short)), "{text}");
    assert!(text.contains(&format!("sources    {}\n", Bundle::FIRMWARE.hash())), "{text}");
    for image in PrebuiltImages::FIRMWARE.of(Bundle::FIRMWARE) {
        assert!(
            text.contains(&format!("{}  {}, {} bytes\n", image.sha256, image.board, image.size)),
            "{text}"
        );
    }
    assert_eq!(text.contains("images     none"), image().is_none(), "{text}");
    for part in ["Mbed TLS", "Espressif's libraries for Wi-Fi", "ESP-IDF's bootloader", "3.6.5", "Apache-2.0"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}
