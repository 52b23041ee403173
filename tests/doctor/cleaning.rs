//! What is old in the cache, and `--clean`.

use std::fs::{self, File};

use crate::machine::{Machine, Told, old_files};

#[test]
fn what_other_versions_left_is_counted_and_removed_and_nothing_else_is() {
    let machine = Machine::new();
    let old = old_files(&machine.cache());
    for name in ["notes.txt", "esp32c3-of-mine.elf"] {
        fs::write(machine.cache().join(name), "mine").unwrap();
    }
    let before = machine.doctor("");
    assert_eq!(before.problems(), [""; 0], "a warning is no problem");
    let (state, found, remedy) = before.told("old_images");
    assert_eq!((state.as_str(), remedy.as_str()), ("warning", "esp-https doctor --clean"));
    assert!(found.starts_with("3 entries"), "{found}");
    assert!(old.iter().all(|path| path.exists()), "looking removes nothing");

    let cleaned = machine.doctor("--clean");
    let removed = cleaned.document["result"]["cleaned"]["removed"].as_array().unwrap();
    assert_eq!((cleaned.code, removed.len()), (0, 3));
    assert!(removed.iter().all(|file| file["bytes"].as_u64().unwrap() > 0), "{removed:?}");
    assert!(old.iter().all(|path| !path.exists()));
    let mut left: Vec<_> =
        fs::read_dir(machine.cache()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["esp32c3-of-mine.elf", "lock", "notes.txt"]);

    let again = machine.doctor("--clean");
    assert_eq!(again.document["result"]["cleaned"]["removed"], serde_json::json!([]), "a second time");
    assert_eq!(machine.doctor("").state("old_images"), "ok");
}

#[test]
fn what_another_process_uses_is_not_removed() {
    let machine = Machine::new();
    let [image, other, sources] = old_files(&machine.cache());
    let held = File::open(&image).unwrap();
    held.lock_shared().unwrap();
    let cleaned = machine.doctor("--clean");
    assert_eq!(cleaned.code, 0);
    let in_use = cleaned.document["result"]["cleaned"]["in_use"].as_array().unwrap();
    assert_eq!(in_use.len(), 1, "{:#}", cleaned.document);
    assert!(image.exists() && !other.exists() && !sources.exists());
    let building = File::options().append(true).open(machine.cache().join("lock")).unwrap();
    building.lock().unwrap();
    let refused = machine.doctor("--clean");
    assert_eq!((refused.code, refused.error()), (4, "doctor.clean"));
    assert!(image.exists());
}

#[test]
fn cleaning_says_what_it_did() {
    let machine = Machine::new();
    let clean = || {
        let output = machine.command("doctor --clean").output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        let text = support::stdout(&output);
        text.replace(&machine.path("").display().to_string(), "/").replace("//", "/")
    };
    insta::assert_snapshot!(clean(), @"cache    nothing to remove: /home/.cache/esp-https has no firmware of another version");
    for file in old_files(&machine.cache()) {
        if file.is_file() {
            fs::write(&file, "").unwrap();
        }
    }
    insta::with_settings!({ filters => vec![(r"\d+ bytes", "N bytes")] }, {
        insta::assert_snapshot!(clean(), @r"
        removed  /home/.cache/esp-https/esp32c3-0000000000000000.elf  N bytes
        removed  /home/.cache/esp-https/firmware-0000000000000000  N bytes
        removed  /home/.cache/esp-https/qemu-virt-prebuilt-0000000000000000.elf  N bytes
        cache    N bytes are free again in /home/.cache/esp-https
        ");
    });
}

#[test]
fn without_a_home_there_is_nothing_to_clean() {
    let machine = Machine::new();
    let mut command = machine.command("doctor --json --clean");
    let told = Told::by(command.env_remove("HOME"));
    assert_eq!((told.code, told.error()), (4, "doctor.clean"));
}
