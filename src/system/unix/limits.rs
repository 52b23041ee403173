//! How much of its things the system gives to one process.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::system::OpenFiles;

/// How many files this process may have open.
pub(crate) fn open_files() -> OpenFiles {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    OpenFiles { current, maximum }
}

/// Lets this process have so many files open. Up to the maximum this needs no right.
pub(crate) fn allow_open_files(count: u64) {
    let maximum = open_files().maximum;
    // If it fails all the same, the run itself tells.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(count), maximum });
}

/// How many files are open; `None` where the system does not say.
pub(crate) fn files_that_are_open() -> Option<u64> {
    fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as u64)
}

/// The range of ports for outgoing connections, as the system writes it; `None` where it does not say.
pub(crate) fn local_ports() -> Option<String> {
    fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()
}
