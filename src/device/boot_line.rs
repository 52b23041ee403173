//! The line that the ROM of all our chips prints about a start.

/// The ROM's line about a start: `rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BootLine<'a> {
    /// The number of the reset's cause.
    pub(super) number: u32,
    /// The ROM's name for that; empty when it gives none.
    pub(super) cause: &'a str,
    mode: &'a str,
}

impl<'a> BootLine<'a> {
    /// `None` for every other line.
    pub(super) fn parse(line: &'a str) -> Option<Self> {
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
