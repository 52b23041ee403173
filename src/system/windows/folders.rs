//! Where things of a user's are kept.

use std::path::PathBuf;

use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};

/// Where programs keep what they can make again: the local application data, which does not wander with the user's profile.
pub(crate) fn cache(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let known = || choose_native_strategy().ok().map(|folders| folders.cache_dir());
    variable("LOCALAPPDATA").or_else(known)
}

/// Where programs of this user look for locks. A port is opened by one program at a time here, whoever runs it.
pub(crate) fn locks() -> Vec<PathBuf> {
    vec![std::env::temp_dir()]
}

/// Where the names of hosts are that are known without asking anyone.
pub(crate) const HOSTS: &str = r"C:\Windows\System32\drivers\etc\hosts";
/// The variable that says where temporary files go.
pub(crate) const TEMPORARY_VARIABLE: &str = "TMP";
