//! A Certificate's body, of TLS 1.2 and of 1.3: no more certificates are read than bytes came.
#![no_main]

use esp_https::tls::message::{certificates_tls12, certificates_tls13};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for read in [certificates_tls12(bytes), certificates_tls13(bytes)].into_iter().flatten() {
        assert!(read.iter().map(|certificate| certificate.len() + 3).sum::<usize>() <= bytes.len());
    }
});
