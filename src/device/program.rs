//! Finding programs the way a shell does.

use std::{
    env,
    ffi::OsStr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// The first executable file called `name` in the folders of `search`, which is written like `$PATH`.
///
/// Looked for before the work that needs it, so that a missing program is known before a build of minutes.
#[must_use]
pub fn find(name: &str, search: &OsStr) -> Option<PathBuf> {
    env::split_paths(search).map(|folder| folder.join(name)).find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_executables_only() {
        assert!(find("sh", OsStr::new("/nonexistent:/bin")).is_some());
        assert_eq!(find("passwd", OsStr::new("/etc")), None);
        assert_eq!(find("sh", OsStr::new("")), None);
    }
}
