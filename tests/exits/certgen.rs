//! `certgen`.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt as _};

use crate::bench::Exits;

#[test]
fn every_exit_of_certgen_has_a_valid_document() {
    let mut exits = Exits::of("certgen");
    fs::create_dir(exits.path("made")).unwrap();
    fs::create_dir(exits.path("").join(OsStr::from_bytes(b"b\xffytes"))).unwrap();
    exits.ends(0, "-", "--key p256 --out-dir made");
    exits.ends(0, "-", "--key p256 --out-dir b?ytes");
    exits.ends(0, "-", "--print-openssl");
    exits.ends(0, "-", "--key p256 --profile server --san dns:a.local --out-dir made --force");
    exits.ends(2, "cert.file_exists", "--key p256");
    exits.ends(0, "-", "--key p256 --out-dir new");
    exits.ends(4, "cert.unwritable", "--key p256 --out-dir prvtkey.pem/x");
    exits.ends(2, "cert.bad_san", "--san nonsense");
    exits.ends(2, "cert.bad_days", "--days 0");
    exits.ends(2, "output.unwritable", "--key p256 -o nowhere/x");
    exits.ends(2, "output.holds_pem", "--key p256 --force -o prvtkey.pem");
    exits.are_all_valid(10);
}
