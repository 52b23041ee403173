//! What goes where in the flash, sans I/O: the firmware's ELF and the provisioning image go in, regions come out.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    thread,
};

use esp_https_provision::{PARTITION_BYTES, PARTITION_OFFSET, SITE_OFFSET};
use esp_idf_part::{DataType, PartitionTable, SubType};
use espflash::{
    flasher::{FlashData, FlashSettings},
    image_format::idf::IdfBootloaderFormat,
};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    chip_facts::Revision,
    elf::{self, ElfError},
    otadata::OTADATA_BYTES,
};
use crate::device::chip::Chip;
use crate::os_error::in_words;

/// A run of bytes for the flash. Erased when dropped, since one of them holds the private key.
pub struct Region {
    /// What it is.
    pub kind: RegionKind,
    /// Where it starts in the flash, in bytes; a multiple of the sector size, 4096.
    pub offset: u32,
    bytes: Zeroizing<Vec<u8>>,
}

/// What a region is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionKind {
    /// ESP-IDF's second-stage bootloader.
    Bootloader,
    /// The partition table.
    PartitionTable,
    /// Certificate, key, client CA and settings, in the `esp_secure_cert` partition.
    Provisioning,
    /// The firmware.
    Application,
    /// Which firmware the bootloader starts: the `otadata` partition. Empty, it means the one that is written here.
    #[serde(rename = "otadata")]
    OtaData,
    /// The files of a site, in the `site` partition.
    Site,
}

/// The regions that do not differ from board to board.
pub struct Application {
    /// The chip that it is for.
    pub chip: &'static Chip,
    /// In the order of the flash: bootloader, partition table, application, otadata.
    pub regions: Vec<Region>,
    /// What the application says it is.
    pub descriptor: Option<Descriptor>,
    /// The first revision of the chip that the bootloader supports.
    pub oldest: Revision,
}

/// What an application says of itself (`esp_app_desc_t`, ESP-IDF Programming Guide, "App Image Format").
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Descriptor {
    /// Its project.
    pub project: String,
    /// Its version.
    pub version: String,
}

/// A layout could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The ELF is not one for the chip.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// The application is larger than its partition.
    #[error("its {size} bytes do not fit into the application partition of {partition} bytes")]
    TooLarge {
        /// Size of the application image in bytes.
        size: u32,
        /// Size of its partition in bytes.
        partition: u32,
    },
    /// espflash can't make an image of it.
    #[error("{0}")]
    Image(String),
    /// The partition table can't be handed to espflash, which takes a file only.
    #[error("{}: {}", folder.display(), in_words(source))]
    TemporaryFile {
        /// The folder for temporary files.
        folder: PathBuf,
        /// Why it takes none.
        source: io::Error,
    },
    /// The bundled partition table is broken.
    #[error("the partition table: {0}")]
    Table(String),
}

impl RegionKind {
    /// Its name for a person.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bootloader => "bootloader",
            Self::PartitionTable => "partition table",
            Self::Provisioning => "certificate and key",
            Self::Application => "firmware",
            Self::OtaData => "boot selection",
            Self::Site => "site",
        }
    }
}

impl Region {
    /// A region, filled up with erased flash (0xFF) to a multiple of 4 bytes, in which the ROM writes.
    #[must_use]
    pub fn new(kind: RegionKind, offset: u32, bytes: &[u8]) -> Self {
        let length = bytes.len().next_multiple_of(WORD);
        // One allocation of the right size: growing would leave pieces of a key behind.
        let mut padded = Zeroizing::new(Vec::with_capacity(length));
        padded.extend_from_slice(bytes);
        padded.resize(length, ERASED);
        Self { kind, offset, bytes: padded }
    }

    /// The provisioning partition with an image.
    #[must_use]
    pub fn provisioning(image: &[u8; PARTITION_BYTES]) -> Self {
        Self::new(RegionKind::Provisioning, PARTITION_OFFSET, image)
    }

    /// The site partition with an image, which ends before the partition does.
    #[must_use]
    pub fn site(image: &[u8]) -> Self {
        Self::new(RegionKind::Site, SITE_OFFSET, image)
    }

    /// What is to be in the flash.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Shows kind, offset and size only: the bytes may hold a private key.
impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Region({:?} at {:#x}, {} bytes)", self.kind, self.offset, self.bytes.len())
    }
}

impl Application {
    /// Bootloader, partition table and application for a board with this chip, from the firmware's ELF.
    ///
    /// # Errors
    /// The ELF is none that the board could start, or it is too large.
    pub fn from_elf(chip: &'static Chip, elf: &[u8]) -> Result<Self, LayoutError> {
        elf::check(chip, elf)?;
        let no_file = |source| LayoutError::TemporaryFile { folder: env::temp_dir(), source };
        let table = tempfile::Builder::new().suffix(".csv").tempfile().map_err(no_file)?;
        fs::write(table.path(), chip.flash.partitions).map_err(no_file)?;
        // espflash panics on some files that contradict themselves; in a thread that does not end this program.
        let made = thread::scope(|scope| scope.spawn(|| regions(chip, elf, table.path())).join());
        let mut regions = made.unwrap_or_else(|_| Err(LayoutError::Image(CONTRADICTION.to_owned())))?;
        let descriptor = regions.last().and_then(|application| Descriptor::of_image(application.bytes()));
        regions.push(empty_otadata(chip)?);
        let oldest = regions.first().map_or(Revision::from_full(0), |bootloader| oldest(bootloader.bytes()));
        Ok(Self { chip, regions, descriptor, oldest })
    }
}

fn regions(chip: &Chip, elf: &[u8], table: &Path) -> Result<Vec<Region>, LayoutError> {
    let settings = FlashSettings::new(None, Some(chip.flash.size), None);
    let data = FlashData::new(settings, chip.minimum_revision, None, chip.espflash, chip.crystal);
    let table_offset = Some(chip.flash.table_offset);
    let partition = Some(chip.flash.application);
    let format =
        IdfBootloaderFormat::new(elf, &data, Some(table), None, table_offset, partition).map_err(refused)?;
    let kinds = [RegionKind::Bootloader, RegionKind::PartitionTable, RegionKind::Application];
    let segments = format.flash_segments();
    Ok(kinds
        .into_iter()
        .zip(segments)
        .map(|(kind, segment)| Region::new(kind, segment.addr, segment.data()))
        .collect())
}

/// `min_chip_rev_full` of an image's header.
fn oldest(bootloader: &[u8]) -> Revision {
    let field = bootloader.get(OLDEST_AT..OLDEST_AT + 2).and_then(|bytes| bytes.try_into().ok());
    Revision::from_full(field.map_or(0, u16::from_le_bytes))
}

fn refused(error: espflash::Error) -> LayoutError {
    match error {
        espflash::Error::ElfTooBig(size, partition) => LayoutError::TooLarge { size, partition },
        error => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            LayoutError::Image(format!("{error}{}", cause.unwrap_or_default()))
        }
    }
}

impl Descriptor {
    /// From an application image: a header of 24 bytes, the first segment's of 8, and then the descriptor.
    #[must_use]
    pub fn of_image(image: &[u8]) -> Option<Self> {
        let descriptor = image.get(DESCRIPTOR_AT..)?;
        let text = |at: usize| {
            let field = descriptor.get(at..at + TEXT_BYTES)?;
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
            let text = field.get(..end).and_then(|text| std::str::from_utf8(text).ok())?;
            (!text.chars().any(char::is_control)).then(|| text.to_owned())
        };
        let magic = descriptor.get(..DESCRIPTOR_MAGIC.len())?;
        (magic == DESCRIPTOR_MAGIC)
            .then(|| Some(Self { version: text(VERSION_AT)?, project: text(PROJECT_AT)? }))
            .flatten()
    }
}

/// The partition table as it is in the flash, with erased flash up to its place's end.
///
/// # Errors
/// The bundled table is broken, which a test rules out.
pub fn partition_table(chip: &Chip) -> Result<Region, LayoutError> {
    table_region(chip, chip.flash.partitions)
}

/// The tables that boards got from earlier versions, in the same form.
///
/// # Errors
/// One of them is broken, which a test rules out.
pub fn earlier_tables(chip: &Chip) -> Result<Vec<Region>, LayoutError> {
    chip.flash.earlier_partitions.iter().map(|csv| table_region(chip, csv)).collect()
}

fn table_region(chip: &Chip, csv: &str) -> Result<Region, LayoutError> {
    let bytes = parsed(csv)?.to_bin().map_err(broken_table)?;
    Ok(Region::new(RegionKind::PartitionTable, chip.flash.table_offset, &bytes))
}

/// The otadata partition after which the bootloader starts the first firmware.
fn empty_otadata(chip: &Chip) -> Result<Region, LayoutError> {
    let table = parsed(chip.flash.partitions)?;
    let partition = table.find_by_subtype(esp_idf_part::Type::Data, SubType::Data(DataType::Ota));
    let partition = partition.ok_or_else(|| LayoutError::Table("it has no otadata partition".to_owned()))?;
    Ok(Region::new(RegionKind::OtaData, partition.offset(), &[ERASED; OTADATA_BYTES]))
}

fn parsed(csv: &str) -> Result<PartitionTable, LayoutError> {
    PartitionTable::try_from_str(csv).map_err(broken_table)
}

#[allow(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn broken_table(error: esp_idf_part::Error) -> LayoutError {
    LayoutError::Table(error.to_string())
}

/// All of the flash of a board with this chip in one piece: the regions at their places, erased flash between them.
#[must_use]
pub fn merged(chip: &Chip, regions: &[&Region]) -> Zeroizing<Vec<u8>> {
    let mut flash = Zeroizing::new(vec![ERASED; chip.flash_bytes()]);
    for region in regions {
        let start = usize::try_from(region.offset).unwrap_or(usize::MAX);
        let place = flash.get_mut(start..start.saturating_add(region.bytes.len()));
        if let Some(place) = place {
            place.copy_from_slice(&region.bytes);
        }
    }
    flash
}

const CONTRADICTION: &str = "it contradicts itself";
const ERASED: u8 = 0xFF;
const WORD: usize = 4;
const OLDEST_AT: usize = 15;
const DESCRIPTOR_AT: usize = 24 + 8;
const DESCRIPTOR_MAGIC: [u8; 4] = 0xABCD_5432_u32.to_le_bytes();
const VERSION_AT: usize = 16;
const PROJECT_AT: usize = 48;
const TEXT_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::chip;

    #[test]
    fn the_table_has_the_provisioning_partition_where_espressif_s_tools_look_for_it() {
        let table = partition_table(chip::DEFAULT).unwrap();
        assert_eq!((table.offset, table.bytes().len()), (0x8000, 0xC00));
        let read = PartitionTable::try_from_bytes(table.bytes().to_vec()).unwrap();
        let partition = read.find("esp_secure_cert").unwrap();
        assert_eq!((partition.offset(), partition.size()), (PARTITION_OFFSET, 0x2000));
    }

    #[test]
    fn an_earlier_table_differs_and_has_the_provisioning_partition_at_the_same_place() {
        let (now, earlier) =
            (partition_table(chip::DEFAULT).unwrap(), earlier_tables(chip::DEFAULT).unwrap());
        assert_eq!(earlier.len(), 1);
        for table in earlier {
            assert_eq!(table.offset, now.offset);
            assert_ne!(table.bytes(), now.bytes());
            let read = PartitionTable::try_from_bytes(table.bytes().to_vec()).unwrap();
            let partition = read.find("esp_secure_cert").unwrap();
            assert_eq!((partition.offset(), partition.size()), (PARTITION_OFFSET, 0x2000));
        }
    }

    #[test]
    fn the_table_has_two_equal_places_for_a_firmware_and_a_site_of_a_custom_type() {
        let table = parsed(chip::DEFAULT.flash.partitions).unwrap();
        let applications: Vec<_> =
            table.partitions().iter().filter(|row| row.ty() == esp_idf_part::Type::App).collect();
        assert_eq!(applications.iter().map(|row| row.name()).collect::<Vec<_>>(), ["ota_0", "ota_1"]);
        assert_eq!(chip::DEFAULT.flash.application, applications[0].name());
        assert!(applications.iter().all(|row| row.size() == 0x18_0000), "1.5 MiB each");
        let site = table.find("site").unwrap();
        assert_eq!(site.ty(), esp_idf_part::Type::Custom(0x40));
        assert_eq!((site.offset(), site.size() as usize), (SITE_OFFSET, esp_https_provision::SITE_BYTES));
        let otadata = empty_otadata(chip::DEFAULT).unwrap();
        assert_eq!(table.find("otadata").unwrap().size() as usize, otadata.bytes().len());
        let end = table.partitions().iter().map(|row| row.offset() + row.size()).max().unwrap();
        assert_eq!(end as usize, chip::DEFAULT.flash_bytes(), "no flash is left over");
    }

    #[test]
    fn a_region_ends_at_a_word_and_the_merged_flash_has_it_at_its_place() {
        let one = Region::new(RegionKind::Bootloader, 0, &[1; 5]);
        let other = Region::new(RegionKind::Application, 0x10000, &[2; 4]);
        assert_eq!(one.bytes(), [1, 1, 1, 1, 1, 0xFF, 0xFF, 0xFF]);
        let flash = merged(chip::DEFAULT, &[&one, &other]);
        assert_eq!(flash.len(), 4 << 20);
        assert_eq!(&flash[0x10000..0x10005], [2, 2, 2, 2, 0xFF]);
        assert!(flash[8..0x10000].iter().all(|byte| *byte == 0xFF));
    }

    #[test]
    fn a_file_that_is_no_firmware_is_refused() {
        for bytes in [&b""[..], b"text", b"\x7fELF", &[0; 4096]] {
            assert!(Application::from_elf(chip::DEFAULT, bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_descriptor_is_read_whole_or_not_at_all() {
        let mut image = vec![0; DESCRIPTOR_AT + PROJECT_AT + TEXT_BYTES];
        image[DESCRIPTOR_AT..DESCRIPTOR_AT + 4].copy_from_slice(&DESCRIPTOR_MAGIC);
        image[DESCRIPTOR_AT + VERSION_AT] = b'1';
        image[DESCRIPTOR_AT + PROJECT_AT] = b'p';
        let whole = Descriptor { project: "p".to_owned(), version: "1".to_owned() };
        assert_eq!(Descriptor::of_image(&image), Some(whole));
        for length in 0..image.len() {
            assert_eq!(Descriptor::of_image(&image[..length]), None, "{length}");
        }
        image[DESCRIPTOR_AT + VERSION_AT] = 0x1b;
        assert_eq!(Descriptor::of_image(&image), None, "a control character");
    }

    #[test]
    fn a_region_does_not_show_its_bytes() {
        let region = Region::provisioning(&[b'k'; PARTITION_BYTES]);
        assert_eq!(format!("{region:?}"), "Region(Provisioning at 0xd000, 8192 bytes)");
    }
}
