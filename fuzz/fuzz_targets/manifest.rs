//! A manifest as somebody wrote it: any bytes are rows that name two files each, or are refused.
#![no_main]

use std::path::Path;

use esp_https::device::flash::manifest::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    if let Ok(manifest) = Manifest::parse(text, Path::new("/batch")) {
        assert!(manifest.rows().count() > 0);
        for (mac, row) in manifest.rows() {
            assert_eq!(mac.to_string().parse(), Ok(*mac));
            assert!(row.certificate.is_absolute() && row.key.is_absolute());
        }
    }
});
