//! A firmware named with `--image`: any bytes are laid out in the flash, or refused; espflash never panics on what the
//! check before it lets through.
#![no_main]

use esp_https::device::flash::layout::{Application, FLASH_BYTES, merged};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|elf: &[u8]| {
    if let Ok(application) = Application::from_elf(elf) {
        let regions: Vec<_> = application.regions.iter().collect();
        assert_eq!(regions.len(), 3);
        assert_eq!(merged(&regions).len(), FLASH_BYTES);
    }
});
