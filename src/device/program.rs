//! Finding programs the way a shell does, and saying how one ended.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::ExitStatus,
};

use crate::system::{Death, children, files};

/// The first executable file called `name` in the folders of `search`, which is written like `$PATH`.
///
/// Looked for before the work that needs it, so that a missing program is known before a build of minutes.
#[must_use]
pub fn find(name: &str, search: &OsStr) -> Option<PathBuf> {
    files::find_program(name, search)
}

/// How a program ended, for a person: `QEMU was killed by signal 9 (SIGKILL)`, `QEMU ended with exit status: 3`.
#[must_use]
pub fn ended(name: &str, status: ExitStatus) -> String {
    // The standard library knows the names of signals: "signal: 9 (SIGKILL)".
    match status.to_string().strip_prefix("signal: ") {
        Some(signal) => format!("{name} was killed by signal {signal}"),
        None => format!("{name} ended with {status}"),
    }
}

/// Whether a program was killed as the kernel does it when memory runs out; a person can do the same.
#[must_use]
pub fn was_killed(status: ExitStatus) -> bool {
    children::death(status) == Some(Death::Killed)
}

/// Whether the path leads to a file that may be run.
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    files::is_executable(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn a_signal_is_called_by_its_number_and_name() {
        let told = |raw| ended("QEMU", ExitStatus::from_raw(raw));
        assert_eq!(told(3 << 8), "QEMU ended with exit status: 3");
        assert_eq!(told(9), "QEMU was killed by signal 9 (SIGKILL)");
        assert_eq!(told(15), "QEMU was killed by signal 15 (SIGTERM)");
        assert_eq!(told(11 | 0x80), "QEMU was killed by signal 11 (SIGSEGV) (core dumped)");
        assert!(was_killed(ExitStatus::from_raw(9)));
        assert!(!was_killed(ExitStatus::from_raw(15)) && !was_killed(ExitStatus::from_raw(9 << 8)));
    }

    #[test]
    fn finds_executables_only() {
        assert!(find("sh", OsStr::new("/nonexistent:/bin")).is_some());
        assert_eq!(find("passwd", OsStr::new("/etc")), None);
        assert_eq!(find("sh", OsStr::new("")), None);
    }
}
