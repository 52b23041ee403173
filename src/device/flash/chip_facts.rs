//! What the chip at a port says of itself, and whether it may be flashed.

use std::fmt;

use espflash::{
    command::{Command, CommandResponseValue, CommandType},
    connection::Connection,
    flasher::DeviceInfo,
};
use serde::{Serialize, Serializer};

use crate::device::{chip::Chip, mac::Mac};

/// What the bootloader says of the chip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChipFacts {
    /// Which chip it is.
    #[serde(skip)]
    pub chip: &'static Chip,
    /// The MAC address burned into it.
    pub mac: Mac,
    /// Its revision, e.g. `0.4`.
    pub revision: Option<Revision>,
    /// Its flash, in bytes.
    pub flash_size: u32,
}

/// A chip's revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision {
    /// The part before the dot.
    pub major: u32,
    /// The part behind it.
    pub minor: u32,
}

impl Revision {
    /// As image headers have it: major times 100, plus minor (ESP-IDF Programming Guide, "App Image Format").
    #[must_use]
    pub fn from_full(full: u16) -> Self {
        Self { major: u32::from(full) / 100, minor: u32::from(full) % 100 }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Serialize for Revision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a chip must not be flashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unflashable {
    /// It starts signed firmware only; this one is not.
    #[error("secure boot is on: it starts signed firmware only")]
    SecureBoot,
    /// It decrypts what it reads from its flash, and we write plain bytes.
    #[error("flash encryption is on: firmware written as it is would be read as garbage")]
    FlashEncryption,
    /// Its bootloader answers only a few commands, which are not enough.
    #[error("secure download mode is on: its flash can't be read or checked")]
    SecureDownload,
    /// It does not say whether secure boot or flash encryption is on.
    #[error("it does not say whether secure boot or flash encryption is on")]
    Unsaid,
    /// It is older than the bootloader supports.
    #[error("its revision {found} is older than {needed}, the first that the bootloader supports")]
    OldRevision {
        /// Its revision.
        found: Revision,
        /// What the bootloader's header asks for.
        needed: Revision,
    },
    /// Its flash is too small for the partition table.
    #[error("its flash has {size} bytes, and {needed} are needed")]
    SmallFlash {
        /// Its size in bytes.
        size: u32,
        /// What the partition table takes, in bytes.
        needed: u32,
    },
}

impl ChipFacts {
    /// From what espflash read; `None` without a MAC address, which only secure download mode hides.
    pub(super) fn new(chip: &'static Chip, info: &DeviceInfo) -> Option<Self> {
        let mac = info.mac_address.as_deref()?.parse().ok()?;
        let revision = info.revision.map(|(major, minor)| Revision { major, minor });
        Some(Self { chip, mac, revision, flash_size: info.flash_size.size() })
    }

    /// Whether it may be flashed, given what it says of its security.
    ///
    /// # Errors
    /// It would be unusable afterwards, or the firmware does not fit.
    pub fn check(&self, security: Option<Security>) -> Result<(), Unflashable> {
        security.ok_or(Unflashable::Unsaid)?.check()?;
        let (size, needed) = (self.flash_size, self.chip.flash.size.size());
        if size < needed {
            return Err(Unflashable::SmallFlash { size, needed });
        }
        Ok(())
    }
}

/// What a chip says of itself and its security (GET_SECURITY_INFO, esptool documentation, "Serial Protocol").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Security {
    /// Which chip it is; [`Chip::security_info_id`] is the one that we look for.
    pub chip_id: u32,
    flags: u32,
    encryptions: u8,
}

impl Security {
    /// Asks, and a second time if no answer comes. `None` if none comes then.
    pub(super) fn ask(connection: &mut Connection) -> Option<Self> {
        let timeout = CommandType::GetSecurityInfo.timeout();
        let mut ask = || {
            connection.with_timeout(timeout, |connection| connection.command(Command::GetSecurityInfo)).ok()
        };
        match ask().or_else(ask)? {
            CommandResponseValue::Vector(answer) => Self::parse(&answer),
            _ => None,
        }
    }

    /// Flags, the count of encryptions, seven key purposes, the chip's id and its revision, little endian. Two or four
    /// bytes of status follow: it depends on the ROM or stub that answers.
    fn parse(answer: &[u8]) -> Option<Self> {
        let word = |at: usize| answer.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
        word(REVISION_AT)?;
        Some(Self { flags: word(0)?, encryptions: *answer.get(ENCRYPTIONS_AT)?, chip_id: word(CHIP_AT)? })
    }

    fn check(self) -> Result<(), Unflashable> {
        if self.flags & SECURE_BOOT_EN != 0 {
            return Err(Unflashable::SecureBoot);
        }
        // Each burned bit of SPI_BOOT_CRYPT_CNT switches flash encryption on or off.
        if self.encryptions.count_ones() % 2 == 1 {
            return Err(Unflashable::FlashEncryption);
        }
        Ok(())
    }
}

const ENCRYPTIONS_AT: usize = 4;
const CHIP_AT: usize = 12;
const REVISION_AT: usize = 16;
/// Bit 0 of the flags.
const SECURE_BOOT_EN: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::chip;

    fn facts(flash_size: u32) -> ChipFacts {
        let mac = "24:0a:c4:1f:67:7d".parse().unwrap();
        ChipFacts { chip: chip::DEFAULT, mac, revision: None, flash_size }
    }

    #[test]
    fn an_open_chip_with_enough_flash_may_be_flashed() {
        let open = Security { chip_id: 5, flags: 0, encryptions: 0 };
        assert_eq!(facts(4 << 20).check(Some(open)), Ok(()));
        assert_eq!(facts(16 << 20).check(Some(open)), Ok(()));
        assert_eq!(facts(16 << 20).check(None), Err(Unflashable::Unsaid));
        assert_eq!(
            facts(2 << 20).check(Some(open)),
            Err(Unflashable::SmallFlash { size: 2 << 20, needed: 4 << 20 })
        );
    }

    #[test]
    fn a_locked_chip_is_left_alone() {
        let check =
            |flags, encryptions| facts(4 << 20).check(Some(Security { chip_id: 5, flags, encryptions }));
        assert_eq!(check(1, 0), Err(Unflashable::SecureBoot));
        assert_eq!(check(0, 0b001), Err(Unflashable::FlashEncryption));
        assert_eq!(check(0, 0b011), Ok(()), "switched off again");
        assert_eq!(check(0, 0b111), Err(Unflashable::FlashEncryption));
    }

    #[test]
    fn the_answer_is_read_whole_or_not_at_all_whatever_status_follows() {
        let mut answer = [0; 24];
        (answer[0], answer[4], answer[12]) = (1, 7, 5);
        let whole = Security { chip_id: 5, flags: 1, encryptions: 7 };
        for length in 20..=answer.len() {
            assert_eq!(Security::parse(&answer[..length]), Some(whole), "{length}");
        }
        for length in 0..20 {
            assert_eq!(Security::parse(&answer[..length]), None, "{length}");
        }
    }

    #[test]
    fn revisions_are_ordered_and_written_as_on_the_box() {
        let revision = Revision::from_full;
        assert_eq!(
            (revision(3).to_string(), revision(101).to_string()),
            ("0.3".to_owned(), "1.1".to_owned())
        );
        assert!(revision(4) > revision(3) && revision(100) > revision(99));
    }
}
