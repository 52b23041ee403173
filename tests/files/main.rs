//! Files as people have them: passwords, manifests, certificates and keys that an editor, a spreadsheet or another program
//! wrote. What can be read is read, and for what can't, each kind has a sentence of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod manifests;
mod passwords;
mod pem;
mod texts;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use esp_https::cert::{Generated, KeyType, Request, generate};
use serde_json::Value;
use support::{command_in, document};
use tempfile::TempDir;

/// A folder with a certificate and its key, in which the commands run.
struct Workspace {
    folder: TempDir,
    pair: Generated,
}

impl Workspace {
    fn new() -> Self {
        let pair = generate(&Request { key_type: KeyType::P256, ..Request::book() }).unwrap();
        let workspace = Self { folder: tempfile::tempdir().unwrap(), pair };
        workspace.write("cacert.pem", &workspace.pair.certificate_pem);
        workspace.write("prvtkey.pem", workspace.pair.private_key_pem.as_bytes());
        workspace
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = command_in(self.folder.path());
        command.args(words);
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// The error of a command that has to fail.
    fn error(&self, words: &[&str]) -> Value {
        error_of(&self.run(&[words, &["--json"]].concat()))
    }
}

/// The error in the document of a command that failed.
fn error_of(output: &Output) -> Value {
    let document = document::of(output);
    assert!(document["error"].is_object(), "{document:#}");
    document["error"].clone()
}
