//! A firmware named with `--image`: any bytes are told apart without a panic, and laid out in the flash, or refused; espflash never panics on what the
//! check before it lets through.
#![no_main]

use esp_https::device::{
    chip,
    firmware::FirmwareBoard,
    flash::layout::{Application, merged},
    image,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|elf: &[u8]| {
    let boards = [FirmwareBoard::QemuVirt, FirmwareBoard::Chip(chip::DEFAULT)];
    let taken = boards.into_iter().filter(|&board| image::check(board, elf).is_ok()).count();
    assert!(taken <= 1, "no firmware is for both boards");
    if let Ok(application) = Application::from_elf(chip::DEFAULT, elf) {
        let regions: Vec<_> = application.regions.iter().collect();
        assert_eq!(regions.len(), 4, "bootloader, partition table, otadata, firmware");
        assert_eq!(merged(chip::DEFAULT, &regions).len(), chip::DEFAULT.flash_bytes());
    }
});
