//! A workspace with a scripted emulator on it: folders of its own for programs, temporary files and the cache.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Output, Stdio},
};

use serde_json::Value;
pub(crate) use support::document::of as document;
use support::{board, names, wait_until};
use tempfile::TempDir;

pub(crate) struct Workspace {
    folder: TempDir,
    cert_sha256: String,
}

pub(crate) struct Running {
    child: support::Running,
    pid_file: PathBuf,
}

impl Workspace {
    pub(crate) fn without_qemu() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["bin", "tmp", "cache"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate =
            rcgen::CertificateParams::new(["esp32.local".to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(folder.path().join("cacert.pem"), certificate.pem()).unwrap();
        fs::write(folder.path().join("prvtkey.pem"), key.serialize_pem()).unwrap();
        fs::write(folder.path().join("board.elf"), board::elf()).unwrap();
        let cert_sha256 = board::pin(&folder.path().join("cacert.pem"));
        Self { folder, cert_sha256 }
    }

    /// `script` runs as `qemu-system-riscv32`; it finds the certificate's fingerprint in `$CERT_SHA256`.
    pub(crate) fn with_qemu(script: &str) -> Self {
        let workspace = Self::without_qemu();
        workspace.program("qemu-system-riscv32", &format!("echo $$ > \"$QEMU_PID\"\n{script}"));
        workspace
    }

    /// A script that is ready at once and then silent.
    pub(crate) fn ready(cert_sha256: &str) -> String {
        let line = board::ready_line("10.0.2.15", "52:54:00:12:34:56", "%s");
        format!("printf '{line}\\r\\n' {cert_sha256}; sleep 600")
    }

    pub(crate) fn program(&self, name: &str, script: &str) {
        board::write_program(&self.bin().join(name), script);
    }

    /// A toolchain that has the target, and whose `cargo` is `script`.
    pub(crate) fn fake_toolchain(&self, script: &str) {
        fs::create_dir_all(self.path("rust/lib/rustlib/riscv32imc-unknown-none-elf/lib")).unwrap();
        self.program("rustc", &format!("echo '{}'", self.path("rust").display()));
        self.program("cargo", script);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn bin(&self) -> PathBuf {
        self.path("bin")
    }

    pub(crate) fn cert_sha256(&self) -> &str {
        &self.cert_sha256
    }

    /// The command, run on this workspace.
    pub(crate) fn emulate(&self, flags: &[&str]) -> Command {
        self.run_by(support::command(), "emulate", flags)
    }

    /// `esp-https` with this verb, which `command` has as its program or its last argument.
    pub(crate) fn run_by(&self, mut command: Command, verb: &str, flags: &[&str]) -> Command {
        let path = format!("{}:{}", self.bin().display(), std::env::var("PATH").unwrap());
        command.arg(verb).args(flags).current_dir(self.folder.path());
        command
            .env("PATH", path)
            .env("TMPDIR", self.path("tmp"))
            .env("ESP_HTTPS_CACHE_DIR", self.path("cache"));
        command.env("QEMU_PID", self.path("pid")).env("ELF", self.path("board.elf"));
        command.env("CERT_SHA256", &self.cert_sha256);
        command
    }

    /// The same with an ELF file that looks right.
    pub(crate) fn emulate_image(&self, flags: &[&str]) -> Command {
        let mut command = self.emulate(flags);
        command.args(["--image", "board.elf"]);
        command
    }

    /// Runs to the end, on any free port.
    pub(crate) fn run(&self, flags: &[&str]) -> Output {
        self.emulate_image(flags).args(["--port", "0"]).output().unwrap()
    }

    pub(crate) fn start(&self, flags: &[&str]) -> Running {
        Running::start(self.emulate_image(flags), self.path("pid"))
    }

    pub(crate) fn start_bundled(&self, flags: &[&str]) -> Running {
        Running::start(self.emulate(flags), self.path("pid"))
    }

    pub(crate) fn start_building(&self, flags: &[&str]) -> Running {
        let mut command = self.emulate(flags);
        command.arg("--build");
        Running::start(command, self.path("pid"))
    }

    /// The files in the folders that were made for the private key. An empty folder tells nothing.
    pub(crate) fn key_files(&self) -> Vec<PathBuf> {
        let inside =
            |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        inside(&self.path("tmp")).flat_map(|folder| inside(&folder)).collect()
    }

    pub(crate) fn assert_key_is_gone(&self) {
        assert_eq!(names(self.path("tmp")), Vec::<String>::new());
    }

    /// No temporary file, and no emulator.
    pub(crate) fn assert_nothing_left(&self) {
        self.assert_key_is_gone();
        assert!(!runs(&self.path("pid")), "the emulator still runs");
    }

    /// The same, but somebody else cleans up.
    pub(crate) fn assert_nothing_left_soon(&self) {
        wait_until("nothing is left", || names(self.path("tmp")).is_empty() && !runs(&self.path("pid")));
    }
}

impl Running {
    fn start(mut command: Command, pid_file: PathBuf) -> Self {
        let _ = fs::remove_file(&pid_file);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = support::Running::start(&mut command);
        Self { child, pid_file }
    }

    /// The JSON document, while the command still runs.
    pub(crate) fn document(&mut self) -> Value {
        self.child.document()
    }

    pub(crate) fn wait_for_qemu(&self) {
        wait_until("the emulator runs", || self.qemu_runs());
    }

    pub(crate) fn qemu_runs(&self) -> bool {
        runs(&self.pid_file)
    }

    pub(crate) fn assert_qemu_ends(&self) {
        wait_until("the emulator is gone", || !self.qemu_runs());
    }

    /// Sends the signal to the command, and to nobody else, and waits for its end.
    pub(crate) fn end(&mut self, signal: &str) -> ExitStatus {
        self.child.end(signal)
    }

    pub(crate) fn rest_of_stdout(&mut self) -> String {
        let mut text = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    pub(crate) fn rest_of_stderr(&mut self) -> String {
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

pub(crate) fn port_in(document: &Value) -> u64 {
    document["result"]["port"].as_u64().unwrap()
}

pub(crate) fn without_paths(bytes: &[u8], workspace: &Workspace) -> String {
    String::from_utf8_lossy(bytes).replace(workspace.folder.path().to_str().unwrap(), "[workspace]")
}

/// A process that its parent has not waited for yet (a zombie) runs no more.
fn runs(pid_file: &Path) -> bool {
    let Ok(pid) = fs::read_to_string(pid_file) else { return false };
    fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| !stat.contains(") Z "))
}
