//! Texts that list what is in a folder.

use std::{collections::BTreeSet, fs, process::Command};

use support::{from_root, names};

fn read(path: &str) -> String {
    fs::read_to_string(from_root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The words of a text that are set as code.
fn code_words(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_fuzz_target_is_registered_and_described() {
    let manifest: toml::Table = toml::from_str(&read("fuzz/Cargo.toml")).unwrap();
    let registered: BTreeSet<String> = manifest["bin"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bin| bin["name"].as_str().unwrap().to_owned())
        .collect();
    let files: BTreeSet<String> = names(from_root("fuzz/fuzz_targets"))
        .iter()
        .map(|name| name.strip_suffix(".rs").unwrap().to_owned())
        .collect();
    assert_eq!(registered, files);
    let readme = read("fuzz/README.md");
    let described = code_words(&readme);
    let missing: Vec<_> = registered.iter().filter(|target| !described.contains(target.as_str())).collect();
    assert!(missing.is_empty(), "fuzz/README.md does not describe {missing:?}");
    for seeded in names(from_root("fuzz/seeds")) {
        assert!(registered.contains(&seeded), "fuzz/seeds/{seeded} belongs to no target");
    }
}

/// Paths in capitals stand for something: `src/cmd/VERB.rs`.
#[test]
fn the_files_that_contributors_are_sent_to_are_there() {
    for page in ["CONTRIBUTING.md", "fuzz/README.md"] {
        let text = read(page);
        let is_file = |word: &&str| {
            word.contains('/') && [".rs", ".json", ".md", ".toml", ".py"].iter().any(|it| word.ends_with(it))
        };
        let stands_for_something =
            |word: &str| word.contains(|letter: char| letter.is_ascii_uppercase() || letter == '*');
        let named: Vec<&str> = code_words(&text)
            .into_iter()
            .filter(is_file)
            .filter(|word| !stands_for_something(word))
            .collect();
        assert!(named.len() > 5, "{page}: {named:?}");
        // Within a recipe a path may begin at the folder that the recipe is about.
        let roots = ["", "src/", "firmware/", "tests/"];
        let missing: Vec<_> = named
            .iter()
            .filter(|path| !roots.iter().any(|root| from_root(&format!("{root}{path}")).exists()))
            .collect();
        assert!(missing.is_empty(), "{page} names files that are not there: {missing:?}");
    }
}

#[test]
fn every_script_is_described_for_contributors_or_users() {
    let docs = names(from_root("docs")).into_iter().filter(|name| name.ends_with(".md"));
    let pages =
        docs.map(|name| format!("docs/{name}")).chain(["README.md", "CONTRIBUTING.md"].map(str::to_owned));
    let text: String = pages.map(|page| read(&page)).collect();
    for script in names(from_root("scripts")).iter().filter(|name| *name != "lib") {
        assert!(text.contains(&format!("scripts/{script}")), "nothing tells of scripts/{script}");
    }
}

#[test]
fn the_layout_of_the_tests_is_one_folder_with_a_main_file_for_each_subject() {
    for name in names(from_root("tests")) {
        let folder = from_root("tests").join(&name);
        assert!(folder.is_dir(), "tests/{name}: the tests of a subject are a folder with a main.rs");
        let kind = if name == "support" { "src/lib.rs" } else { "main.rs" };
        assert!(folder.join(kind).is_file(), "tests/{name}/{kind}");
    }
}

/// `build.rs` takes images only if they were made of the sources that the program holds; the script says of which they were made.
#[test]
fn the_script_and_the_program_compute_the_same_hash_of_the_firmware_s_sources() {
    let script = ". scripts/lib/prebuild && firmware_hash";
    let output = Command::new("bash").args(["-c", script]).current_dir(from_root("")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        esp_https::device::bundle::Bundle::FIRMWARE.hash()
    );
}
