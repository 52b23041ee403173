//! The `site` partition, read from the flash in pieces.

use core::cell::RefCell;

use esp_hal::peripherals::FLASH;
use esp_https_provision::site::{SiteFlash, Unreadable};
use esp_https_server::SitePages;
use esp_https_server::lines::SiteTrouble;
use esp_storage::FlashStorage;

use crate::flash;
use crate::serial::line;

/// The partition; of no bytes where the table has none, as an earlier one.
///
/// The bootloader maps only the application into memory, so this is read through the SPI controller, as the provisioning partition
/// is: by a function in the chip's ROM, with interrupts off. A piece of 256 bytes keeps Wi-Fi waiting for about 0.1 ms at 20 MHz.
pub struct SitePartition {
    storage: RefCell<FlashStorage<'static>>,
    offset: u32,
    size: u32,
}

/// The files of the site, if there is one. If there is one that can't be served, the serial port says why.
// The partition table is read through a sector's worth of stack, which is given back on return if this is not inlined.
#[inline(never)]
#[must_use]
pub fn site() -> SitePages<SitePartition> {
    // SAFETY: the driver that read the provisioning partition is gone, and this one only reads, each time in a critical section of
    // esp-storage: two of them do not disturb each other on a chip with one core.
    let mut storage = FlashStorage::new(unsafe { FLASH::steal() });
    let (offset, size) = flash::find(&mut storage, LABEL).unwrap_or_default();
    let pages = SitePages::open(SitePartition { storage: RefCell::new(storage), offset, size });
    if let Some(trouble) = pages.trouble() {
        line(SiteTrouble(trouble));
    }
    pages
}

impl SiteFlash for SitePartition {
    fn size(&self) -> u32 {
        self.size
    }

    fn read(&self, at: u32, out: &mut [u8]) -> Result<(), Unreadable> {
        let end =
            u32::try_from(out.len()).ok().and_then(|length| at.checked_add(length)).ok_or(Unreadable)?;
        if end > self.size {
            return Err(Unreadable);
        }
        let at = self.offset.checked_add(at).ok_or(Unreadable)?;
        self.storage.borrow_mut().read_nor(at, out).map_err(|_| Unreadable)
    }
}

/// The label of the partition in `firmware/partitions.csv`.
const LABEL: &[u8] = b"site";
