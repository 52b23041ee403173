//! Where things of a user's are kept.

use std::path::PathBuf;

/// Where programs keep what they can make again. `variable` looks an environment variable up, and never gives an empty one.
#[cfg(not(target_os = "macos"))]
pub(crate) fn cache(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    // XDG Base Directory Specification; a relative path does not count there.
    let xdg = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    xdg.or_else(|| variable("HOME").map(|home| home.join(".cache")))
}

/// As above, as macOS has it (File System Programming Guide, "Library Directory").
#[cfg(target_os = "macos")]
pub(crate) fn cache(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let xdg = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    xdg.or_else(|| variable("HOME").map(|home| home.join("Library/Caches")))
}

/// Where programs of all users look for locks, best first: `/run/lock` (Filesystem Hierarchy Standard 3.0, section 5.9) where
/// this user may write there, as on Debian, else among the temporary files.
pub(crate) fn locks() -> Vec<PathBuf> {
    vec![PathBuf::from("/run/lock"), std::env::temp_dir()]
}

/// Where the names of hosts are that are known without asking anyone: hosts(5).
pub(crate) const HOSTS: &str = "/etc/hosts";
/// The variable that says where temporary files go.
pub(crate) const TEMPORARY_VARIABLE: &str = "TMPDIR";
