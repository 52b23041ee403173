//! A file that is no firmware for the board is refused, by what it is, before anything starts.

use std::fs;

use crate::bench::{EMULATED, ESP32_C3, Exits};

#[test]
fn what_a_given_firmware_is_instead_is_said_before_anything_starts() {
    let exits = Exits::of("emulate");
    exits.program("qemu-system-riscv32", "touch started; exec sleep 600");
    let changed = |at: usize, byte: u8| {
        let mut file = EMULATED.to_vec();
        file[at] = byte;
        file
    };
    for (file, what, hint) in [
        (vec![], "the file is empty", "name an ELF file of the esp-https firmware"),
        (b"hello".to_vec(), "it is not an ELF file", "name an ELF file of the esp-https firmware"),
        (changed(0, 0xe9), "it is an image of a board's flash", "name an ELF file of the esp-https firmware"),
        (
            EMULATED[..100].to_vec(),
            "it is an ELF file that is damaged or ends too early (100 bytes",
            "copy or build",
        ),
        (changed(18, 62), "it is an ELF file for x86-64, not for 32-bit RISC-V", "name an ELF file"),
        (changed(4, 2), "it is an ELF file for 64-bit RISC-V", "name an ELF file"),
        (
            changed(16, 1),
            "it is an object file, not a linked program",
            "name the program that the linker makes",
        ),
        (ESP32_C3.to_vec(), "it is an ELF file for the ESP32-C3's flash", "esp-https flash --image takes it"),
    ] {
        fs::write(exits.path("given"), file).unwrap();
        let output = exits.command("emulate --json --port 0 --image given").output().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let error = &document["error"];
        assert_eq!((output.status.code(), &error["code"]), (Some(2), &"firmware.image".into()), "{error}");
        assert!(error["what"].as_str().unwrap().starts_with(what), "{error:#}");
        assert!(error["try"].as_str().unwrap().starts_with(hint), "{error:#}");
        assert!(!exits.path("started").exists());
    }
}

#[test]
fn the_emulated_board_s_firmware_is_not_written_to_a_chip() {
    let exits = Exits::of("flash");
    let flash = "flash --ssid home --open-wifi --image board.elf --save-image flash.bin";
    let output = exits.command(flash).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r"
    error: reading board.elf
      it is an ELF file for the emulated board (QEMU's virt machine)
      try: esp-https emulate --image takes it; or leave --image out to use the bundled firmware
    ");
    assert!(!exits.path("flash.bin").exists());
}
