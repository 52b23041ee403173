//! `certgen`.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _},
};

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
    exits.ends(2, "cert.bad_san", "--san non:sense");
    exits.ends(2, "cert.bad_days", "--days 0");
    exits.ends(2, "output.unwritable", "--key p256 -o nowhere/x");
    exits.ends(2, "output.holds_pem", "--key p256 --force -o prvtkey.pem");
    exits.ends(0, "-", "ca --dir ca");
    exits.ends(2, "cert.file_exists", "ca --dir ca");
    exits.ends(2, "cert.bad_common_name", "ca --dir other --name=");
    exits.ends(2, "cert.no_folder", "ca --dir no/such");
    exits.ends(2, "cert.no_passphrase", "ca --dir other --encrypt");
    exits.ends(2, "cert.no_passphrase", "ca --dir other --passphrase-file absent");
    exits.ends(2, "cert.bad_passphrase", "ca --dir other --passphrase-file cacert.pem");
    exits.ends(2, "usage.command_line", "--key p256 ca --dir other");
    exits.ends(0, "-", "--ca ca --key p256 --san a.local --out-dir issued");
    exits.ends(0, "-", "--ca ca --key p256 --client a --out-dir issued");
    exits.ends(2, "cert.ca_missing", "--ca made");
    exits.ends(2, "cert.beyond_ca", "--ca ca --key p256 --valid 20y --out-dir issued --force");
    exits.ends(2, "cert.book_of_a_ca", "--ca ca --profile book");
    exits.ends(2, "usage.command_line", "--ca ca --print-openssl");
    exits.ends(0, "-", "renew issued/cacert.pem --ca ca");
    exits.ends(1, "cert.due", "renew --check --within 30y");
    exits.ends(0, "-", "renew --within 30y");
    exits.ends(0, "-", "renew issued/cacert.pem --ca ca --within 3y --new-key");
    exits.ends(0, "-", "ca --dir other");
    exits.ends(2, "cert.other_ca", "renew issued/cacert.pem --ca other --within 3y");
    exits.ends(2, "cert.not_renewable", "renew ca/ca.pem --ca ca --within 30y");
    exits.ends(2, "cert.unreadable", "renew absent.pem");
    exits.ends(2, "flash.manifest", "renew --manifest absent.csv");
    fs::write(exits.path("boards.csv"), "mac\n24:0a:c4:00:00:01\n").unwrap();
    exits.ends(0, "-", "fleet boards.csv --ca ca");
    exits.ends(0, "-", "fleet boards.csv --ca ca --within 3y");
    exits.ends(2, "cert.other_ca", "fleet boards.csv --ca other");
    exits.ends(2, "cert.fleet", "fleet absent.csv --ca ca");
    exits.ends(2, "cert.fleet", "fleet cacert.pem --ca ca");
    exits.ends(2, "output.holds_pem", "fleet boards.csv --ca ca -o esp-https-000001/cacert.pem");
    fs::remove_file(exits.path("esp-https-000001/prvtkey.pem")).unwrap();
    exits.ends(2, "cert.half_a_pair", "fleet boards.csv --ca ca");
    fs::write(exits.path("right"), "correct horse\n").unwrap();
    fs::write(exits.path("wrong"), "battery staple\n").unwrap();
    exits.ends(0, "-", "ca --dir locked --passphrase-file right");
    exits.ends(2, "cert.wrong_passphrase", "--ca locked --passphrase-file wrong --force --key p256");
    exits.ends(0, "-", "inspect ca/ca-key.pem");
    exits.ends(2, "cert.not_inspectable", "inspect boards.csv");
    exits.ends(2, "cert.unreadable", "inspect absent.pem");
    exits.ends(2, "client.target", "inspect https://u:p@h:443");
    exits.ends(4, "client.refused", "inspect 127.0.0.1:1");
    exits.ends(2, "output.same_file", "inspect boards.csv -o boards.csv");
    let mut homeless = exits.command("certgen ca --json");
    homeless.env_remove("HOME").env("XDG_DATA_HOME", "relative");
    exits.ends_with(4, "cert.ca_no_home", "ca, without a home", homeless);
    fs::set_permissions(exits.path("ca"), fs::Permissions::from_mode(0o755)).unwrap();
    exits.ends(2, "cert.ca_exposed", "--ca ca --key p256");
    exits.are_all_valid(49);
}
