//! The outside tools that tests compare against.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{program::from_root, skip::skip};

/// The program `name` of the PATH, or of `/usr/sbin`, which only root has on it; `install` is the command that installs it.
///
/// Where it is missing, the test is skipped (see [`crate::skip()`]) and gets `None`.
#[track_caller]
pub fn require(name: &str, install: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found_or_skipped(found, &format!("{name} is not installed ({install})"))
}

/// A Python that can import `module`: `ESP_HTTPS_TEST_PYTHON`, or the one that `scripts/lib/python-tools` makes.
///
/// Where it is missing, the test is skipped (see [`crate::skip()`]) and gets `None`.
#[track_caller]
pub fn require_python(module: &str) -> Option<PathBuf> {
    let made = from_root("target/test-venv/bin/python");
    let python = env::var_os("ESP_HTTPS_TEST_PYTHON").map_or(made, PathBuf::from);
    let imported = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    let found = imported.is_ok_and(|output| output.status.success()).then(|| python.clone());
    let reason = format!("{} can't import {module} (scripts/lib/python-tools)", python.display());
    found_or_skipped(found, &reason)
}

/// The ELF file of one of the boards' firmwares, as `scripts/test` builds it before the tests.
///
/// Where it is missing, the test is skipped (see [`crate::skip()`]) and gets `None`.
#[track_caller]
pub fn require_firmware(package: &str) -> Option<PathBuf> {
    let elf = from_root("firmware/target/riscv32imc-unknown-none-elf/release").join(package);
    let reason = format!("{} is not built (scripts/test does)", elf.display());
    found_or_skipped(elf.is_file().then_some(elf), &reason)
}

#[track_caller]
fn found_or_skipped(found: Option<PathBuf>, reason: &str) -> Option<PathBuf> {
    if found.is_none() {
        skip(reason);
    }
    found
}

/// Runs `openssl` in that folder, and returns what it wrote; fails the test where it fails.
#[track_caller]
pub fn openssl<S: AsRef<std::ffi::OsStr>>(folder: &Path, args: &[S]) -> Output {
    let mut command = Command::new("openssl");
    let output = command.args(args).current_dir(folder).output().expect("openssl runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
