//! The image of a site in memory, where QEMU's loader device puts it.

use core::slice;

use esp_https_provision::{EMULATED_SITE_ADDRESS, SITE_BYTES};
use esp_https_server::SitePages;
use esp_https_server::lines::SiteTrouble;

use crate::console::line;

/// The files of the site, if QEMU was given one to load. If it is one that can't be served, the serial port says why.
#[must_use]
pub fn site() -> SitePages<&'static [u8]> {
    // SAFETY: RAM that memory.x keeps out of the program's reach, and that QEMU fills before the program starts.
    let partition = unsafe { slice::from_raw_parts(EMULATED_SITE_ADDRESS as *const u8, SITE_BYTES) };
    let pages = SitePages::open(partition);
    if let Some(trouble) = pages.trouble() {
        line!("{}", SiteTrouble(trouble));
    }
    pages
}
