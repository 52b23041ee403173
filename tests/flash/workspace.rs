//! A workspace with boards on it: PyPI's mock of the ROM bootloader on pseudo-terminals, and what a firmware says afterwards.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use support::{Running, board, document, from_root, wait_until};
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const MAC: &str = "24:0a:c4:1f:67:7d";

/// A folder with a certificate and its key, in which the commands run.
pub(crate) struct Workspace {
    folder: TempDir,
    python: PathBuf,
    firmware: PathBuf,
}

/// A board; unplugged when dropped.
pub(crate) struct Board {
    process: Running,
    port: String,
    flash: PathBuf,
}

impl Workspace {
    /// `None` where there is no Python with the mock, or no firmware (`scripts/test` builds it).
    pub(crate) fn new() -> Option<Self> {
        let python = support::require_python("esp32_mock_bootloader")?;
        let firmware = support::require_firmware("esp-https-esp32c3")?;
        let workspace = Self { folder: tempfile::tempdir().unwrap(), python, firmware };
        let made = workspace.run(&["certgen", "--key", "rsa2048"]);
        assert!(made.status.success(), "{made:?}");
        Some(workspace)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn firmware(&self) -> &str {
        self.firmware.to_str().unwrap()
    }

    pub(crate) fn python(&self) -> &Path {
        &self.python
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = support::command();
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("ESP_HTTPS_WIFI_PASSWORD", PASSWORD).env_remove("ESPFLASH_PORT");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        assert_keeps_secrets(&output);
        output
    }

    /// `flash` of the whole firmware to a board, with its document.
    pub(crate) fn flash(&self, board: &Board, flags: &[&str]) -> (Output, Value) {
        let whole = ["flash", "--json", "--ssid", "home", "--image", self.firmware(), "--port", &board.port];
        let output = self.run(&[&whole, flags].concat());
        let document = document::of(&output);
        (output, document)
    }

    /// The same of the provisioning partition only.
    pub(crate) fn configure(&self, board: &Board, flags: &[&str]) -> (Output, Value) {
        let config = ["flash", "--json", "--ssid", "home", "--config-only", "--port", &board.port];
        let output = self.run(&[&config, flags].concat());
        let document = document::of(&output);
        (output, document)
    }

    pub(crate) fn board(&self, flags: &[&str]) -> Board {
        self.board_named("board", flags)
    }

    /// A board in its bootloader; its flash is as the last board of this name left it.
    pub(crate) fn board_named(&self, name: &str, flags: &[&str]) -> Board {
        let (port_file, flash) = (self.path(&format!("{name}.port")), self.path(&format!("{name}.flash")));
        let _ = fs::remove_file(&port_file);
        let mut command = Command::new(&self.python);
        command
            .arg(from_root("tests/flash/board.py"))
            .args(["--port-file".as_ref(), port_file.as_os_str(), "--flash".as_ref(), flash.as_os_str()])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let process = Running::start(&mut command);
        wait_until("the board is there", || {
            fs::read_to_string(&port_file).is_ok_and(|port| !port.is_empty())
        });
        let port = fs::read_to_string(&port_file).unwrap();
        Board { process, port, flash }
    }

    /// A board that is reached by a name of its own, as the chip's own USB is, whichever device it comes back as.
    pub(crate) fn board_with_a_name(&self, flags: &[&str]) -> Board {
        let link = self.path("by-id");
        self.board(&[&["--link", link.to_str().unwrap()], flags].concat())
    }

    /// A board that, once its bootloader is left, says these lines. One that is unplugged has a name of its own, since
    /// its pseudo-terminal's may be another test's a moment later.
    pub(crate) fn board_that_says(&self, lines: &[&str]) -> Board {
        let script: Vec<String> = lines.iter().map(|line| scripted(line)).collect();
        let flags = ["--say", &script.join("\n")];
        if lines.contains(&"unplug") { self.board_with_a_name(&flags) } else { self.board(&flags) }
    }

    /// The line with which a board that was given the certificate here says that it serves.
    pub(crate) fn ready(&self) -> String {
        board::ready_line("192.168.1.7", MAC, &self.pin())
    }

    pub(crate) fn pin(&self) -> String {
        board::pin(&self.path("cacert.pem"))
    }
}

fn scripted(line: &str) -> String {
    let is_event = ["wait ", "unplug", "replug"].iter().any(|verb| line.starts_with(verb));
    if is_event { line.to_owned() } else { format!("say {line}") }
}

impl Board {
    pub(crate) fn port(&self) -> &str {
        &self.port
    }

    /// Unplugs it, and returns what is in its flash.
    pub(crate) fn flash(mut self) -> Vec<u8> {
        self.unplug();
        fs::read(&self.flash).unwrap()
    }

    fn unplug(&mut self) {
        // By TERM, upon which it saves its flash.
        if self.process.try_wait().unwrap().is_none() {
            self.process.end("TERM");
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.unplug();
    }
}

/// Neither the password nor a key is in anything that is shown.
pub(crate) fn assert_keeps_secrets(output: &Output) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(PASSWORD) && !text.contains("PRIVATE KEY"), "{text}");
    }
}
