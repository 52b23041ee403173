//! The emulated board's clock, moved from outside: QEMU's own test protocol (docs/devel/testing/qtest.rst) writes the machine's time
//! register, and the firmware knows nothing of it.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
    path::Path,
    time::Duration,
};

use tempfile::TempDir;

pub(crate) struct BoardClock {
    qtest: BufReader<UnixStream>,
}

impl BoardClock {
    /// A PATH on which QEMU is one that listens for its test protocol in `folder`.
    pub(super) fn path_to(qemu: &Path, folder: &TempDir) -> OsString {
        let programs = folder.path().join("bin");
        fs::create_dir(&programs).unwrap();
        let script = format!(
            "#!/bin/sh\nexec '{}' \"$@\" -qtest 'unix:{},server=on,wait=off'\n",
            qemu.display(),
            folder.path().join(SOCKET).display()
        );
        let program = programs.join("qemu-system-riscv32");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let path = env::var_os("PATH").unwrap_or_default();
        env::join_paths([programs].into_iter().chain(env::split_paths(&path))).unwrap()
    }

    /// The clock of the machine that was started with that PATH.
    pub(super) fn of_machine_in(folder: &TempDir) -> Self {
        Self { qtest: BufReader::new(UnixStream::connect(folder.path().join(SOCKET)).unwrap()) }
    }

    pub(crate) fn forward(&mut self, by: Duration) {
        let now = self.command(&format!("readq {MTIME:#x}"));
        let now = u64::from_str_radix(now.trim_start_matches("0x"), 16).unwrap();
        let ticks = u64::try_from(by.as_nanos() / NANOSECONDS_A_TICK).unwrap();
        self.command(&format!("writeq {MTIME:#x} {:#x}", now + ticks));
    }

    /// Sends a command, and returns what comes after the `OK`.
    fn command(&mut self, command: &str) -> String {
        writeln!(self.qtest.get_mut(), "{command}").unwrap();
        let mut answer = String::new();
        self.qtest.read_line(&mut answer).unwrap();
        answer.trim().strip_prefix("OK").unwrap_or_else(|| panic!("{command}: {answer}")).trim().to_owned()
    }
}

const SOCKET: &str = "qtest.sock";

/// QEMU `hw/riscv/virt.c`: the CLINT's `mtime`, which counts at 10 MHz.
const MTIME: u64 = 0x0200_BFF8;
const NANOSECONDS_A_TICK: u128 = 100;
