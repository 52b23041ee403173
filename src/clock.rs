//! This machine's clock, and how to tell that it is wrong.

use time::OffsetDateTime;

/// When this program was built, to the day: no right clock is behind it.
pub(crate) fn built() -> OffsetDateTime {
    let seconds = env!("ESP_HTTPS_BUILT").parse().unwrap_or_default();
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
