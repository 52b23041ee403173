//! `init`.

use std::{fs, os::unix::fs::symlink};

use crate::bench::Exits;

#[test]
fn every_exit_of_init_has_a_valid_document() {
    let mut exits = Exits::of("init");
    exits.ends(0, "-", "");
    exits.ends(0, "-", "policy");
    exits.ends(2, "output.exists", "policy");
    exits.ends(0, "-", "policy --force");
    exits.ends(0, "-", "boards a/new/folder");
    exits.ends(0, "-", "boards b?ytes");
    exits.ends(0, "-", "firmware own");
    exits.ends(2, "output.exists", "firmware own");
    exits.ends(2, "init.unknown_template", "polici");
    exits.ends(2, "init.parameter", "policy --set repository=x");
    exits.ends(2, "init.parameter", "policy --set repository");
    exits.ends(2, "usage.command_line", "--force");
    fs::create_dir(exits.path("elsewhere")).unwrap();
    exits.ends(2, "output.same_file", "policy elsewhere -o elsewhere/policy.toml");
    exits.ends(2, "output.unwritable", "policy policy.toml/x");
    fs::create_dir_all(exits.path("folder/policy.toml")).unwrap();
    exits.ends(2, "output.is_folder", "policy folder --force");
    fs::create_dir(exits.path("keys")).unwrap();
    fs::copy(exits.path("prvtkey.pem"), exits.path("keys/policy.toml")).unwrap();
    exits.ends(2, "output.holds_pem", "policy keys --force");
    fs::create_dir(exits.path("devices")).unwrap();
    symlink("/dev/null", exits.path("devices/policy.toml")).unwrap();
    exits.ends(2, "output.unwritable", "policy devices --force");
    exits.are_all_valid(17);
}
