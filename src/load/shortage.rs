//! What this machine lacked when a unit could not be made: limits of our own, which are never the server's.

use std::io;

use serde::{Deserialize, Serialize};

use crate::system::{KnownError, errors};

/// What there was no more of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortage {
    /// File descriptors of this process (EMFILE).
    FileDescriptors,
    /// Open files of the whole system (ENFILE).
    OpenFiles,
    /// Local ports for connections to this server (EADDRNOTAVAIL).
    Ports,
    /// Memory for sockets (ENOMEM, ENOBUFS).
    Memory,
    /// None of these: another error of this machine, such as a local firewall's.
    Other,
}

impl Shortage {
    /// What a failed system call lacked.
    #[must_use]
    pub fn of_io(error: &io::Error) -> Self {
        match errors::known(error) {
            Some(KnownError::OpenFiles) => Self::FileDescriptors,
            Some(KnownError::OpenFilesOfAll) => Self::OpenFiles,
            Some(KnownError::LocalPorts) => Self::Ports,
            Some(KnownError::Memory) => Self::Memory,
            _ => Self::Other,
        }
    }

    /// What this machine did, as the end of a sentence that begins with "this machine".
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::FileDescriptors => "allows this process no more file descriptors",
            Self::OpenFiles => "can have no more open files",
            Self::Ports => "has no more local ports for connections to this address",
            Self::Memory => "has no more memory for sockets",
            Self::Other => "refused for another reason (is there a local firewall?)",
        }
    }

    /// How the limit is raised, or its effect lessened.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::FileDescriptors => {
                "raise the limit (ulimit -n 10000; as root ulimit -Hn, or LimitNOFILE= of a service), or use fewer connections with -c"
            }
            Self::OpenFiles => "raise it as root (sysctl fs.file-max), or use fewer connections with -c",
            Self::Ports => {
                "widen their range (sysctl net.ipv4.ip_local_port_range), let closed ones be used again (sysctl \
                 net.ipv4.tcp_tw_reuse=1), or start fewer connections a second"
            }
            Self::Memory => "use fewer connections with -c, or a machine with more memory",
            Self::Other => "see what esp-https probe says of the same address",
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn the_system_says_what_is_missing() {
        for (errno, shortage) in [
            (Errno::MFILE, Shortage::FileDescriptors),
            (Errno::NFILE, Shortage::OpenFiles),
            (Errno::ADDRNOTAVAIL, Shortage::Ports),
            (Errno::NOBUFS, Shortage::Memory),
            (Errno::NOMEM, Shortage::Memory),
            (Errno::PERM, Shortage::Other),
        ] {
            assert_eq!(Shortage::of_io(&errno.into()), shortage);
        }
    }
}
