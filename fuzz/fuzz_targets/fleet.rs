//! A list of boards as somebody wrote it: any bytes are refused, or become a manifest for `flash` in which nothing is missing.
#![no_main]

use std::path::Path;

use esp_https::device::flash::{fleet::Fleet, manifest::Manifest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    if let Ok(fleet) = Fleet::parse(text) {
        let boards = fleet.boards().count();
        assert!(boards > 0);
        if let Some(filled) = fleet.filled() {
            let manifest = Manifest::parse(filled.as_bytes(), Path::new("/batch")).expect("it is complete");
            assert_eq!(manifest.rows().count(), boards);
            let again = Fleet::parse(filled.as_bytes()).expect("it is still a list");
            assert!(again.filled().is_none(), "nothing is missing any more");
            assert!(fleet.boards().zip(again.boards()).all(|(one, other)| one.certificate == other.certificate));
        }
    }
});
