//! What a file given as a firmware is, before anything is done with it. QEMU loads any bytes, and then the board is silent
//! for ever; a board that was flashed with the wrong program is silent as well.

use object::{
    LittleEndian,
    elf::{ET_CORE, ET_DYN, ET_EXEC, ET_REL, FileHeader32, FileType, PT_LOAD},
    read::elf::{FileHeader as _, ProgramHeader as _, SectionHeader as _},
};

use super::{chip, firmware::FirmwareBoard, machine};

/// Why a file is not a firmware for a board.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It begins as an image of a flash does (ESP-IDF, "App Image Format").
    #[error("it is an image of a board's flash, not the ELF file that such an image is made of")]
    FlashImage,
    /// It does not begin as an ELF file does.
    #[error("it is not an ELF file")]
    NotElf,
    /// It is for another processor.
    #[error("it is an ELF file for {processor}, not for 32-bit RISC-V")]
    OtherProcessor {
        /// The processor's name, or its number.
        processor: String,
    },
    /// It is for a processor of 64 bits.
    #[error("it is an ELF file for 64-bit RISC-V, not for 32-bit RISC-V")]
    SixtyFourBits,
    /// Its numbers have the high byte first.
    #[error("it is a big-endian ELF file; the board's processor is little-endian")]
    BigEndian,
    /// It is not a program that can be loaded as it is.
    #[error("it is {what}, not a linked program")]
    NotAProgram {
        /// What it is instead.
        what: &'static str,
    },
    /// A part of it is not in the file.
    #[error("it is an ELF file that is damaged or ends too early ({size} bytes: {what})")]
    Incomplete {
        /// The size of the file in bytes.
        size: usize,
        /// What the parser says.
        what: String,
    },
    /// It does not say where the program starts.
    #[error("it is an ELF file without an entry point, so it is not a whole program")]
    NoEntry,
    /// Nothing in it is loaded into memory.
    #[error("it is an ELF file that holds no code")]
    NoCode,
    /// It is for a chip that `flash` writes.
    #[error("it is an ELF file for the {chip}'s flash")]
    ForChip {
        /// The chip's name.
        chip: &'static str,
    },
    /// It is for the emulated board.
    #[error("it is an ELF file for the emulated board (QEMU's virt machine)")]
    ForEmulatedBoard,
    /// A part of it is for an address at which the emulated board has no memory for a firmware.
    #[error(
        "a part of it is for address {address:#010x}, where the emulated board has no memory for a firmware"
    )]
    Address {
        /// Where the part starts.
        address: u64,
    },
    /// The emulated board starts at an address that the file does not fill.
    #[error("it has no code at {:#010x}, where the emulated board starts", machine::FIRMWARE_MEMORY.start)]
    NoStart,
    /// It never prints the words that a board reports with.
    #[error("it is not an esp-https firmware: it never prints ESP-HTTPS READY")]
    NeverReady,
}

/// Checks that a file is a firmware for a board, as far as that can be told without running it.
///
/// # Errors
/// [`ImageError`] says what it is instead.
pub fn check(board: FirmwareBoard, file: &[u8]) -> Result<(), ImageError> {
    check_identity(file)?;
    let (entry, parts) = read(file).map_err(|what| ImageError::Incomplete { size: file.len(), what })?;
    if entry == 0 {
        return Err(ImageError::NoEntry);
    }
    if parts.is_empty() {
        return Err(ImageError::NoCode);
    }
    match board {
        FirmwareBoard::QemuVirt => check_for_emulated_board(&parts),
        FirmwareBoard::Chip(_) if parts.iter().all(Part::is_in_emulated_memory) => {
            Err(ImageError::ForEmulatedBoard)
        }
        FirmwareBoard::Chip(_) => Ok(()),
    }
}

/// What the first bytes of an ELF file tell: System V ABI, "ELF Header".
fn check_identity(file: &[u8]) -> Result<(), ImageError> {
    let truncated =
        || ImageError::Incomplete { size: file.len(), what: "its header is not whole".to_owned() };
    match file {
        [] => return Err(ImageError::Empty),
        [FLASH_IMAGE_MAGIC, ..] => return Err(ImageError::FlashImage),
        _ if !file.iter().zip(MAGIC).all(|(byte, wanted)| *byte == wanted) => return Err(ImageError::NotElf),
        _ => {}
    }
    let &[class, order] = file.get(4..6).and_then(|bytes| bytes.as_array()).ok_or_else(truncated)?;
    let number = |at: usize| -> Result<u16, ImageError> {
        let bytes = *file.get(at..at + 2).and_then(|bytes| bytes.as_array()).ok_or_else(truncated)?;
        Ok(if order == BIG_ENDIAN { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let (file_type, machine) = (number(16)?, number(18)?);
    match (machine, class, order) {
        (RISC_V, CLASS_32, LITTLE_ENDIAN) => check_type(FileType(file_type)),
        (RISC_V, CLASS_64, _) => Err(ImageError::SixtyFourBits),
        (RISC_V, CLASS_32, BIG_ENDIAN) => Err(ImageError::BigEndian),
        (RISC_V, ..) => {
            let what = "its header contradicts itself".to_owned();
            Err(ImageError::Incomplete { size: file.len(), what })
        }
        _ => Err(ImageError::OtherProcessor { processor: processor(machine) }),
    }
}

fn check_type(file_type: FileType) -> Result<(), ImageError> {
    let what = match file_type {
        ET_EXEC => return Ok(()),
        ET_REL => "an object file",
        ET_DYN => "a shared library, or a program for an operating system",
        ET_CORE => "a memory dump",
        _ => "an ELF file of an unknown type",
    };
    Err(ImageError::NotAProgram { what })
}

fn processor(machine: u16) -> String {
    let known = PROCESSORS.iter().find(|(number, _)| *number == machine);
    known.map_or_else(|| format!("processor number {machine}"), |(_, name)| (*name).to_owned())
}

/// A part of a program that is loaded into memory.
struct Part<'a> {
    start: u64,
    bytes: &'a [u8],
    memory_size: u64,
}

/// The entry point and the loaded parts. Everything that the file refers to must be in it, or it was cut short.
fn read(file: &[u8]) -> Result<(u32, Vec<Part<'_>>), String> {
    let said = |error: object::Error| error.to_string();
    let endian = LittleEndian;
    let header = FileHeader32::<LittleEndian>::parse(file).map_err(said)?;
    for section in header.sections(endian, file).map_err(said)?.iter() {
        section.data(endian, file).map_err(said)?;
    }
    let mut parts = Vec::new();
    for segment in header.program_headers(endian, file).map_err(said)? {
        let bytes = match segment.p_filesz(endian) {
            0 => &[],
            _ => segment.data(endian, file).map_err(|()| "a segment is not all in it".to_owned())?,
        };
        if segment.p_type(endian) == PT_LOAD && segment.p_memsz(endian) > 0 {
            let (start, memory_size) = (segment.p_paddr(endian).into(), segment.p_memsz(endian).into());
            parts.push(Part { start, bytes, memory_size });
        }
    }
    Ok((header.e_entry(endian), parts))
}

fn check_for_emulated_board(parts: &[Part<'_>]) -> Result<(), ImageError> {
    let places: Vec<_> = parts.iter().map(|part| (part.start, part.bytes.len() as u64)).collect();
    if let Some(chip) = chip::holding(&places) {
        return Err(ImageError::ForChip { chip: chip.name });
    }
    if let Some(part) = parts.iter().find(|part| !part.is_in_emulated_memory()) {
        return Err(ImageError::Address { address: part.start });
    }
    let starts = |part: &Part<'_>| part.start == machine::FIRMWARE_MEMORY.start && !part.bytes.is_empty();
    if !parts.iter().any(starts) {
        return Err(ImageError::NoStart);
    }
    let reports = |part: &Part<'_>| part.bytes.windows(READY.len()).any(|window| window == READY);
    if parts.iter().any(reports) { Ok(()) } else { Err(ImageError::NeverReady) }
}

impl Part<'_> {
    fn is_in_emulated_memory(&self) -> bool {
        let memory = machine::FIRMWARE_MEMORY;
        memory.contains(&self.start) && self.start + self.memory_size <= memory.end
    }
}

/// How an ELF file begins.
pub const MAGIC: [u8; 4] = *b"\x7fELF";
/// ESP-IDF, "App Image Format": the first byte of a bootloader and of an application.
const FLASH_IMAGE_MAGIC: u8 = 0xE9;
const CLASS_32: u8 = 1;
const CLASS_64: u8 = 2;
const LITTLE_ENDIAN: u8 = 1;
const BIG_ENDIAN: u8 = 2;
const RISC_V: u16 = 243;
/// What people are likely to have: other chips of Espressif's, and the computer's own programs.
const PROCESSORS: [(u16, &str); 5] = [
    (3, "x86"),
    (40, "32-bit ARM"),
    (62, "x86-64"),
    (94, "Xtensa (an ESP32, ESP32-S2 or ESP32-S3)"),
    (183, "64-bit ARM"),
];
/// How the line begins without which no board is taken for ready; see [`super::ready`].
const READY: &[u8] = b"ESP-HTTPS READY ";

#[cfg(test)]
mod tests {
    use super::*;

    /// Programs of 16 instructions; `fuzz/README.md` says what made them.
    const EMULATED: &[u8] = include_bytes!("../../fuzz/seeds/firmware_elf/emulated-board");
    const ESP32_C3: &[u8] = include_bytes!("../../fuzz/seeds/firmware_elf/two-sections");

    fn boards() -> [(FirmwareBoard, &'static [u8]); 2] {
        [(FirmwareBoard::QemuVirt, EMULATED), (FirmwareBoard::Chip(chip::DEFAULT), ESP32_C3)]
    }

    fn changed(file: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
        let mut file = file.to_vec();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    }

    #[test]
    fn each_board_takes_its_own_firmware_and_is_told_whose_the_other_is() {
        for (board, file) in boards() {
            assert_eq!(check(board, file), Ok(()));
        }
        assert_eq!(
            check(FirmwareBoard::QemuVirt, ESP32_C3).unwrap_err().to_string(),
            "it is an ELF file for the ESP32-C3's flash"
        );
        assert_eq!(check(FirmwareBoard::Chip(chip::DEFAULT), EMULATED), Err(ImageError::ForEmulatedBoard));
    }

    #[test]
    fn no_truncation_of_a_firmware_is_one() {
        for (board, file) in boards() {
            assert_eq!(check(board, &[]), Err(ImageError::Empty));
            for length in 1..file.len() {
                let refused = check(board, &file[..length]);
                assert!(matches!(refused, Err(ImageError::Incomplete { .. })), "{length}: {refused:?}");
            }
        }
    }

    #[test]
    fn what_is_no_program_for_this_processor_is_named() {
        let not_a_program = |what| ImageError::NotAProgram { what };
        for (board, file) in boards() {
            for (at, bytes, expected) in [
                (0, &b"#!/bin/sh"[..], ImageError::NotElf),
                (0, b"\xe9\x03\x02", ImageError::FlashImage),
                (4, &[CLASS_64], ImageError::SixtyFourBits),
                (16, &[1, 0], not_a_program("an object file")),
                (16, &[3, 0], not_a_program("a shared library, or a program for an operating system")),
                (16, &[4, 0], not_a_program("a memory dump")),
                (18, &[62, 0], ImageError::OtherProcessor { processor: "x86-64".to_owned() }),
                (18, &[2, 1], ImageError::OtherProcessor { processor: "processor number 258".to_owned() }),
                (24, &[0; 4], ImageError::NoEntry),
                (44, &[0; 2], ImageError::NoCode),
            ] {
                assert_eq!(check(board, &changed(file, at, bytes)), Err(expected), "{at}: {bytes:?}");
            }
            let turned = changed(&changed(file, 5, &[BIG_ENDIAN]), 16, &[0, 2, 0, 243]);
            assert_eq!(check(board, &turned), Err(ImageError::BigEndian));
            let xtensa = check(board, &changed(file, 18, &[94, 0])).unwrap_err().to_string();
            assert!(xtensa.contains("an ESP32, ESP32-S2 or ESP32-S3"), "{xtensa}");
        }
    }

    #[test]
    fn a_program_that_the_emulated_board_can_t_run_is_refused() {
        let (first_address, second_address) = (52 + 12, 52 + 32 + 12);
        let refused = |at, address: u32| {
            check(FirmwareBoard::QemuVirt, &changed(EMULATED, at, &address.to_le_bytes())).unwrap_err()
        };
        assert_eq!(refused(first_address, 0x8000_1000), ImageError::NoStart);
        for address in [0x4080_0000, 0x7fff_fffc, 0x8080_0000, 0xffff_fff0] {
            assert_eq!(refused(second_address, address), ImageError::Address { address: address.into() });
        }
        let at = EMULATED.windows(READY.len()).position(|window| window == READY).unwrap();
        let silent = changed(EMULATED, at, b"esp");
        assert_eq!(check(FirmwareBoard::QemuVirt, &silent), Err(ImageError::NeverReady));
    }
}
