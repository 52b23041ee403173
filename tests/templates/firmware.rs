//! The template `firmware` on this machine: the crate compiles, its own test passes, and nothing about it is to be improved.

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Output},
};

use support::{OwnFirmware, from_root, stderr, stdout};

fn succeeded(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}{}", stdout(&output), stderr(&output));
    output
}

#[test]
fn its_test_passes_and_the_packages_are_those_that_the_firmware_was_tested_with() {
    let firmware = OwnFirmware::write("host");
    let told = stdout(&succeeded(firmware.cargo(&["test"])));
    assert!(told.contains("2 passed"), "{told}");
    succeeded(firmware.cargo(&["clippy", "--all-targets", "--quiet", "--", "-D", "warnings"]));

    let own = locked(&firmware.read("Cargo.lock"));
    let tested = locked(&fs::read_to_string(from_root("firmware/Cargo.lock")).unwrap());
    let others: Vec<_> = own.difference(&tested).map(|(name, _)| name.as_str()).collect();
    assert_eq!(others, ["pages", "pages-esp32c3", "pages-qemu-virt"]);
    assert!(own.len() > 100, "{}", own.len());
}

/// Name and version of each package in a lock file.
fn locked(text: &str) -> BTreeSet<(String, String)> {
    let lock: toml::Table = text.parse().unwrap();
    let packages = lock["package"].as_array().unwrap().iter();
    let value = |package: &toml::Value, key: &str| package[key].as_str().unwrap().to_owned();
    packages.map(|package| (value(package, "name"), value(package, "version"))).collect()
}

#[test]
fn the_crate_is_formatted_and_its_profiles_are_those_of_the_firmware() {
    // Not below our folder, whose rustfmt.toml would count.
    let folder = crate::write("firmware", &[]);
    let mut fmt = Command::new("cargo");
    fmt.args(["fmt", "--check", "-p", "pages", "-p", "pages-esp32c3", "-p", "pages-qemu-virt"]);
    fmt.current_dir(folder.path());
    succeeded(fmt);

    let profiles = |manifest: &str| manifest.parse::<toml::Table>().unwrap()["profile"].clone();
    let own = fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    let ours = fs::read_to_string(from_root("firmware/Cargo.toml")).unwrap();
    assert_eq!(profiles(&own), profiles(&ours));
}

#[test]
fn the_sources_are_the_whole_firmware_without_its_tests() {
    let folder = crate::write("firmware", &[]);
    let sources = folder.path().join("esp-https");
    for file in
        ["Cargo.toml", "Cargo.lock", "server/src/lib.rs", "testing/src/lib.rs", "boards/esp32c3/build.rs"]
    {
        let ours = fs::read(from_root("firmware").join(file)).unwrap();
        assert!(fs::read(sources.join(file)).unwrap() == ours, "{file}");
    }
    assert!(!sources.join("server/tests").exists());
    let readme = fs::read_to_string(folder.path().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 25, "it is to fit one screen");
}

#[test]
fn it_is_written_where_a_process_may_open_few_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 64 && exec \"$0\" init firmware mine"]).arg(support::esp_https());
    command.current_dir(folder.path());
    let told = stdout(&succeeded(command));
    assert!(told.ends_with("\nnext: cd mine && esp-https emulate --firmware-dir .\n"), "{told}");
    assert!(told.contains("mine/esp-https: the sources of the firmware, "), "{told}");
}
