//! What a device shows as its certificate: any bytes are read or refused, never a panic, at any time of the clock; and
//! what is read is of the bytes that came.
#![no_main]

use esp_https::cert::{
    Fingerprint,
    facts::Certificate,
    mbedtls::{Purpose, check},
};
use libfuzzer_sys::fuzz_target;
use time::OffsetDateTime;

fuzz_target!(|der: &[u8]| {
    for purpose in [Purpose::Serving, Purpose::Issuing] {
        if let Err(refusal) = check(der, purpose) {
            assert!(!refusal.to_string().is_empty());
        }
    }
    for now in [OffsetDateTime::UNIX_EPOCH, FIRST, LAST] {
        if let Ok(read) = Certificate::read(der, now) {
            assert_eq!(read.bytes, der.len());
            assert_eq!(read.sha256, Fingerprint::of_certificate(der));
            serde_json::to_string(&read).expect("a certificate is plain data");
        }
    }
});

/// The ends of what a clock may say.
const FIRST: OffsetDateTime = time::macros::datetime!(-9999-01-01 00:00 UTC);
const LAST: OffsetDateTime = time::macros::datetime!(9999-12-31 23:59:59 UTC);
