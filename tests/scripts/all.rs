//! `scripts/test-all`, with programs in the place of those that take long.

use std::{
    env, fs,
    process::{Command, Output},
};

use support::{board::write_program, from_root, stderr, stdout};
use tempfile::TempDir;

/// A folder that holds the script and what it calls.
struct Tree(TempDir);

impl Tree {
    /// Everything is there and passes.
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for folder in [
            "scripts/lib",
            "fuzz/seeds/one",
            "bin",
            "target/test-venv/bin",
            "target/debug",
            "target/own-firmware",
        ] {
            fs::create_dir_all(tree.0.path().join(folder)).unwrap();
        }
        for file in ["scripts/test-all", "scripts/lib/setup"] {
            fs::copy(from_root(file), tree.0.path().join(file)).unwrap();
        }
        fs::write(
            tree.0.path().join("fuzz/Cargo.toml"),
            "[[bin]]\nname = \"one\"\npath = \"x\"\n\n[[bin]]\nname = \"two\"\n",
        )
        .unwrap();
        tree.program("fuzz/seed-tls", "true");
        tree.program("scripts/test", "echo \"tests: 3 passed with the seeds $ESP_HTTPS_TEST_SEEDS\"");
        tree.program(
            "scripts/compare-audit",
            "echo '38 of 40 comparisons in 26 configurations agree'; echo '- one'",
        );
        tree.program(
            "scripts/prebuild",
            "mkdir -p prebuilt; printf 12345 >prebuilt/one.elf.gz; printf 'sources x\nimage one y 5\n' >prebuilt/images
            [ \"$1\" != --compare ] || echo 'the same bytes'",
        );
        tree.program("scripts/test-packages", "echo '6 of 6 parts passed'");
        tree.cargo("");
        tree.program("bin/testssl", "true");
        tree.program(
            "target/test-venv/bin/cargo-nextest",
            "echo \"$* ${ESP_HTTPS_TEST_FIRMWARE:-}\" >>ran-tests",
        );
        tree.program("target/debug/esp-https", "echo 'images     y  one, 5 bytes'");
        fs::write(tree.0.path().join("target/own-firmware/suite.elf"), "1234567").unwrap();
        tree
    }

    fn program(&self, path: &str, script: &str) {
        write_program(&self.0.path().join(path), script);
    }

    /// A cargo in which `first` comes before what it does otherwise.
    fn cargo(&self, first: &str) {
        let script = format!(
            r#"{first}
            case "$*" in
                "+nightly fuzz run "*) echo "$*" >>ran; echo "stat::number_of_executed_units: 7" ;;
                package*) printf 'a\nb\n' ;;
                install*) mkdir -p target/test-all/bin
                    mkdir -p target/test-all/pair
                    printf '#!/bin/sh\necho esp-https 0.1.0\n' >target/test-all/bin/esp-https
                    chmod +x target/test-all/bin/esp-https ;;
            esac"#
        );
        self.program("bin/cargo", &script);
    }

    fn run(&self, args: &[&str], ci: Option<&str>) -> Output {
        let path = format!("{}:{}", self.0.path().join("bin").display(), env::var("PATH").unwrap());
        let mut command = Command::new(self.0.path().join("scripts/test-all"));
        command.arg("--no-setup").args(args).env("PATH", path).env_remove("CI").envs(ci.map(|ci| ("CI", ci)));
        command.output().unwrap()
    }
}

#[test]
fn every_part_is_run_and_has_its_figure() {
    let tree = Tree::new();
    let output = tree.run(&["--fuzz-minutes", "3"], Some("true"));
    assert!(output.status.success(), "{output:?}");
    let text = stdout(&output);
    insta::with_settings!({filters => vec![(r"(?m)^ +\d+ s", "[seconds]")]}, {
        insta::assert_snapshot!(text[text.find("==> figures").unwrap()..], @r"
        ==> figures
        [seconds]  scripts/test, every seed: tests: 3 passed with the seeds all
        [seconds]  tests of the firmware, on a crate of its own: passed with a firmware of 7 bytes
        [seconds]  fuzz one: 7 runs, 0 inputs in its corpus, no finding
        [seconds]  fuzz two: 7 runs, 0 inputs in its corpus, no finding
        [seconds]  compare-audit: 38 of 40 comparisons in 26 configurations agree
        [seconds]  scripts/prebuild --compare: the same bytes
        [seconds]  scripts/prebuild: 5 bytes of images
        [seconds]  tests with the images inside: passed with the images of one
        [seconds]  cargo package --list: 2 files in the package
        [seconds]  cargo install: esp-https 0.1.0
        [seconds]  scripts/test-packages: 6 of 6 parts passed
        left out: 0
        ==> all of it passed in 0 min
        ");
    });
    let ran = fs::read_to_string(tree.0.path().join("ran")).unwrap();
    let tests = fs::read_to_string(tree.0.path().join("ran-tests")).unwrap();
    let own = tests.lines().next().unwrap();
    assert!(own.contains("binary(e2e)") && own.ends_with("/target/own-firmware/suite.elf"), "{tests}");
    let limit = "-max_total_time=180 -print_final_stats=1";
    let expected = format!(
        "+nightly fuzz run one fuzz/corpus/one fuzz/seeds/one -- {limit}\n+nightly fuzz run two fuzz/corpus/two -- {limit}\n"
    );
    assert_eq!(ran, expected);
}

#[test]
fn a_program_without_images_is_not_taken_for_one_that_was_tested_with_them() {
    let tree = Tree::new();
    tree.program("target/debug/esp-https", "echo 'images     none: flash and emulate build the firmware'");
    let output = tree.run(&[], None);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(stdout(&output).contains("the program that was tested has no images"), "{output:?}");
}

#[test]
fn without_a_firmware_of_ones_own_its_part_fails() {
    let tree = Tree::new();
    fs::remove_file(tree.0.path().join("target/own-firmware/suite.elf")).unwrap();
    let output = tree.run(&[], None);
    assert!(output.status.code() == Some(4) && stdout(&output).contains("no test has built"), "{output:?}");
}

#[test]
fn what_is_left_out_is_listed_with_its_reason_and_fails_a_run_in_ci() {
    let tree = Tree::new();
    tree.cargo("[ \"$*\" != 'fuzz --version' ] || exit 101");
    for (ci, code) in [(None, 0), (Some("true"), 1)] {
        let output = tree.run(&[], ci);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let listed = "left out: 1\n  fuzzing: there is no cargo-fuzz: cargo install --locked cargo-fuzz\n";
        assert!(stdout(&output).contains(listed), "{output:?}");
    }
}

#[test]
fn a_part_that_fails_ends_it() {
    for (failing, what) in [
        ("+nightly fuzz run two", "fuzz two failed"),
        ("package --list", "cargo package --list failed"),
        ("install", "cargo install failed"),
    ] {
        let tree = Tree::new();
        tree.cargo(&format!(
            "case \"$*\" in '{failing}'*) echo 'SUMMARY: libFuzzer: deadly signal'; exit 77 ;; esac"
        ));
        let output = tree.run(&[], None);
        assert_eq!(output.status.code(), Some(4), "{failing}: {output:?}");
        assert!(stderr(&output).contains(what), "{failing}: {output:?}");
        assert!(!stdout(&output).contains("==> figures"), "{failing}: {output:?}");
    }
    for script in ["scripts/test", "scripts/compare-audit"] {
        let tree = Tree::new();
        tree.program(script, "exit 1");
        assert_eq!(tree.run(&[], None).status.code(), Some(4), "{script}");
    }
}

#[test]
fn words_that_it_does_not_know_are_answered_with_its_usage() {
    for words in [&["--fuzz-minutes"][..], &["--fuzz-minutes", "0"], &["--fuzz-minutes", "x"], &["--all"]] {
        let output = Tree::new().run(words, None);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {output:?}");
        assert!(stderr(&output).contains("scripts/test-all --fuzz-minutes N"), "{words:?}: {output:?}");
    }
}
