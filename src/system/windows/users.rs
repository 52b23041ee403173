//! Who runs this process. Ports are not a matter of groups here.

/// Whether commands need no `sudo`: nobody has it here.
pub(crate) fn needs_no_sudo() -> bool {
    true
}

/// The user's number.
pub(crate) fn id() -> u32 {
    0
}

/// The numbers of the groups that this process is in.
pub(crate) fn groups() -> Vec<u32> {
    Vec::new()
}

/// All groups, as group(5) describes them.
pub(crate) fn group_file() -> String {
    String::new()
}

/// All users, as passwd(5) describes them.
pub(crate) fn user_file() -> String {
    String::new()
}
