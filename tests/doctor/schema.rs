//! The document and its schema.

use std::{collections::BTreeSet, fs};

use esp_https::doctor;
use support::{document, from_root};

use crate::machine::Machine;

#[test]
fn schema_and_docs_have_all_checks() {
    let ids: BTreeSet<String> = doctor::ids().map(str::to_owned).collect();
    let schema = document::schema("doctor");
    let listed = schema["$defs"]["id"]["enum"].as_array().unwrap();
    let listed: BTreeSet<String> = listed.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, ids);
    let page = fs::read_to_string(from_root("docs/doctor.md")).unwrap();
    let missing: Vec<&String> = ids.iter().filter(|id| !page.contains(&format!("| `{id}` |"))).collect();
    assert_eq!(missing, [""; 0], "docs/doctor.md");
}

#[test]
fn a_check_says_what_it_blocks_only_where_something_needs_it() {
    let told = Machine::new().doctor("");
    for check in told.document["result"]["checks"].as_array().unwrap() {
        let list = |key: &str| -> BTreeSet<String> {
            check[key].as_array().unwrap().iter().map(|verb| verb.as_str().unwrap().to_owned()).collect()
        };
        assert!(list("blocks").is_subset(&list("needed_by")), "{check:#}");
        let is_bad = ["missing", "problem"].contains(&check["state"].as_str().unwrap());
        assert!(!is_bad || check["remedy"].is_object(), "each comes with what mends it: {check:#}");
    }
}

/// Each has a row in docs/errors.md, and says in its hint that doctor tells more.
#[test]
fn the_errors_that_point_to_doctor_are_these() {
    let all = esp_https::error::Code::GROUPS.iter().flat_map(|group| group.codes);
    let pointing: Vec<&str> =
        all.filter(|code| code.is_checked_by_doctor()).map(|code| code.as_str()).collect();
    assert_eq!(
        pointing,
        [
            "emulate.image_handover",
            "emulate.no_qemu",
            "emulate.qemu",
            "emulate.qemu_ended",
            "firmware.cache",
            "firmware.no_sources",
            "firmware.no_toolchain",
            "flash.no_answer",
            "flash.temporary_file",
            "load.file_limit",
            "load.port_limit",
            "port.busy",
            "port.denied",
            "port.lock",
            "port.missing",
            "port.none",
            "port.other",
        ]
    );
}

#[test]
fn an_error_of_another_command_points_to_doctor() {
    let machine = Machine::new();
    fs::remove_file(machine.path("bin/qemu-system-riscv32")).unwrap();
    for words in ["emulate", "monitor --port /dev/nonexistent"] {
        let output = machine.command(&format!("{words} --json")).output().unwrap();
        let hint = document::of(&output)["error"]["try"].as_str().unwrap().to_owned();
        assert!(
            hint.ends_with("\nto check everything that the commands need: esp-https doctor"),
            "{words}: {hint}"
        );
    }
}
