//! The templates that `init` writes: how they are written, and each one read by a tool of its own kind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod emulated;
mod emulated_firmware;
mod esp_idf;
mod firmware;
mod init;
mod kubernetes;
mod own;
mod workflows;
mod yaml;

use tempfile::TempDir;

/// A new folder with the files of a template, which `init` has written into it.
fn write(name: &str, more: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let output =
        support::command().args(["init", name]).args(more).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    folder
}
