//! The image of a site in memory, where QEMU's loader device puts it.

use core::slice;

use esp_https_provision::{EMULATED_SITE_ADDRESS, SITE_BYTES};
use esp_https_server::SitePages;

/// The files of the site, if QEMU was given one to load.
#[must_use]
pub fn site() -> SitePages<&'static [u8]> {
    // SAFETY: RAM that memory.x keeps out of the program's reach, and that QEMU fills before the program starts.
    SitePages::open(unsafe { slice::from_raw_parts(EMULATED_SITE_ADDRESS as *const u8, SITE_BYTES) })
}
