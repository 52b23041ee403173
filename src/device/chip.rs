//! The chips that the firmware runs on, one row each. Nothing else in `src/` knows what is peculiar to one of them.
//!
//! A second chip takes a row here and a board crate in `firmware/boards/`; `CONTRIBUTING.md` has the steps.

use std::ops::RangeInclusive;

use espflash::{
    flasher::FlashSize,
    target::{Chip as EspflashChip, XtalFrequency},
};

use crate::{
    cert::{
        KeyType,
        facts::{KeyAlgorithm, PublicKeyInfo},
    },
    tls::Curve,
};

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
    /// The largest RSA key whose private operation its accelerator does as it is; 0 when there is none.
    pub rsa_accelerated_bits: usize,
    /// What a handshake costs with each type of key. The first is the one that the book makes.
    pub handshake_costs: &'static [HandshakeCost],
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

/// What a full handshake of this firmware costs with a type of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandshakeCost {
    /// The server's key.
    pub key: KeyType,
    /// The processor's time in milliseconds, as it was measured. The time of an accelerator is not in it.
    pub cpu_ms: u32,
    /// What an accelerator does of it.
    pub acceleration: Acceleration,
}

/// How a private operation reaches the chip's accelerator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceleration {
    /// It does not: the processor does it.
    None,
    /// As it is.
    Whole,
    /// In pieces, since the firmware takes it apart. The processor's time was measured before it did.
    Pieces {
        /// How long the accelerator takes for them in milliseconds: computed, not measured.
        computed_ms: u32,
    },
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

    /// For a person: that handshakes with a key of this type are slow, if they are.
    #[must_use]
    pub fn slow_key_note(&self, key: KeyType) -> Option<String> {
        let reference = self.handshake_costs.first()?;
        let cost = self.handshake_costs.iter().find(|cost| cost.key == key)?;
        let times = f64::from(cost.cpu_ms) / f64::from(reference.cpu_ms);
        let (name, seconds) = (self.name, f64::from(cost.cpu_ms) / 1000.0);
        let comparison = format!("{times:.0} times as long as with {}", reference.key);
        (times >= SLOW).then(|| match cost.acceleration {
            Acceleration::None | Acceleration::Whole => {
                format!("an {name} takes about {seconds:.1} s of processor time for a handshake with {key}, {comparison}")
            }
            Acceleration::Pieces { computed_ms } => format!(
                "an {name} took about {seconds:.1} s of processor time for a handshake with {key}, {comparison}; since then the \
                 firmware gives the key to the accelerator in pieces, for which {:.2} s are computed, and none measured",
                f64::from(computed_ms) / 1000.0
            ),
        })
    }

    /// The same for the key of a certificate. An RSA key of a size between two types is like the larger one.
    #[must_use]
    pub fn slow_public_key_note(&self, key: &PublicKeyInfo) -> Option<String> {
        self.slow_key_note(key_type(key)?)
    }
}

fn key_type(key: &PublicKeyInfo) -> Option<KeyType> {
    match (key.curve.as_deref(), key.bits?) {
        (Some(curve), _) if curve == Curve::P256.name => Some(KeyType::P256),
        (Some(curve), _) if curve == Curve::P384.name => Some(KeyType::P384),
        (None, bits) if key.algorithm == KeyAlgorithm::Rsa => Some(match bits {
            ..=2048 => KeyType::Rsa2048,
            2049..=3072 => KeyType::Rsa3072,
            _ => KeyType::Rsa4096,
        }),
        _ => None,
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
        ranges
            .into_iter()
            .chain(self.internal)
            .any(|range| range.contains(&start) && end.saturating_sub(1) <= *range.end())
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
    // The accelerator itself takes 3072 bits ("RSA Accelerator"), and mbedtls-rs passes operations of 1024 and 2048 bits to it. The
    // operands of larger keys are longer or have other lengths by themselves. Curves are left to the processor.
    rsa_accelerated_bits: 2048,
    // Measured with this firmware on a model of the chip, before it took long RSA keys apart (`firmware/tls-limits/src/operands.rs`).
    // What is computed follows from the 210 ms that ESP-IDF allows for RSA-2048 ("docs/certificates.md" has the arithmetic).
    handshake_costs: &[
        HandshakeCost { key: KeyType::Rsa2048, cpu_ms: 268, acceleration: Acceleration::Whole },
        HandshakeCost { key: KeyType::P256, cpu_ms: 293, acceleration: Acceleration::None },
        HandshakeCost { key: KeyType::P384, cpu_ms: 345, acceleration: Acceleration::None },
        HandshakeCost {
            key: KeyType::Rsa3072,
            cpu_ms: 2747,
            acceleration: Acceleration::Pieces { computed_ms: 300 },
        },
        HandshakeCost {
            key: KeyType::Rsa4096,
            cpu_ms: 5669,
            acceleration: Acceleration::Pieces { computed_ms: 420 },
        },
    ],
};

/// A handshake that takes so many times as long as with the book's key gets a note.
const SLOW: f64 = 2.0;

#[cfg(test)]
mod tests;
