//! What is sent on the lines DTR and RTS when a board is restarted at its port, and how READY is awaited after it. A pseudo-terminal has
//! no such lines, so a library that is preloaded (`lines.c`) stands in for the driver: it takes the system calls and writes them down.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use serialport::TTYPort;
use support::{board, document, from_root};
use tempfile::TempDir;

const MAC: &str = "24:0a:c4:1f:67:7d";
/// RTS holds the chip in reset while it is on (schematics of Espressif's boards: RTS at EN, DTR at IO9); DTR stays as it is, so that
/// the chip starts its firmware and not its bootloader.
const RESTART: &str = "rts 1\nrts 0\n";

/// A folder, and a board at a port with lines. It says nothing until it is restarted by them.
struct Lines {
    folder: TempDir,
    port: String,
    /// Held open, so that the port stays between two commands.
    _port: File,
}

impl Lines {
    /// `None` where there is no compiler of C.
    fn new(says: fn(&Path) -> Vec<String>) -> Option<Self> {
        let compiler = support::require("cc", "apt-get install gcc")?;
        let folder = tempfile::tempdir().unwrap();
        let mut cc = Command::new(compiler);
        cc.args(["-shared", "-fPIC", "-Wall", "-Werror", "-o"]).arg(folder.path().join("lines.so"));
        let made = cc.arg(from_root("tests/flash/lines.c")).arg("-ldl").output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let (board, port) = board::port();
        let held = File::options().read(true).write(true).open(&port).unwrap();
        let lines = Self { folder, port, _port: held };
        let made = lines.command(&["certgen", "--key", "p256"]).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let (record, certificate) = (lines.path("record"), lines.path("cacert.pem"));
        thread::spawn(move || starts(board, &record, &says(&certificate)));
        Some(lines)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = support::command();
        command.args(words).current_dir(self.folder.path()).env("LD_PRELOAD", self.path("lines.so"));
        command.env("ESP_HTTPS_TEST_LINES", self.path("record")).env_remove("ESPFLASH_PORT");
        command
    }

    fn record(&self) -> String {
        fs::read_to_string(self.path("record")).unwrap_or_default()
    }

    /// `hil` with these steps on `--target board`, whose port espflash's variable names.
    fn hil(&self, steps: &str) -> Value {
        fs::write(self.path("hil.toml"), steps).unwrap();
        let mut command = self.command(&["hil", "--target", "board", "--json"]);
        document::of(&command.env("ESPFLASH_PORT", &self.port).output().unwrap())
    }
}

/// Says this each time that the board is restarted.
fn starts(mut board: TTYPort, record: &Path, says: &[String]) {
    let mut started = 0;
    // The test ends by ending its process.
    loop {
        thread::sleep(Duration::from_millis(20));
        let now = fs::read_to_string(record).unwrap_or_default().matches(RESTART).count();
        if now > started {
            started = now;
            for line in says {
                board.write_all(format!("{line}\r\n").as_bytes()).unwrap();
            }
        }
    }
}

fn serves(certificate: &Path) -> Vec<String> {
    let power_on = "rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)".to_owned();
    vec![power_on, board::ready_line("192.168.1.7", MAC, &board::pin(certificate)), "hello".to_owned()]
}

fn states(document: &Value) -> Vec<&str> {
    let steps = document["result"]["boards"][0]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["state"].as_str().unwrap()).collect()
}

#[test]
fn restart_pulses_rts_leaves_dtr_alone_and_waits_for_ready() {
    let Some(lines) = Lines::new(serves) else { return };
    let document = lines.hil(
        "[[step]]\nrestart = \"20s\"\n[[step]]\nserial = { expect = \"^hello$\", reject = \"PANIC\" }\n[[step]]\nname = \"again\"\nrestart = true\n\
         [[step]]\nrun = \"test $ESP_HTTPS_TARGET = 192.168.1.7 -a $ESP_HTTPS_SERIAL_PORT = $ESPFLASH_PORT\"\n",
    );
    assert_eq!(states(&document), ["passed"; 4], "{document:#}");
    assert_eq!(lines.record(), RESTART.repeat(2), "and nothing else is sent");
    let board = &document["result"]["boards"][0];
    assert_eq!(board["board"]["port"], lines.port.as_str());
    assert_eq!(board["board"]["mac"], MAC);
    let command = format!("esp-https monitor --port={} --reset --until-ready --for=20000ms", lines.port);
    assert_eq!(board["steps"][0]["command"], command);
    let log = fs::read_to_string(lines.path("hil-out/serial.log")).unwrap();
    assert_eq!(log.matches("ESP-HTTPS READY").count(), 2, "{log}");
}

#[test]
fn a_board_that_says_nothing_after_its_restart_is_the_lab_s_and_one_that_reports_a_fault_the_firmware_s() {
    let fault = |_: &Path| vec!["ESP-HTTPS FAULT {\"reason\":\"no key\"}".to_owned()];
    for (says, state, code) in [
        ((|_| Vec::new()) as fn(&Path) -> Vec<String>, "lab", "board.silent"),
        (fault, "regression", "board.fault"),
    ] {
        let Some(lines) = Lines::new(says) else { return };
        let document = lines.hil("[[step]]\nrestart = \"1s\"\n[[step]]\nname = \"never\"\nwait = 1\n");
        assert_eq!(states(&document), [state, "not_run"], "{document:#}");
        assert_eq!(document["result"]["boards"][0]["steps"][0]["error"]["code"], code);
        assert_eq!(lines.record(), RESTART);
    }
}

#[test]
fn monitor_restarts_a_board_and_sees_all_that_it_says() {
    let Some(lines) = Lines::new(serves) else { return };
    let output = lines
        .command(&["monitor", "--port", &lines.port, "--reset", "--until-ready", "--json"])
        .output()
        .unwrap();
    let document = document::of(&output);
    assert_eq!((output.status.code(), lines.record().as_str()), (Some(0), RESTART), "{document:#}");
    assert_eq!(document["result"]["ready"]["ip"], json!("192.168.1.7"));
}
