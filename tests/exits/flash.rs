//! `flash`.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, fs::symlink},
};

use serialport::{SerialPort as _, TTYPort};

use crate::bench::{EMULATED, ESP32_C3, Exits, make_fifo, wait_for_reader};

#[test]
fn every_exit_of_flash_has_a_valid_document() {
    let mut exits = Exits::of("flash");
    let (_board, port) = TTYPort::pair().unwrap();
    symlink(port.name().unwrap(), exits.path("port")).unwrap();
    drop(port);
    fs::write(exits.path("half.elf"), &ESP32_C3[..ESP32_C3.len() / 2]).unwrap();
    fs::write(exits.path("other.elf"), EMULATED).unwrap();
    fs::write(exits.path("columns.csv"), "a,b\n1,2\n").unwrap();
    let save = "--ssid home --open-wifi --image chip.elf --save-image";
    exits.ends(0, "-", &format!("{save} flash.bin"));
    exits.ends(0, "-", &format!("{save} fl?sh.bin"));
    assert!(exits.path("").join(OsStr::from_bytes(b"fl\xffsh.bin")).exists());
    exits.ends(2, "output.exists", &format!("{save} flash.bin"));
    exits.ends(2, "output.unwritable", &format!("{save} nowhere/x"));
    for (image, code) in
        [("absent", "firmware.image"), ("half.elf", "firmware.image"), ("other.elf", "firmware.image")]
    {
        exits.ends(2, code, &format!("--ssid home --open-wifi --image {image} --save-image x"));
    }
    exits.ends(2, "firmware.folder", "--ssid home --open-wifi --firmware-dir absent --save-image x");
    exits.ends(2, "usage.command_line", "--ssid home --open-wifi --config-only --site .");
    exits.ends(2, "site.file", "--ssid home --open-wifi --image chip.elf --site absent --save-image x");
    let config = "--config-only --non-interactive --port port";
    exits.ends(2, "usage.command_line", &format!("{config} --open-wifi"));
    exits.ends(2, "provisioning.no_password", &format!("{config} --ssid home"));
    exits.ends(2, "provisioning.password_file", &format!("{config} --ssid home --wifi-password-file absent"));
    exits.ends(2, "provisioning.hostname", &format!("{config} --ssid home --open-wifi --hostname -"));
    let (refused, key) = support::certificates::refused_by_boards();
    fs::write(exits.path("refused.pem"), &refused).unwrap();
    fs::write(exits.path("refused.key"), key).unwrap();
    fs::write(exits.path("refused.csv"), "mac,cert,key\n24:0a:c4:00:00:01,refused.pem,refused.key\n")
        .unwrap();
    for refused in
        ["--cert refused.pem --key refused.key", "--client-ca refused.pem", "--manifest refused.csv"]
    {
        exits.ends(2, "provisioning.certificate", &format!("{config} --ssid home --open-wifi {refused}"));
    }
    exits.ends(2, "flash.bad_mac", &format!("{config} --ssid home --open-wifi --expect-mac 1"));
    exits.ends(2, "flash.manifest", &format!("{config} --ssid home --open-wifi --manifest absent.csv"));
    exits.ends(2, "flash.manifest", &format!("{config} --ssid home --open-wifi --manifest columns.csv"));
    exits.ends(
        2,
        "flash.stays_in_bootloader",
        &format!("{config} --ssid home --open-wifi --after no-reset --monitor"),
    );
    exits.ends(4, "flash.no_lines", &format!("{config} --ssid home --open-wifi --before default-reset"));
    exits.ends(4, "port.missing", "--config-only --ssid home --open-wifi --port absent");
    exits.ends(4, "port.not_serial", "--config-only --ssid home --open-wifi --port /dev/null");
    exits.ends(2, "port.remote", "--config-only --ssid home --open-wifi --port rfc2217://host:1");
    exits.ends(
        1,
        "flash.boards_failed",
        "--config-only --ssid home --open-wifi --port /dev/null --port /dev/zero",
    );
    make_fifo(exits.path("fifo"));
    let fifo = exits.path("fifo");
    let mut reader = None;
    exits.is_interrupted(
        130,
        "flash.interrupted",
        &format!("{config} --ssid home --open-wifi --cert cacert.pem --key fifo"),
        || reader = Some(wait_for_reader(&fifo)),
    );
    exits.are_all_valid(20);
}
