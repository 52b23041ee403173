//! A folder for what must not stay: the keys that a run makes. It goes with the run, and also when the run is killed.

use std::{
    env, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{
    device::guarded::{GuardedCommand, Prepared},
    system::{files::check_writable, folders, private},
};

/// The folder, and the guard that removes it when this process is killed.
#[derive(Debug)]
pub(in crate::cmd::hil) struct PrivateFolder {
    folder: TempDir,
    _guard: Prepared,
    /// Whether the place for temporary files can't be used, so that our commands need this folder for it.
    is_only_place: Only,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    Yes,
    No,
}

impl PrivateFolder {
    /// A new folder among the temporary files, or in `out` where there is no writing there. Must be called in a tokio runtime.
    pub(in crate::cmd::hil) fn new(out: &Path) -> io::Result<Self> {
        let made = |place: &Path| private::folder(".esp-https-", place);
        let (folder, is_only_place) = match made(&env::temp_dir()) {
            Ok(folder) => (folder, Only::No),
            Err(_) => (made(out)?, Only::Yes),
        };
        let guard = GuardedCommand::new("true", Some(folder.path())).prepare()?;
        Ok(Self { folder, _guard: guard, is_only_place })
    }

    pub(in crate::cmd::hil) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Variables that our commands need where they could write nothing otherwise.
    pub(super) fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let mut variables = Vec::new();
        if self.is_only_place == Only::Yes {
            variables.push((folders::TEMPORARY_VARIABLE, self.path().to_owned()));
        }
        if !has_cache() {
            variables.push(("ESP_HTTPS_CACHE_DIR", self.path().join("cache")));
        }
        variables
    }
}

/// Whether there is a place that keeps the firmware between runs.
fn has_cache() -> bool {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if variable("ESP_HTTPS_CACHE_DIR").is_some() {
        return true;
    }
    let root = folders::cache(variable);
    // The nearest folder that exists is the one in which the others are made.
    root.is_some_and(|root| {
        let existing = root.ancestors().find(|folder| folder.is_dir());
        existing.is_some_and(|folder| check_writable(folder).is_ok())
    })
}
