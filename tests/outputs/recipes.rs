//! A cheap run of each command that writes each of its outputs.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use serialport::{SerialPort as _, TTYPort};
use tempfile::TempDir;

use crate::support;

/// A folder, and around it all that the commands need.
pub(crate) struct Workspace {
    folder: TempDir,
    server: Child,
    address: String,
    firmware: Option<PathBuf>,
    /// A board that says a few lines again and again.
    port: String,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let run = |args: &[&str]| {
            let output =
                Command::new(env!("CARGO_BIN_EXE_esp-https")).args(args).current_dir(folder.path()).output();
            assert!(output.as_ref().unwrap().status.success(), "{output:?}");
        };
        run(&["certgen", "--key", "p256"]);
        let (server, address) = serve(folder.path());
        run(&["load", &address, "--insecure", "-n", "1", "--no-stat", "--json", "-o", "part.json"]);
        emulator(&folder.path().join("bin"));
        let firmware = support::require_firmware("esp-https-esp32c3");
        Self { folder, server, address, firmware, port: board() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The words of a run that writes the output `flag` and ends with this exit code; `None` where it can't be run here.
    pub(crate) fn words<'a>(&'a self, verb: &'a str, flag: &str) -> Option<(Vec<&'a str>, i32)> {
        let pair = ["--cert", "cacert.pem", "--key", "prvtkey.pem"];
        let (words, code): (Vec<&str>, i32) = match (verb, flag) {
            ("certgen", _) => (vec!["--key", "p256", "--force", "--out-dir", "pair"], 0),
            // What a board says is logged once it is flashed: tests/flash does that with a mock of the bootloader.
            ("flash", "--serial-log") => return None,
            ("flash", flag) => {
                let elf = self.firmware.as_ref()?.to_str()?;
                let mut words = vec!["--ssid", "home", "--open-wifi", "--image", elf, "--force"];
                words.extend(pair);
                words.extend(if flag == "--output" { &["--save-image", "board.bin"][..] } else { &[] });
                (words, 0)
            }
            // It says that it is ready, and then nothing more.
            ("emulate", _) => ([&["--port", "0", "--image", "board.elf"], &pair[..]].concat(), 4),
            // For a person the lines themselves are the result, and go to standard error beside a file.
            ("monitor", "--output") => (vec!["--port", &self.port, "--for", "1s", "--json"], 0),
            ("monitor", _) => (vec!["--port", &self.port, "--for", "1s"], 0),
            ("probe", _) => (vec![&self.address, "--cert", "cacert.pem"], 0),
            ("load", _) => (vec![&self.address, "--cert", "cacert.pem", "-n", "2", "--no-stat"], 0),
            ("load merge", _) => (vec!["part.json"], 0),
            _ => panic!("how is {verb} {flag} tried?"),
        };
        Some((verb.split(' ').chain(words).collect(), code))
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_esp-https"));
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        command.args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("PATH", path).env("NO_COLOR", "1").env_remove("ESPFLASH_PORT");
        command
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn serve(folder: &Path) -> (Child, String) {
    let args = ["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", "cacert.pem", "-key", "prvtkey.pem"];
    let mut command = Command::new("openssl");
    command.args(args).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("ACCEPT ") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "openssl ended");
    }
    // What it prints later must not fill the pipe and stop it.
    thread::spawn(move || said.read_to_end(&mut Vec::new()));
    (child, line["ACCEPT ".len()..].trim().to_owned())
}

/// A program that takes the emulator's place, says what a board says that is ready, and ends.
fn emulator(bin: &Path) {
    let folder = bin.parent().unwrap();
    let pem = fs::read(folder.join("cacert.pem")).unwrap();
    let der: rustls::pki_types::CertificateDer<'_> =
        rustls::pki_types::pem::PemObject::from_pem_slice(&pem).unwrap();
    let pin = esp_https::cert::Fingerprint::of_certificate(&der);
    let ready = format!(
        r#"{{"ip":"10.0.2.15","port":443,"mac":"52:54:00:12:34:56","fw":"0.1.0","cert_sha256":"{pin}"}}"#
    );
    fs::create_dir(bin).unwrap();
    let program = bin.join("qemu-system-riscv32");
    fs::write(&program, format!("#!/bin/sh\necho 'ESP-HTTPS READY {ready}'\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.join("board.elf"), include_bytes!("../../fuzz/seeds/firmware_elf/emulated-board"))
        .unwrap();
}

/// A serial port at which a board says a line again and again, until the test is over.
fn board() -> String {
    let (mut master, slave) = TTYPort::pair().unwrap();
    let name = slave.name().unwrap();
    thread::spawn(move || {
        // Held open, so that the port stays between the runs.
        let _slave = slave;
        while master.write_all(b"hello\r\n").is_ok() {
            thread::sleep(std::time::Duration::from_millis(50));
        }
    });
    name
}
