//! What several integration tests need: the outside tools that they compare against.
#![allow(dead_code, reason = "every test binary uses its own part")]

pub(crate) mod proxy;

use std::{
    env,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

/// The program `name` of the PATH, or of `/usr/sbin`, which only root has on it; `install` is the command that installs it.
///
/// Without it the test fails in CI (`CI=true`), and elsewhere prints why it is skipped and gets `None`.
pub(crate) fn require(name: &str, install: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found_or_skipped(found, &format!("{name} is not installed ({install})"))
}

/// A Python that can import `module`: `ESP_HTTPS_TEST_PYTHON`, or the one that `scripts/lib/python-tools` makes.
///
/// Without it the test fails in CI (`CI=true`), and elsewhere prints why it is skipped and gets `None`.
pub(crate) fn require_python(module: &str) -> Option<PathBuf> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-venv/bin/python");
    let python = env::var_os("ESP_HTTPS_TEST_PYTHON").map_or(made, PathBuf::from);
    let imported = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    let found = imported.is_ok_and(|output| output.status.success()).then(|| python.clone());
    let reason = format!("{} can't import {module} (scripts/lib/python-tools)", python.display());
    found_or_skipped(found, &reason)
}

fn found_or_skipped(found: Option<PathBuf>, reason: &str) -> Option<PathBuf> {
    if found.is_none() {
        assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{reason}");
        skipped(reason);
    }
    found
}

/// Says what is not tried here, and why.
pub(crate) fn skipped(reason: &str) {
    // Not eprintln, which the test harness keeps to itself when a test passes.
    let _ = writeln!(io::stderr(), "skipped: {reason}");
}

/// The ELF file of one of the boards' firmwares, as `scripts/test` builds it before the tests.
///
/// Without it the test fails in CI (`CI=true`), and elsewhere prints why it is skipped and gets `None`.
pub(crate) fn require_firmware(package: &str) -> Option<PathBuf> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware/target/riscv32imc-unknown-none-elf/release");
    let elf = folder.join(package);
    let reason = format!("{} is not built (scripts/test does)", elf.display());
    found_or_skipped(elf.is_file().then_some(elf), &reason)
}
