//! A firmware of one's own, as `esp-https init firmware` writes it.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{command, from_root};

/// A folder with the crate that the template `firmware` is.
pub struct OwnFirmware {
    folder: PathBuf,
}

impl OwnFirmware {
    /// Writes it anew. The folder with this name is the same in every run, and what the firmware depends on is compiled already, in
    /// the target folder of ours: only its own crates are compiled here.
    pub fn write(name: &str) -> Self {
        let folder = from_root("target/own-firmware").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the folder of an earlier run can be removed");
        }
        let output = command().args(["init", "firmware"]).arg(&folder).output().expect("init runs");
        assert!(output.status.success(), "{output:?}");
        let target = from_root("firmware/target");
        fs::create_dir_all(&target).expect("a folder for what is compiled");
        symlink(&target, folder.join("target")).expect("a link to it");
        Self { folder }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of it.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).expect("the template has it")
    }

    /// Replaces what is in a file of it, or makes one.
    pub fn replace(&self, path: &str, content: &str) {
        fs::write(self.folder.join(path), content).expect("a file can be written");
    }

    /// A run of ours in its folder.
    pub fn esp_https(&self, words: &[&str]) -> Command {
        let mut command = command();
        command.args(words).current_dir(&self.folder).env("CARGO_NET_OFFLINE", "true");
        command
    }

    /// A run of cargo in its folder, which downloads nothing.
    pub fn cargo(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        command.args(words).current_dir(&self.folder).env("CARGO_NET_OFFLINE", "true");
        command
    }
}
