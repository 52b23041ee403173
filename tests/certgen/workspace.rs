//! A folder with the command run in it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use serde_json::Value;
use support::{document, names, stderr};
use tempfile::TempDir;

/// A folder of its own for one test, with the command run in it.
pub(crate) struct Workspace {
    pub(crate) folder: TempDir,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = support::command();
        command.arg("certgen").current_dir(&self.folder).env("NO_COLOR", "1");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command().args(args).output().unwrap()
    }

    pub(crate) fn certgen(&self, args: &[&str]) -> Output {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        output
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.command().arg("--json").args(args).output().unwrap();
        document::of(&output)
    }

    pub(crate) fn certificate(&self) -> Vec<u8> {
        certificate_in(&self.path("cacert.pem"))
    }

    /// Everything in the folder, hidden files too.
    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.folder)
    }
}

pub(crate) fn certificate_in(path: &Path) -> Vec<u8> {
    CertificateDer::from_pem_file(path).unwrap().to_vec()
}
