//! What a chip's ROM and its bootloader print before the firmware does, which is the same for all our chips.

use serde::Serialize;

/// How far a board's start has come, by what it prints; each stage starts the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BootStage {
    /// It is not known: the board ran before we listened, and has said nothing that tells.
    Unknown,
    /// The ROM, which starts the bootloader or talks to a flasher.
    Rom,
    /// ESP-IDF's second-stage bootloader, which starts the firmware.
    Bootloader,
    /// The firmware.
    Firmware,
}

impl BootStage {
    /// The stage that prints such a line, and so has begun; `None` for an empty line, which anybody prints.
    pub(super) fn of(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() {
            None
        } else if ROM_LINES.iter().any(|begin| line.starts_with(begin)) {
            Some(Self::Rom)
        } else if log_tag(line).is_some_and(is_of_bootloader) {
            Some(Self::Bootloader)
        } else {
            Some(Self::Firmware)
        }
    }
}

/// The tag of a line of ESP-IDF's log: `boot` in `I (24) boot: ESP-IDF v5.4 2nd stage bootloader`.
fn log_tag(line: &str) -> Option<&str> {
    let (level, rest) = line.split_once(" (")?;
    let (time, rest) = rest.split_once(") ")?;
    let (tag, _) = rest.split_once(':')?;
    let is_level = matches!(level, "E" | "W" | "I" | "D" | "V");
    (is_level && time.bytes().all(|byte| byte.is_ascii_digit())).then_some(tag)
}

fn is_of_bootloader(tag: &str) -> bool {
    BOOTLOADER_TAGS.contains(&tag) || tag.starts_with("boot.")
}

/// How the lines of the ROM begin: `esp_rom` of ESP-IDF, and the ROM's own output on an ESP32-C3.
const ROM_LINES: [&str; 11] = [
    "ESP-ROM:",
    "Build:",
    "rst:0x",
    "Saved PC:",
    "SPIWP:",
    "mode:",
    "load:0x",
    "entry 0x",
    "waiting for download",
    "invalid header:",
    "ets_main.c",
];
/// The tags of the log in ESP-IDF's `components/bootloader_support`.
const BOOTLOADER_TAGS: [&str; 9] = [
    "boot",
    "boot_comm",
    "bootloader_flash",
    "bootloader_random",
    "esp_image",
    "flash_parts",
    "flash_encrypt",
    "qio_mode",
    "secure_boot",
];

/// The ROM's line about a start: `rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BootLine<'a> {
    /// The number of the reset's cause.
    pub(crate) number: u32,
    /// The ROM's name for that; empty when it gives none.
    pub(crate) cause: &'a str,
    mode: &'a str,
}

impl<'a> BootLine<'a> {
    /// `None` for every other line.
    pub(crate) fn parse(line: &'a str) -> Option<Self> {
        let rest = line.trim_start().strip_prefix("rst:0x")?;
        let (reset, boot) = rest.split_once(",boot:")?;
        let (number, cause) = reset.split_once(' ')?;
        let bare = |text: &'a str| {
            text.split_once('(').map_or("", |(_, name)| name.trim_end().trim_end_matches(')'))
        };
        let number = u32::from_str_radix(number, 16).ok()?;
        Some(Self { number, cause: cause.trim_matches(['(', ')']), mode: bare(boot) })
    }

    /// Whether it started its bootloader's download mode instead of a firmware.
    pub(super) fn is_download(&self) -> bool {
        self.mode.starts_with("DOWNLOAD")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_prints_a_line_is_told_by_its_words() {
        for (line, stage) in [
            ("ESP-ROM:esp32c3-api1-20210207", Some(BootStage::Rom)),
            ("Build:Feb  7 2021", Some(BootStage::Rom)),
            (POWER_ON, Some(BootStage::Rom)),
            ("load:0x3fcd5820,len:0x171c", Some(BootStage::Rom)),
            ("entry 0x403cc710", Some(BootStage::Rom)),
            ("I (24) boot: ESP-IDF v5.4.1 2nd stage bootloader", Some(BootStage::Bootloader)),
            ("I (25) boot.esp32c3: SPI Speed      : 80MHz", Some(BootStage::Bootloader)),
            ("E (61) esp_image: image at 0x10000 has invalid magic byte", Some(BootStage::Bootloader)),
            ("I (312) main: hello", Some(BootStage::Firmware)),
            ("I (312) bootstrap: hello", Some(BootStage::Firmware)),
            ("X (24) boot: no level", Some(BootStage::Firmware)),
            ("ESP-HTTPS STAT {}", Some(BootStage::Firmware)),
            ("", None),
            ("  ", None),
        ] {
            assert_eq!(BootStage::of(line), stage, "{line}");
        }
    }

    const POWER_ON: &str = "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)";

    #[test]
    fn every_truncation_of_the_rom_s_line_is_no_start() {
        for length in 0..POWER_ON.find(",boot:").unwrap() + ",boot:".len() {
            assert_eq!(BootLine::parse(&POWER_ON[..length]), None, "{length}");
        }
        let boot = BootLine { number: 1, cause: "POWERON", mode: "SPI_FAST_FLASH_BOOT" };
        assert_eq!(BootLine::parse(POWER_ON), Some(boot));
    }
}
