//! A folder with what the commands need, and the documents that they end with.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::{
        ffi::OsStringExt as _,
        fs::{OpenOptionsExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use support::{command, document};
pub(crate) use support::{make_fifo, wait_until};

use crate::hints;

/// A firmware for the emulated board, and one for the chip; `fuzz/README.md` says what made them.
pub(crate) const EMULATED: &[u8] = include_bytes!("../../fuzz/seeds/firmware_elf/emulated-board");
pub(crate) const ESP32_C3: &[u8] = include_bytes!("../../fuzz/seeds/firmware_elf/two-sections");

/// The exits of one verb, and what is wrong with their documents.
pub(crate) struct Exits {
    verb: &'static str,
    folder: TempDir,
    tried: usize,
    faults: Vec<String>,
}

impl Exits {
    /// A folder with the certificate of `certgen`, its key, and a firmware for each board.
    pub(crate) fn of(verb: &'static str) -> Self {
        let exits = Self { verb, folder: tempfile::tempdir().unwrap(), tried: 0, faults: Vec::new() };
        fs::create_dir(exits.path("bin")).unwrap();
        fs::write(exits.path("board.elf"), EMULATED).unwrap();
        fs::write(exits.path("chip.elf"), ESP32_C3).unwrap();
        let made = exits.command("certgen --key p256").output().unwrap();
        assert!(made.status.success(), "{made:?}");
        exits
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program that the commands find first.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// `esp-https` with these words; a question mark is a byte that is not UTF-8.
    pub(crate) fn command(&self, words: &str) -> Command {
        let bytes = |word: &str| word.bytes().map(|byte| if byte == b'?' { 0xff } else { byte }).collect();
        let words = words.split(' ').filter(|word| !word.is_empty());
        let mut command = command();
        command.args(words.map(|word| OsString::from_vec(bytes(word))));
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command.current_dir(self.folder.path()).stdin(Stdio::null()).env("PATH", path);
        command.env_remove("ESPFLASH_PORT").env_remove("ESP_HTTPS_WIFI_PASSWORD").env("NO_COLOR", "1");
        command.env("ESP_HTTPS_CACHE_DIR", self.path("cache"));
        command
    }

    /// Runs the verb with these words to its end; `code` is that of its error, `-` for none.
    pub(crate) fn ends(&mut self, exit: i32, code: &str, words: &str) {
        let verb = self.verb;
        self.ends_with(exit, code, words, self.command(&format!("{verb} {words} --json")));
    }

    /// The same with a command that was prepared.
    pub(crate) fn ends_with(&mut self, exit: i32, code: &str, words: &str, mut command: Command) {
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        self.check(words, (exit, code), output.status.code(), &output.stdout, &stderr);
    }

    /// The same of a run that gets SIGINT as soon as `when` returns.
    pub(crate) fn is_interrupted(&mut self, exit: i32, code: &str, words: &str, when: impl FnOnce()) {
        let verb = self.verb;
        let mut command = self.command(&format!("{verb} {words} --json"));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        when();
        interrupt(&child);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        self.check(words, (exit, code), output.status.code(), &output.stdout, &stderr);
    }

    /// The document of a run that goes on after it, until SIGINT.
    pub(crate) fn goes_on(&mut self, words: &str) {
        let verb = self.verb;
        let mut command = self.command(&format!("{verb} {words} --json"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        while !text.ends_with("\n}\n") && out.read_line(&mut text).unwrap() > 0 {}
        interrupt(&child);
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        child.wait().unwrap();
        self.check(words, (0, "-"), Some(0), text.as_bytes(), &stderr);
    }

    fn check(&mut self, words: &str, told: (i32, &str), exit: Option<i32>, stdout: &[u8], stderr: &str) {
        self.tried += 1;
        let faults = faults(self.verb, told, exit, stdout);
        let named = |fault: String| format!("{} {words}: {fault}\n{stderr}", self.verb);
        self.faults.extend(faults.into_iter().map(named));
    }

    /// Fails with what is wrong with the documents.
    pub(crate) fn are_all_valid(&self, at_least: usize) {
        assert!(
            self.faults.is_empty(),
            "{} of {}:\n{}",
            self.faults.len(),
            self.tried,
            self.faults.join("\n")
        );
        assert!(self.tried >= at_least, "{}", self.tried);
    }
}

fn faults(verb: &str, (exit, code): (i32, &str), status: Option<i32>, stdout: &[u8]) -> Vec<String> {
    let document: Value = match serde_json::from_slice(stdout) {
        Ok(document) => document,
        Err(error) => return vec![format!("no document: {error}: {}", String::from_utf8_lossy(stdout))],
    };
    let named = document["error"]["code"].as_str().unwrap_or("-");
    let verb = if named.starts_with("usage.") { "usage" } else { verb };
    let mut faults = Vec::new();
    if (status, named) != (Some(exit), code) {
        faults.push(format!("it ended with {status:?} {named}, not {exit} {code}: {:#}", document["error"]));
    }
    if document["exit_code"] != exit || document["schema"] != format!("esp-https/{verb}/1") {
        faults.push(format!("its envelope says {} {}", document["schema"], document["exit_code"]));
    }
    faults.extend(document::errors(&document::schema(verb), &document));
    // What clap advises comes from the definitions themselves.
    if verb != "usage" {
        faults.extend(hints::strangers_in(verb, &document));
    }
    faults
}

fn interrupt(child: &Child) {
    support::signal("INT", child.id());
}

/// A FIFO, and the wait until somebody reads it. The reader is kept waiting until what is returned is dropped.
pub(crate) fn wait_for_reader(fifo: &Path) -> fs::File {
    let open = || fs::OpenOptions::new().write(true).custom_flags(rustix_nonblock()).open(fifo).ok();
    let mut opened = None;
    wait_until("the FIFO is read", || {
        opened = open();
        opened.is_some()
    });
    opened.unwrap()
}

fn rustix_nonblock() -> i32 {
    i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap()
}
