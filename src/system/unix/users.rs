//! Who runs this process.

use std::fs;

/// Whether this is root, whose commands need no `sudo`.
pub(crate) fn needs_no_sudo() -> bool {
    rustix::process::geteuid().is_root()
}

/// The user's number.
pub(crate) fn id() -> u32 {
    rustix::process::getuid().as_raw()
}

/// The numbers of the groups that this process is in.
pub(crate) fn groups() -> Vec<u32> {
    let groups = rustix::process::getgroups().unwrap_or_default();
    groups.into_iter().chain([rustix::process::getegid()]).map(|group| group.as_raw()).collect()
}

/// All groups, as group(5) describes them.
pub(crate) fn group_file() -> String {
    fs::read_to_string("/etc/group").unwrap_or_default()
}

/// All users, as passwd(5) describes them.
pub(crate) fn user_file() -> String {
    fs::read_to_string("/etc/passwd").unwrap_or_default()
}
