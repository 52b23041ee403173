//! A folder with a scenario in it.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use support::document;
use tempfile::TempDir;

pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new(scenario: &str) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        bench.scenario(scenario);
        bench
    }

    pub(crate) fn scenario(&self, scenario: &str) {
        fs::write(self.path("hil.toml"), scenario).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = support::command();
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command.arg("hil").args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("PATH", path).env("NO_COLOR", "1").env_remove("ESPFLASH_PORT");
        command
    }

    /// A run with its document.
    pub(crate) fn run(&self, words: &[&str]) -> (Output, Value) {
        let output = self.command(&[words, &["--json"]].concat()).output().unwrap();
        let document = document::of(&output);
        (output, document)
    }

    /// The document that the run keeps in its folder.
    pub(crate) fn kept(&self) -> Option<Value> {
        let bytes = fs::read(self.path("hil-out/hil.json")).ok()?;
        Some(document::parse_valid(&bytes))
    }
}

/// The steps of the only board.
pub(crate) fn steps(document: &Value) -> &[Value] {
    document["result"]["boards"][0]["steps"].as_array().unwrap()
}

/// How each of them ended.
pub(crate) fn states(document: &Value) -> Vec<&str> {
    steps(document).iter().map(|step| step["state"].as_str().unwrap()).collect()
}
