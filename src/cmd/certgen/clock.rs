//! The clock, where a date that is wrong would not be noticed before the certificates are on the boards.

use time::OffsetDateTime;

use super::explain;
use crate::{clock::built, error::Result};

/// The time by this machine's clock.
///
/// # Errors
/// `cert.clock`, when that is before this program was built: machines without a battery begin in 1970.
pub(super) fn now() -> Result<OffsetDateTime> {
    checked(OffsetDateTime::now_utc(), built())
}

fn checked(now: OffsetDateTime, built: OffsetDateTime) -> Result<OffsetDateTime> {
    if now < built { Err(explain::wrong_clock(now, built)) } else { Ok(now) }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_clock_before_the_build_is_refused() {
        let built = datetime!(2026-11-27 0:00 UTC);
        assert_eq!(checked(built, built).unwrap(), built);
        insta::assert_snapshot!(checked(datetime!(1970-01-01 0:10 UTC), built).unwrap_err().told(), @r"
        4 cert.clock: reading this machine's clock: it says 1970-01-01, and this program was built on 2026-11-27 or later
          try: set the clock: certificates with such dates would not be valid
        ");
    }
}
