//! The templates that need a board, on the emulated one. They run one after the other (.config/nextest.toml).

use std::process::{Command, Output, Stdio};

use support::{Running, command, document, esp_https, require, require_python, stdout};
use tempfile::TempDir;

use crate::write;

const QEMU: &str = "apt-get install qemu-system-misc";

#[test]
fn every_rule_of_the_policy_holds_for_the_firmware_and_the_book_s_certificate() {
    let Some(_) = require("qemu-system-riscv32", QEMU) else { return };
    let folder = write("policy", &[]);
    let mut emulate = command();
    emulate.args(["emulate", "--json", "--port", "0", "--ready-timeout", "2m"]).current_dir(folder.path());
    let mut board = Running::start(emulate.stdin(Stdio::null()).stdout(Stdio::piped()));
    let emulated = board.document();
    let target = emulated["result"]["target"].as_str().unwrap_or_else(|| panic!("{emulated:#}"));
    let mut probe = command();
    probe.args(["probe", target, "--audit", "--policy", "policy.toml", "--json"]).current_dir(folder.path());
    let document = document::of(&probe.output().unwrap());
    let checks = document["result"]["checks"].as_array().unwrap();
    let broken: Vec<_> = checks.iter().filter(|check| check["outcome"] != "passed").collect();
    assert!(checks.len() >= 19 && broken.is_empty(), "{broken:#?}");
    assert_eq!(document["exit_code"], 0, "{:#}", document["error"]);
}

fn pytest(folder: &TempDir, words: &[&str]) -> Option<Output> {
    require("qemu-system-riscv32", QEMU)?;
    let python = require_python("pytest_embedded")?;
    let mut command = Command::new(python);
    command.args(["-m", "pytest", "-v"]).args(words).current_dir(folder.path()).env("ESP_HTTPS", esp_https());
    Some(command.output().unwrap())
}

#[test]
fn the_fixtures_of_pytest_work_alone() {
    let folder = write("pytest", &[]);
    let Some(output) = pytest(&folder, &["-p", "no:pytest_embedded"]) else { return };
    let told = stdout(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("3 passed, 1 skipped"), "{told}");
}

#[test]
fn the_fixtures_of_pytest_work_inside_pytest_embedded() {
    let folder = write("pytest", &[]);
    let Some(output) = pytest(&folder, &["test_dut.py"]) else { return };
    let told = stdout(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("1 passed"), "{told}");
}

#[test]
fn the_scenario_passes_in_a_folder_that_was_empty() {
    let Some(_) = require("qemu-system-riscv32", QEMU) else { return };
    let folder = write("hil", &[]);
    let init = command().args(["init", "github"]).current_dir(folder.path()).output().unwrap();
    assert!(init.status.success(), "{init:?}");
    let output = command().args(["hil", "--json"]).current_dir(folder.path()).output().unwrap();
    let document = document::of(&output);
    assert_eq!(document["exit_code"], 0, "{:#}\n{}", document["error"], support::stderr(&output));
    let steps = &document["result"]["boards"][0]["steps"];
    let passed = steps.as_array().unwrap().iter().filter(|step| step["state"] == "passed").count();
    assert_eq!(passed, 8, "{steps:#}");
    assert!(folder.path().join("hil-out/hil.json").is_file());
}
