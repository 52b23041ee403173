//! The chips that the firmware runs on, one row each. Nothing else in `src/` knows what is peculiar to one of them.
//!
//! A second chip takes a row here and a board crate in `firmware/boards/`; `CONTRIBUTING.md` has the steps.

use std::ops::RangeInclusive;

use espflash::{
    flasher::FlashSize,
    target::{Chip as EspflashChip, XtalFrequency},
};

use crate::cert::{
    KeyType,
    facts::{KeyAlgorithm, PublicKeyInfo},
};
use crate::tls::Curve;

/// All that the host needs to know of a chip.
#[derive(Debug, PartialEq, Eq)]
pub struct Chip {
    /// What people call it.
    pub name: &'static str,
    /// What tools call it. The folder of its board crate in `firmware/boards/` has this name.
    pub id: &'static str,
    /// The Rust target that its firmware is compiled for.
    pub target_triple: &'static str,
    /// The same chip in espflash, which brings its bootloader, its stub and the registers of its flash controller.
    pub espflash: EspflashChip,
    /// The crystal of the boards.
    pub crystal: XtalFrequency,
    /// What it answers to `GET_SECURITY_INFO` (esptool documentation, "Serial Protocol").
    pub security_info_id: u32,
    /// The first revision that the firmware itself asks for, in the notation of image headers: 100 times the major part
    /// plus the minor one. The bootloader may ask for a later one.
    pub minimum_revision: u16,
    /// The addresses that a firmware may fill.
    pub memory: MemoryMap,
    /// What is where in the flash of its boards.
    pub flash: FlashMap,
    /// What its ROM prints.
    pub rom: RomMessages,
    /// Its own USB serial port; `None` for a chip that has none.
    pub usb: Option<UsbId>,
    /// Its RSA accelerator computes with operands of up to so many bits; 0 when it has none.
    pub rsa_accelerated_bits: usize,
    /// The curves that it accelerates.
    pub accelerated_curves: &'static [Curve],
}

/// The addresses that a firmware may fill, first and last of each range.
#[derive(Debug, PartialEq, Eq)]
pub struct MemoryMap {
    /// Flash, as the processor reads data from it.
    pub flash_data: RangeInclusive<u64>,
    /// Flash, as the processor fetches instructions from it.
    pub flash_instructions: RangeInclusive<u64>,
    /// Memory inside the chip.
    pub internal: &'static [RangeInclusive<u64>],
    /// Flash is mapped in pages of at most this size, as a logarithm to the base of two.
    pub largest_page_log2: u8,
}

/// What is where in the flash of a chip's boards. The bootloader's place is known to espflash.
#[derive(Debug, PartialEq, Eq)]
pub struct FlashMap {
    /// The smallest flash that holds the firmware.
    pub size: FlashSize,
    /// Where the partition table is, in bytes.
    pub table_offset: u32,
    /// The partition table, as ESP-IDF's CSV.
    pub partitions: &'static str,
    /// The tables that boards got from earlier versions, all with the provisioning partition at the same place.
    pub earlier_partitions: &'static [&'static str],
    /// The partition that `flash` writes the firmware to.
    pub application: &'static str,
}

/// What a chip's ROM prints on the serial port.
#[derive(Debug, PartialEq, Eq)]
pub struct RomMessages {
    /// How its first line begins.
    pub banner: &'static str,
    /// Its line when it waits for a flasher.
    pub waiting_for_download: &'static str,
    /// The causes of a reset that mean something to us; the others are the firmware's doing.
    pub reset_causes: &'static [ResetCause],
}

/// A cause of a reset, as in `rst:0x1 (POWERON)`.
#[derive(Debug, PartialEq, Eq)]
pub struct ResetCause {
    /// Its number in that line.
    pub number: u32,
    /// A word of its name in that line.
    pub name: &'static str,
    /// What brought it about.
    pub origin: ResetOrigin,
}

/// What brought a reset about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetOrigin {
    /// The supply was switched on, or the reset line was pulled, as a flasher and the RESET button do.
    PowerOn,
    /// The host asked for it over the chip's own USB.
    Usb,
    /// The supply's voltage fell too low.
    Brownout,
}

/// A USB device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsbId {
    /// Vendor id, from the USB-IF.
    pub vendor: u16,
    /// Product id, from the vendor.
    pub product: u16,
}

/// What does the private-key arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySupport {
    /// A peripheral of the chip.
    Accelerated,
    /// The processor, which is slow.
    Software,
}

impl Chip {
    /// The size of its flash in bytes.
    #[must_use]
    pub fn flash_bytes(&self) -> usize {
        usize::try_from(self.flash.size.size()).unwrap_or(usize::MAX)
    }

    /// What brought the reset with this number about, if it is not the firmware's doing.
    #[must_use]
    pub fn reset_origin(&self, number: u32) -> Option<ResetOrigin> {
        self.rom.reset_causes.iter().find(|cause| cause.number == number).map(|cause| cause.origin)
    }

    /// How a key of this type is computed with.
    #[must_use]
    pub fn key_support(&self, key_type: KeyType) -> KeySupport {
        match key_type {
            KeyType::Rsa2048 => self.rsa_support(2048),
            KeyType::Rsa3072 => self.rsa_support(3072),
            KeyType::Rsa4096 => self.rsa_support(4096),
            KeyType::P256 => self.curve_support(Curve::P256.name),
            KeyType::P384 => self.curve_support(Curve::P384.name),
        }
    }

    /// How the key of a certificate is computed with.
    #[must_use]
    pub fn public_key_support(&self, key: &PublicKeyInfo) -> KeySupport {
        match (&key.curve, key.bits) {
            (Some(curve), _) => self.curve_support(curve),
            (None, Some(bits)) if key.algorithm == KeyAlgorithm::Rsa => self.rsa_support(bits),
            _ => KeySupport::Software,
        }
    }

    /// For a person: that handshakes with a key, which is called `key`, are slow.
    #[must_use]
    pub fn software_key_note(&self, key: &str) -> String {
        let (name, bits) = (self.name, self.rsa_accelerated_bits);
        format!(
            "an {name} computes {key} in software, so handshakes are slow; it accelerates RSA up to {bits} bits"
        )
    }

    fn rsa_support(&self, bits: usize) -> KeySupport {
        if bits <= self.rsa_accelerated_bits { KeySupport::Accelerated } else { KeySupport::Software }
    }

    fn curve_support(&self, name: &str) -> KeySupport {
        let is_accelerated = self.accelerated_curves.iter().any(|curve| curve.name == name);
        if is_accelerated { KeySupport::Accelerated } else { KeySupport::Software }
    }
}

impl MemoryMap {
    /// Whether an address is one of the flash.
    #[must_use]
    pub fn is_flash(&self, address: u64) -> bool {
        self.flash_data.contains(&address) || self.flash_instructions.contains(&address)
    }

    /// Whether all of a firmware's part, from `start` to before `end`, is in one range.
    #[must_use]
    pub fn holds(&self, start: u64, end: u64) -> bool {
        let ranges = [&self.flash_data, &self.flash_instructions];
        ranges.into_iter().chain(self.internal).any(|range| range.contains(&start) && end <= *range.end())
    }
}

/// The chip whose ROM prints this line first after a reset.
#[must_use]
pub fn by_banner(line: &str) -> Option<&'static Chip> {
    CHIPS.into_iter().find(|chip| line.starts_with(chip.rom.banner))
}

/// The chip whose memory and flash hold all of these parts of a program: where each starts, and its size in bytes.
#[must_use]
pub fn holding(parts: &[(u64, u64)]) -> Option<&'static Chip> {
    let holds = |chip: &&Chip| parts.iter().all(|(start, size)| chip.memory.holds(*start, start + size));
    CHIPS.into_iter().find(holds)
}

/// What brought a reset about, by what the ROM of any chip calls its cause.
#[must_use]
pub fn reset_origin_by_name(name: &str) -> Option<ResetOrigin> {
    let mut causes = CHIPS.into_iter().flat_map(|chip| chip.rom.reset_causes);
    causes.find(|cause| name.contains(cause.name)).map(|cause| cause.origin)
}

/// Whether a USB device is a chip's own serial port, without a bridge between.
#[must_use]
pub fn is_own_usb(device: UsbId) -> bool {
    CHIPS.into_iter().any(|chip| chip.usb == Some(device))
}

/// The chip that commands are for, and whose instruction set the emulated board has.
pub static DEFAULT: &Chip = &ESP32_C3;

/// Espressif's USB vendor id.
pub const ESPRESSIF_USB_VENDOR: u16 = 0x303a;

/// All chips.
static CHIPS: [&Chip; 1] = [&ESP32_C3];

/// Sections and tables without a title are those of the ESP32-C3 Technical Reference Manual.
static ESP32_C3: Chip = Chip {
    name: "ESP32-C3",
    id: "esp32c3",
    target_triple: "riscv32imc-unknown-none-elf",
    espflash: EspflashChip::Esp32c3,
    crystal: XtalFrequency::_40Mhz,
    security_info_id: 5,
    minimum_revision: 0,
    // "Memory Organization".
    memory: MemoryMap {
        flash_data: 0x3C00_0000..=0x3C7F_FFFF,
        flash_instructions: 0x4200_0000..=0x427F_FFFF,
        internal: &[
            // As data, as instructions, and RTC memory.
            0x3FC8_0000..=0x3FCD_FFFF,
            0x4037_C000..=0x403D_FFFF,
            0x5000_0000..=0x5000_1FFF,
        ],
        largest_page_log2: 16,
    },
    flash: FlashMap {
        size: FlashSize::_4Mb,
        // ESP-IDF's default, which the bundled bootloader is built for.
        table_offset: 0x8000,
        partitions: include_str!("../../firmware/partitions.csv"),
        earlier_partitions: &[include_str!("flash/earlier_tables/one_firmware.csv")],
        application: "ota_0",
    },
    rom: RomMessages {
        banner: "ESP-ROM:esp32c3",
        waiting_for_download: "waiting for download",
        // Table "Reset Sources", and ESP-IDF's `soc/reset_reasons.h`.
        reset_causes: &[
            ResetCause { number: 0x01, name: "POWERON", origin: ResetOrigin::PowerOn },
            ResetCause { number: 0x0f, name: "BROWNOUT", origin: ResetOrigin::Brownout },
            ResetCause { number: 0x15, name: "USB_UART_CHIP_RESET", origin: ResetOrigin::Usb },
        ],
    },
    // "USB Serial/JTAG Controller".
    usb: Some(UsbId { vendor: ESPRESSIF_USB_VENDOR, product: 0x1001 }),
    // "RSA Accelerator". Curves are left to the processor.
    rsa_accelerated_bits: 3072,
    accelerated_curves: &[],
};

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use super::*;

    #[test]
    fn a_key_is_accelerated_up_to_the_size_that_the_chip_takes() {
        let support = |key_type| DEFAULT.key_support(key_type);
        for key_type in [KeyType::Rsa2048, KeyType::Rsa3072] {
            assert_eq!(support(key_type), KeySupport::Accelerated, "{key_type}");
        }
        for key_type in [KeyType::Rsa4096, KeyType::P256, KeyType::P384] {
            assert_eq!(support(key_type), KeySupport::Software, "{key_type}");
        }
        let key = |algorithm, bits, curve: Option<&str>| PublicKeyInfo {
            algorithm,
            bits,
            curve: curve.map(str::to_owned),
        };
        let support = |key| DEFAULT.public_key_support(&key);
        assert_eq!(support(key(KeyAlgorithm::Rsa, Some(3072), None)), KeySupport::Accelerated);
        assert_eq!(support(key(KeyAlgorithm::Rsa, Some(3073), None)), KeySupport::Software);
        assert_eq!(support(key(KeyAlgorithm::Rsa, None, None)), KeySupport::Software);
        assert_eq!(support(key(KeyAlgorithm::Ec, Some(256), Some("secp256r1"))), KeySupport::Software);
        assert_eq!(support(key(KeyAlgorithm::Ed25519, Some(256), None)), KeySupport::Software);
    }

    #[test]
    fn espflash_knows_each_chip_by_the_same_names_and_numbers() {
        for chip in CHIPS {
            assert_eq!(chip.espflash.to_string(), chip.id);
            let id = u16::try_from(chip.security_info_id).unwrap();
            assert_eq!(EspflashChip::try_from(id).unwrap(), chip.espflash);
        }
    }

    #[test]
    fn each_chip_has_its_board_crate() {
        let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware/boards");
        for chip in CHIPS {
            let manifest = fs::read_to_string(boards.join(chip.id).join("Cargo.toml")).unwrap();
            assert!(manifest.contains(&format!("name = \"esp-https-{}\"", chip.id)), "{manifest}");
        }
    }

    #[test]
    fn a_part_of_a_firmware_lies_in_one_range_of_the_memory() {
        let memory = &DEFAULT.memory;
        for range in [&memory.flash_data, &memory.flash_instructions].into_iter().chain(memory.internal) {
            assert!(memory.holds(*range.start(), *range.end()), "{range:x?}");
            assert!(!memory.holds(*range.start(), *range.end() + 1), "{range:x?}");
            assert!(!memory.holds(*range.start() - 1, *range.end()), "{range:x?}");
        }
        assert!(
            memory.is_flash(0x3C00_0020) && memory.is_flash(0x4200_0020) && !memory.is_flash(0x4037_C000)
        );
    }

    #[test]
    fn a_line_of_the_rom_names_the_chip_and_the_cause_of_a_reset() {
        assert_eq!(by_banner("ESP-ROM:esp32c3-api1-20210207"), Some(DEFAULT));
        assert_eq!(by_banner("ESP-ROM:esp32s3-20210327"), None);
        assert_eq!(DEFAULT.reset_origin(0x15), Some(ResetOrigin::Usb));
        assert_eq!(DEFAULT.reset_origin(0x03), None, "the firmware's own restart");
        assert_eq!(reset_origin_by_name("BROWNOUT_RST"), Some(ResetOrigin::Brownout));
        assert_eq!(reset_origin_by_name("RTC_SW_SYS_RST"), None);
    }

    /// What only this file may say in code. Texts for people in other files take the name from the row.
    const PECULIAR: [&str; 4] = ["esp32c3", "esp32-c3", "esp32_c3", "riscv32imc"];

    #[test]
    fn nothing_else_names_a_chip_or_its_target() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = vec![root.join("build.rs")];
        collect(&root.join("src"), &mut files);
        assert!(files.len() > 100, "{} files are not all of the sources", files.len());
        let mut seen = Vec::new();
        for file in files {
            let name = file.strip_prefix(root).unwrap().display().to_string();
            if name.ends_with("/tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            let named: Vec<_> = code(&text).filter(|line| names_a_chip(line)).map(str::to_owned).collect();
            if name.ends_with("/tests.rs") {
                continue;
            }
            match EXCEPTIONS.iter().find(|(exception, _)| name.starts_with(exception)) {
                Some(exception) if !named.is_empty() => seen.push(exception),
                _ => assert!(named.is_empty(), "{name}: {named:?}"),
            }
        }
        for exception in &EXCEPTIONS {
            assert!(seen.contains(&exception), "{exception:?} needs to be none any more");
        }
    }

    #[test]
    fn the_search_sees_code_and_leaves_comments_and_tests_out() {
        let text = "//! For the ESP32-C3.\nlet chip = Chip::Esp32c3; // not /* here */\nlet url = \"https://esp32c3\";\n\
            #[cfg(test)]\nmod tests { fn esp32c3() {} }\n";
        let lines: Vec<_> = code(text).filter(|line| names_a_chip(line)).collect();
        assert_eq!(lines, ["let chip = Chip::Esp32c3;", "let url = \"https://esp32c3\";"]);
    }

    fn names_a_chip(line: &str) -> bool {
        let line = line.to_ascii_lowercase();
        PECULIAR.iter().any(|name| line.contains(name))
    }

    /// The lines of a source file without comments, up to its tests, which are last.
    fn code(text: &str) -> impl Iterator<Item = &str> {
        let before_tests = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        before_tests.lines().map(|line| match line.trim_start() {
            trimmed if trimmed.starts_with("//") => "",
            _ => line.split(" // ").next().unwrap_or_default(),
        })
    }

    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }

    /// Files that may name the chip, and why.
    const EXCEPTIONS: [(&str, &str); 4] = [
        ("src/device/chip.rs", "this table"),
        ("src/cli.rs", "the text of --help, which clap takes from comments and constants"),
        ("src/error/code/", "texts for a person, of docs/errors.md"),
        ("src/probe/audit/finding.rs", "advice for a person; probe does not import device"),
    ];
}
