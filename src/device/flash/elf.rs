//! Whether an ELF file is one for a chip, before espflash takes it apart: espflash trusts what it reads, and panics when
//! that contradicts itself.

use object::{
    LittleEndian, Object as _, ObjectSection as _, SectionFlags,
    elf::{PT_LOAD, ProgramHeader32, SHT_INIT_ARRAY, SHT_PROGBITS},
    read::elf::{ElfFile32, ElfSection32, ProgramHeader as _, SectionHeader as _},
};

use crate::device::chip::Chip;

/// What is wrong with an ELF file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ElfError {
    /// It is no ELF file, or one that ends too early.
    #[error("it can't be read as an ELF file: {what}")]
    Unreadable {
        /// What the parser says.
        what: String,
    },
    /// A part is for an address that the chip does not have.
    #[error("its section {name} is for address {address:#010x}, which an {chip} does not have")]
    Address {
        /// The chip's name.
        chip: &'static str,
        /// The section.
        name: String,
        /// Where it starts.
        address: u64,
    },
    /// Two parts are for the same address.
    #[error("its section {name} overlaps the one before it")]
    Overlap {
        /// The later of them.
        name: String,
    },
    /// It has no application descriptor, without which the bootloader starts nothing.
    #[error("it has no application descriptor, without which the board's bootloader does not start it")]
    NoDescriptor,
    /// The application descriptor asks for memory pages of a size that the chip does not have.
    #[error("its application descriptor is damaged")]
    Descriptor,
}

/// Checks what espflash relies on: the sections lie in the file and at addresses of the chip, none overlaps another, and
/// there is an application descriptor.
///
/// # Errors
/// [`ElfError`] says which of these does not hold.
pub fn check(chip: &Chip, elf: &[u8]) -> Result<(), ElfError> {
    let unreadable = |error: object::Error| ElfError::Unreadable { what: error.to_string() };
    let file = ElfFile32::<LittleEndian>::parse(elf).map_err(unreadable)?;
    for header in file.elf_program_headers() {
        let (start, size) = (header.p_paddr(LittleEndian), header.p_memsz(LittleEndian));
        // Where a part is loaded to may differ from where it runs; espflash computes with both.
        if header.p_type(LittleEndian) == PT_LOAD && start.checked_add(size).is_none() {
            let name = "(a segment)".to_owned();
            return Err(ElfError::Address { chip: chip.name, name, address: start.into() });
        }
    }
    let mut loaded = Vec::new();
    for section in file.sections().filter(is_loaded) {
        let name = section.name().unwrap_or("(no name)").to_owned();
        let size = section.data().map_err(unreadable)?.len() as u64;
        let start = load_address(chip, &file, section.address());
        let end = start.saturating_add(size);
        if !chip.memory.holds(start, end) {
            return Err(ElfError::Address { chip: chip.name, name, address: start });
        }
        loaded.push((start, end, name));
    }
    loaded.sort();
    for pair in loaded.windows(2) {
        if let [(_, end, _), (start, _, name)] = pair
            && start < end
        {
            return Err(ElfError::Overlap { name: name.clone() });
        }
    }
    descriptor(chip, &file)
}

/// What espflash takes into an image: sections with bytes of their own and a place to put them.
fn is_loaded(section: &ElfSection32<'_, '_, LittleEndian>) -> bool {
    let header = section.elf_section_header();
    let has_bytes = [SHT_PROGBITS, SHT_INIT_ARRAY].contains(&header.sh_type(LittleEndian));
    let flagged = matches!(section.flags(), SectionFlags::Elf { sh_flags, .. } if sh_flags.0 != 0);
    has_bytes && flagged && header.sh_offset(LittleEndian) > 0 && section.size() > 0 && section.address() > 0
}

/// Where a section that runs at `address` is loaded to: elsewhere, if its segment says so and means internal memory.
fn load_address(chip: &Chip, file: &ElfFile32<'_, LittleEndian>, address: u64) -> u64 {
    let of_segment = |header: &ProgramHeader32<LittleEndian>| {
        let (start, size) =
            (u64::from(header.p_vaddr(LittleEndian)), u64::from(header.p_memsz(LittleEndian)));
        let holds =
            header.p_type(LittleEndian) == PT_LOAD && (start..start.saturating_add(size)).contains(&address);
        holds.then(|| u64::from(header.p_paddr(LittleEndian)) + (address - start))
    };
    let loaded = file.elf_program_headers().iter().find_map(of_segment).unwrap_or(address);
    if chip.memory.is_flash(loaded) { address } else { loaded }
}

fn descriptor(chip: &Chip, file: &ElfFile32<'_, LittleEndian>) -> Result<(), ElfError> {
    let section =
        DESCRIPTORS.iter().find_map(|name| file.section_by_name(name)).ok_or(ElfError::NoDescriptor)?;
    let data = section.data().unwrap_or_default();
    if data.get(PAGE_SIZE_AT).is_some_and(|log2| *log2 > chip.memory.largest_page_log2) {
        return Err(ElfError::Descriptor);
    }
    let whole = data.len() >= DESCRIPTOR_BYTES;
    let address = load_address(chip, file, section.address());
    let in_flash = address == section.address()
        && chip.memory.flash_data.contains(&address)
        && address.is_multiple_of(WORD);
    if whole && in_flash && is_loaded(&section) { Ok(()) } else { Err(ElfError::NoDescriptor) }
}

/// The application descriptor's section: esp-hal's name, ESP-IDF's name.
const DESCRIPTORS: [&str; 2] = [".flash.appdesc", ".rodata_desc"];
const DESCRIPTOR_BYTES: usize = 256;
/// `mmu_page_size` of the descriptor (`esp_app_desc_t`), the logarithm of a size.
const PAGE_SIZE_AT: usize = 180;
const WORD: u64 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::chip;

    /// An ELF with an application descriptor and 16 instructions; `fuzz/README.md` says what made it.
    const SMALL: &[u8] = include_bytes!("../../../fuzz/seeds/firmware_elf/two-sections");

    /// Found by the fuzz target `firmware_elf`: espflash shifts by this byte.
    #[test]
    fn a_descriptor_with_an_impossible_page_size_is_refused() {
        let magic = 0xABCD_5432_u32.to_le_bytes();
        let at = SMALL.windows(4).position(|window| window == magic).unwrap() + PAGE_SIZE_AT;
        assert_eq!(check(chip::DEFAULT, SMALL), Ok(()));
        let mut damaged = SMALL.to_vec();
        damaged[at] = 32;
        assert_eq!(check(chip::DEFAULT, &damaged), Err(ElfError::Descriptor));
    }

    #[test]
    fn no_truncation_of_a_small_firmware_is_one() {
        for length in 0..SMALL.len() {
            assert!(check(chip::DEFAULT, &SMALL[..length]).is_err(), "{length}");
        }
    }

    /// The sections of [`SMALL`], in the file's order: their addresses and sizes.
    fn sections(elf: &[u8]) -> Vec<(u64, u64)> {
        let file = ElfFile32::<LittleEndian>::parse(elf).unwrap();
        file.sections().filter(is_loaded).map(|section| (section.address(), section.size())).collect()
    }

    /// [`SMALL`] with its instructions at another address: that of the section, of its segment, and of the entry.
    fn moved(to: u64) -> Vec<u8> {
        let (from, _) = *sections(SMALL).last().unwrap();
        let word = |address: u64| u32::try_from(address).unwrap().to_le_bytes();
        let mut elf = SMALL.to_vec();
        for at in 0..elf.len() - 3 {
            if elf[at..at + 4] == word(from) {
                elf[at..at + 4].copy_from_slice(&word(to));
            }
        }
        assert_eq!(sections(&elf).last().unwrap().0, to);
        elf
    }

    #[test]
    fn a_section_may_fill_its_range_of_the_memory_up_to_the_last_byte() {
        let (_, size) = *sections(SMALL).last().unwrap();
        let memory = &chip::DEFAULT.memory;
        for range in [&memory.flash_instructions].into_iter().chain(memory.internal) {
            let last = range.end() + 1 - size;
            assert_eq!(check(chip::DEFAULT, &moved(last)), Ok(()), "{range:x?}");
            let refused = check(chip::DEFAULT, &moved(last + 1));
            assert!(
                matches!(refused, Err(ElfError::Address { address, .. }) if address == last + 1),
                "{refused:?}"
            );
        }
    }
}
