//! A firmware named with `--image`: any bytes are laid out in the flash, or refused; espflash never panics on what the
//! check before it lets through.
#![no_main]

use esp_https::device::{
    chip,
    flash::layout::{Application, merged},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|elf: &[u8]| {
    if let Ok(application) = Application::from_elf(chip::DEFAULT, elf) {
        let regions: Vec<_> = application.regions.iter().collect();
        assert_eq!(regions.len(), 3);
        assert_eq!(merged(chip::DEFAULT, &regions).len(), chip::DEFAULT.flash_bytes());
    }
});
