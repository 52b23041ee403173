//! A cheap run of each command that writes each of its outputs.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use support::{board, server::Server};
use tempfile::TempDir;

/// A folder, and around it all that the commands need.
pub(crate) struct Workspace {
    folder: TempDir,
    server: Server,
    firmware: Option<PathBuf>,
    /// A board that says a few lines again and again.
    port: String,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let run = |args: &[&str]| {
            let output = support::command().args(args).current_dir(folder.path()).output().unwrap();
            assert!(output.status.success(), "{output:?}");
        };
        run(&["certgen", "--key", "p256"]);
        run(&["certgen", "ca", "--dir", "ca"]);
        fs::write(folder.path().join("boards.csv"), "mac\n24:0a:c4:00:00:01\n").unwrap();
        // Later runs find nothing to make.
        run(&["certgen", "fleet", "boards.csv", "--ca", "ca"]);
        let server = Server::openssl(&folder, ("cacert.pem", "prvtkey.pem"), &[]);
        run(&["load", &server.address, "--insecure", "-n", "1", "--no-stat", "--json", "-o", "part.json"]);
        fs::write(folder.path().join(SCENARIO), "[[step]]\nprobe = { cert = \"cacert.pem\" }\n").unwrap();
        emulator(&folder.path().join("bin"));
        let firmware = support::require_firmware("esp-https-esp32c3");
        Self { folder, server, firmware, port: talking_board() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The words of a run that writes the output `flag` and ends with this exit code; `None` where it can't be run here.
    pub(crate) fn words<'a>(&'a self, verb: &'a str, flag: &str) -> Option<(Vec<&'a str>, i32)> {
        let pair = ["--cert", "cacert.pem", "--key", "prvtkey.pem"];
        let (words, code): (Vec<&str>, i32) = match (verb, flag) {
            ("certgen", _) => (vec!["--key", "p256", "--force", "--out-dir", "pair"], 0),
            ("certgen ca", _) => (vec!["--dir", "ca", "--force"], 0),
            ("certgen inspect" | "certgen renew", _) => (vec!["cacert.pem"], 0),
            ("certgen fleet", _) => (vec!["boards.csv", "--ca", "ca"], 0),
            // What a board says is logged once it is flashed: tests/flash does that with a mock of the bootloader.
            ("flash", "--serial-log") => return None,
            ("flash", flag) => {
                let elf = self.firmware.as_ref()?.to_str()?;
                let mut words = vec!["--ssid", "home", "--open-wifi", "--image", elf, "--force"];
                words.extend(pair);
                let has_no_image = ["--output", "--junit"].contains(&flag);
                words.extend(if has_no_image { &["--save-image", "board.bin"][..] } else { &[] });
                (words, 0)
            }
            // It says that it is ready, and then nothing more.
            ("emulate", _) => ([&["--port", "0", "--image", "board.elf"], &pair[..]].concat(), 4),
            // For a person the lines themselves are the result, and go to standard error beside a file.
            ("monitor", "--output") => (vec!["--port", &self.port, "--for", "1s", "--json"], 0),
            ("monitor", _) => (vec!["--port", &self.port, "--for", "1s"], 0),
            // Of the checks that this one needs, none finds a problem.
            ("doctor", _) => (vec!["certgen"], 0),
            ("probe", _) => (vec![&self.server.address, "--cert", "cacert.pem"], 0),
            ("load", _) => (vec![&self.server.address, "--cert", "cacert.pem", "-n", "2", "--no-stat"], 0),
            // Nobody answers on loopback.
            ("discover", _) => (vec!["--interface", "lo", "--for", "300ms"], 4),
            ("man", _) => (vec!["--list"], 0),
            ("completions", _) => (vec!["bash"], 0),
            ("init", _) => (vec!["policy", "policy", "--force"], 0),
            ("load merge", _) => (vec!["part.json"], 0),
            ("hil", _) => (vec![SCENARIO, "--target", &self.server.address], 0),
            ("hil check" | "hil plan", _) => (vec![SCENARIO], 0),
            _ => panic!("how is {verb} {flag} tried?"),
        };
        Some((verb.split(' ').chain(words).collect(), code))
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = support::command_in(&self.folder);
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command.args(words).env("PATH", path);
        command
    }
}

/// A scenario that needs no board.
const SCENARIO: &str = "scenario.toml";

/// A program that takes the emulator's place, says what a board says that is ready, and ends.
fn emulator(bin: &Path) {
    let folder = bin.parent().unwrap();
    let pin = board::pin(&folder.join("cacert.pem"));
    let ready = board::ready_line("10.0.2.15", "52:54:00:12:34:56", &pin);
    fs::create_dir(bin).unwrap();
    board::write_program(&bin.join("qemu-system-riscv32"), &format!("echo '{ready}'"));
    fs::write(folder.join("board.elf"), board::elf()).unwrap();
}

/// A serial port at which a board says a line again and again, until the test is over.
fn talking_board() -> String {
    let (mut board, name) = board::port();
    // Held open, so that the port stays between the runs.
    let port = fs::File::options().read(true).write(true).open(&name).unwrap();
    thread::spawn(move || {
        let _port = port;
        while board.write_all(b"hello\r\n").is_ok() {
            thread::sleep(std::time::Duration::from_millis(50));
        }
    });
    name
}
