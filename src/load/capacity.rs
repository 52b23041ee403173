//! Whether this machine can make as many connections as are asked for: found out, and where that is allowed made so, before
//! the first packet.

use crate::system::{OpenFiles, limits};

/// Why so many connections can't be had here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CapacityError {
    /// The hard limit of file descriptors is below what is needed.
    #[error(
        "{connections} connections need {needed} file descriptors, and this machine allows this process {allowed} (the hard limit)"
    )]
    FileDescriptors {
        /// The connections that were asked for.
        connections: usize,
        /// File descriptors for them, for the threads, and those that are open already.
        needed: u64,
        /// The hard limit.
        allowed: u64,
    },
    /// There are fewer local ports than connections.
    #[error(
        "{connections} connections to one address need as many local ports, and this machine has {allowed}"
    )]
    Ports {
        /// The connections that were asked for.
        connections: usize,
        /// Local ports.
        allowed: u64,
    },
}

impl CapacityError {
    /// With so many connections it would work; 0 when with none.
    #[must_use]
    pub fn possible(&self) -> u64 {
        match *self {
            Self::FileDescriptors { connections, needed, allowed } => {
                (connections as u64).saturating_sub(needed.saturating_sub(allowed))
            }
            Self::Ports { allowed, .. } => allowed,
        }
    }
}

/// Makes room for `connections` on `threads`: raises the soft limit of file descriptors if it is too low.
///
/// # Errors
/// [`CapacityError`] when the hard limit, or the number of ports, does not allow for them.
pub fn reserve(connections: usize, threads: usize) -> Result<(), CapacityError> {
    let needed = descriptors_for(connections, threads);
    let OpenFiles { current, maximum } = limits::open_files();
    if let Some(allowed) = maximum.filter(|maximum| *maximum < needed) {
        return Err(CapacityError::FileDescriptors { connections, needed, allowed });
    }
    if current.is_some_and(|current| current < needed) {
        limits::allow_open_files(needed);
    }
    match local_ports() {
        Some(allowed) if (connections as u64) > allowed => Err(CapacityError::Ports { connections, allowed }),
        _ => Ok(()),
    }
}

/// How many file descriptors a run with so many connections and threads needs, those included that are open now.
#[must_use]
pub fn descriptors_for(connections: usize, threads: usize) -> u64 {
    open_descriptors() + connections as u64 + PER_THREAD * (threads as u64 + 1) + SPARE
}

/// How many file descriptors this process may have at most; `None` when there is no limit.
#[must_use]
pub fn most_descriptors() -> Option<u64> {
    limits::open_files().maximum
}

/// How many files are open already.
fn open_descriptors() -> u64 {
    limits::files_that_are_open().unwrap_or(USUALLY_OPEN)
}

/// How many ports there are for outgoing connections; `None` where the system does not say.
#[must_use]
pub fn local_ports() -> Option<u64> {
    parse_range(&limits::local_ports()?)
}

fn parse_range(text: &str) -> Option<u64> {
    let mut ends = text.split_ascii_whitespace().map(str::parse::<u64>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    last.checked_sub(first).map(|between| between + 1)
}

/// An event loop has three descriptors (epoll, its waker, signals) and a timer.
const PER_THREAD: u64 = 4;
/// For the connection that asks the device for its figures, a look-up, and the files of the report.
const SPARE: u64 = 10;
const USUALLY_OPEN: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_fit_is_what_is_missing_taken_off() {
        let files = CapacityError::FileDescriptors { connections: 300, needed: 330, allowed: 64 };
        assert_eq!(files.possible(), 34);
        let none = CapacityError::FileDescriptors { connections: 3, needed: 33, allowed: 20 };
        assert_eq!(none.possible(), 0);
        assert_eq!(CapacityError::Ports { connections: 300, allowed: 100 }.possible(), 100);
    }

    #[test]
    fn the_range_of_ports_is_counted_with_both_ends() {
        assert_eq!(parse_range("32768\t60999\n"), Some(28_232));
        assert_eq!(parse_range("5 4"), None);
        assert_eq!(parse_range(""), None);
    }
}
