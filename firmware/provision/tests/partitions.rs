//! The partition table that boards are flashed with, against the constants that the host tool and firmware share.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use esp_https_provision::{PARTITION_BYTES, PARTITION_OFFSET};

#[test]
fn the_partition_table_has_the_partition_where_the_constants_say() {
    let table = include_str!("../../partitions.csv");
    let row = table.lines().find(|line| line.starts_with("esp_secure_cert,")).expect("a row");
    let row = row.to_lowercase();
    let columns: Vec<&str> = row.split(',').map(str::trim).collect();
    let (offset, size) = (format!("{PARTITION_OFFSET:#x}"), format!("{PARTITION_BYTES:#x}"));
    assert_eq!(columns, ["esp_secure_cert", "0x3f", "0x00", &offset, &size]);
}
