//! A workspace with boards on it: PyPI's mock of the ROM bootloader on pseudo-terminals, and what a firmware says afterwards.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support;

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
    process: Child,
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
        let mut command = Command::new(env!("CARGO_BIN_EXE_esp-https"));
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
        let document = document(&output);
        (output, document)
    }

    /// The same of the provisioning partition only.
    pub(crate) fn configure(&self, board: &Board, flags: &[&str]) -> (Output, Value) {
        let config = ["flash", "--json", "--ssid", "home", "--config-only", "--port", &board.port];
        let output = self.run(&[&config, flags].concat());
        let document = document(&output);
        (output, document)
    }

    pub(crate) fn board(&self, flags: &[&str]) -> Board {
        self.board_named("board", flags)
    }

    /// A board in its bootloader; its flash is as the last board of this name left it.
    pub(crate) fn board_named(&self, name: &str, flags: &[&str]) -> Board {
        let (port_file, flash) = (self.path(&format!("{name}.port")), self.path(&format!("{name}.flash")));
        let _ = fs::remove_file(&port_file);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flash/board.py");
        let process = Command::new(&self.python)
            .arg(script)
            .args(["--port-file".as_ref(), port_file.as_os_str(), "--flash".as_ref(), flash.as_os_str()])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
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
        let pin = self.pin();
        format!(
            r#"ESP-HTTPS READY {{"ip":"192.168.1.7","port":443,"mac":"{MAC}","fw":"0.1.0","cert_sha256":"{pin}"}}"#
        )
    }

    pub(crate) fn pin(&self) -> String {
        let pem = fs::read(self.path("cacert.pem")).unwrap();
        let der =
            <rustls::pki_types::CertificateDer<'_> as rustls::pki_types::pem::PemObject>::from_pem_slice(
                &pem,
            );
        esp_https::cert::Fingerprint::of_certificate(&der.unwrap()).to_string()
    }

    pub(crate) fn schema_checked(output: &Output) -> Value {
        document(output)
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
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.unplug();
    }
}

/// Every document that a test reads is held against the schema that scripts rely on.
pub(crate) fn document(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(document["exit_code"], output.status.code().unwrap());
    let schema = match document["schema"].as_str().unwrap() {
        "esp-https/flash/1" => include_str!("../../docs/schema/flash.json"),
        "esp-https/monitor/1" => include_str!("../../docs/schema/monitor.json"),
        other => panic!("{other}"),
    };
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let problems: Vec<_> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    document
}

/// Neither the password nor a key is in anything that is shown.
pub(crate) fn assert_keeps_secrets(output: &Output) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(PASSWORD) && !text.contains("PRIVATE KEY"), "{text}");
    }
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let since = Instant::now();
    while !condition() {
        assert!(since.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        sleep(Duration::from_millis(20));
    }
}
