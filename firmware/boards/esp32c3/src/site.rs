//! The `site` partition, read from the flash in pieces.

use core::cell::RefCell;

use esp_hal::peripherals::FLASH;
use esp_https_provision::site::{SiteFlash, Unreadable};
use esp_https_server::SitePages;
use esp_storage::FlashStorage;

use crate::flash;

/// The partition; of no bytes where the table has none, as an earlier one.
pub struct SitePartition {
    storage: RefCell<FlashStorage<'static>>,
    offset: u32,
    size: u32,
}

/// The files of the site, if there is one.
#[must_use]
pub fn site() -> SitePages<SitePartition> {
    // SAFETY: the driver that read the provisioning partition is gone, and nothing else of this program uses the flash.
    let mut storage = FlashStorage::new(unsafe { FLASH::steal() });
    let (offset, size) = flash::find(&mut storage, b"site").unwrap_or_default();
    SitePages::open(SitePartition { storage: RefCell::new(storage), offset, size })
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
        self.storage.borrow_mut().read_nor(self.offset + at, out).map_err(|_| Unreadable)
    }
}
