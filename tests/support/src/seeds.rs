//! How many seeds a test of random faults takes.

use std::{env, ops::Range};

/// The first `few` of these seeds; all of them where the variable `ESP_HTTPS_TEST_SEEDS` is `all`, as in `scripts/test-all`.
pub fn seeds(all: Range<u64>, few: usize) -> impl Iterator<Item = u64> {
    let taken =
        if env::var_os("ESP_HTTPS_TEST_SEEDS").is_some_and(|it| it == "all") { usize::MAX } else { few };
    all.take(taken)
}
