//! How much of its things the system gives to one process: here there are no limits that could be asked for.

use crate::system::OpenFiles;

/// How many files this process may have open.
pub(crate) fn open_files() -> OpenFiles {
    OpenFiles { current: None, maximum: None }
}

/// Lets this process have so many files open: nothing forbids it.
pub(crate) fn allow_open_files(_count: u64) {}

/// How many files are open; `None` where the system does not say.
pub(crate) fn files_that_are_open() -> Option<u64> {
    None
}

/// The range of ports for outgoing connections; `None` where the system does not say.
pub(crate) fn local_ports() -> Option<String> {
    None
}
