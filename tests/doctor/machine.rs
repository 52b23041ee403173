//! A machine on which hardly anything is installed: a folder of programs, a cache, a home, and a folder to work in.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use support::{board::write_program, document};
use tempfile::TempDir;

pub(crate) struct Machine {
    folder: TempDir,
}

/// What a run said.
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) document: Value,
}

impl Machine {
    /// QEMU is there, and nothing else.
    pub(crate) fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        for name in ["bin", "home", "work", "tmp"] {
            fs::create_dir(machine.path(name)).unwrap();
        }
        machine.qemu("7.2.22");
        machine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.path("home/.cache/esp-https")
    }

    /// A program that says that it is QEMU.
    pub(crate) fn qemu(&self, version: &str) {
        let script = format!(
            "case $1 in --version) echo 'QEMU emulator version {version} (Debian)' ;; *) echo 'virt   RISC-V VirtIO board' ;; esac"
        );
        write_program(&self.path("bin/qemu-system-riscv32"), &script);
    }

    /// A command whose PATH has the programs of this machine only.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = support::command();
        self.prepare(&mut command);
        command.args(words.split(' ').filter(|word| !word.is_empty()));
        command
    }

    pub(crate) fn prepare(&self, command: &mut Command) {
        command.current_dir(self.path("work")).stdin(Stdio::null()).env_clear();
        command.env("PATH", self.path("bin")).env("HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
    }

    pub(crate) fn doctor(&self, words: &str) -> Told {
        Told::by(&mut self.command(&format!("doctor --json {words}")))
    }
}

impl Told {
    pub(crate) fn by(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let document = document::of(&output);
        Self { code: output.status.code().unwrap(), document }
    }

    /// The check with this id, of which there is one.
    pub(crate) fn check(&self, id: &str) -> &Value {
        let [check] = self.checks(id)[..] else { panic!("{id}: {:#}", self.document) };
        check
    }

    pub(crate) fn checks(&self, id: &str) -> Vec<&Value> {
        let checks = self.document["result"]["checks"].as_array().unwrap();
        checks.iter().filter(|check| check["id"] == id).collect()
    }

    /// State, what was found, and the command that mends it.
    pub(crate) fn told(&self, id: &str) -> (String, String, String) {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let check = self.check(id);
        (text(&check["state"]), text(&check["found"]), text(&check["remedy"]["command"]))
    }

    pub(crate) fn state(&self, id: &str) -> String {
        self.told(id).0
    }

    /// What is in the way of a command; nothing when it is ready.
    pub(crate) fn in_the_way_of(&self, verb: &str) -> Vec<&str> {
        let verbs = self.document["result"]["verbs"].as_array().unwrap();
        let found = verbs.iter().find(|of| of["verb"] == verb).unwrap();
        let ids: Vec<&str> =
            found["blocked_by"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(found["state"] == "ready", ids.is_empty(), "{found}");
        ids
    }

    /// The checks that found something wrong. Whoever runs the test may have a port that can't be used; so ports are left out.
    pub(crate) fn problems(&self) -> Vec<&str> {
        let checks = self.document["result"]["checks"].as_array().unwrap();
        let wrong = checks.iter().filter(|check| check["state"] == "problem" && check["id"] != "port");
        wrong.map(|check| check["id"].as_str().unwrap()).collect()
    }

    pub(crate) fn error(&self) -> &str {
        self.document["error"]["code"].as_str().unwrap_or("-")
    }
}

/// Something that another version of esp-https left in a cache.
pub(crate) fn old_files(cache: &Path) -> [PathBuf; 3] {
    let files = ["esp32c3-0000000000000000.elf", "qemu-virt-prebuilt-0000000000000000.elf"]
        .map(|name| cache.join(name));
    fs::create_dir_all(cache).unwrap();
    for file in &files {
        fs::write(file, [7; 10_000]).unwrap();
    }
    let sources = cache.join("firmware-0000000000000000");
    fs::create_dir(&sources).unwrap();
    fs::write(sources.join("Cargo.toml"), "[workspace]").unwrap();
    let [one, two] = files;
    [one, two, sources]
}
