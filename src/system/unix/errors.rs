//! What the system's numbers of errors mean.

use std::io;

use rustix::io::Errno;

use crate::system::KnownError;

/// What a failed system call says.
pub(crate) fn known(error: &io::Error) -> Option<KnownError> {
    Some(match Errno::from_io_error(error)? {
        Errno::LOOP => KnownError::Links,
        Errno::MFILE => KnownError::OpenFiles,
        Errno::NFILE => KnownError::OpenFilesOfAll,
        Errno::NXIO | Errno::NODEV => KnownError::NoDevice,
        Errno::IO => KnownError::Broken,
        Errno::NOEXEC => KnownError::NotAProgram,
        Errno::TXTBSY => KnownError::RunningProgram,
        Errno::ADDRNOTAVAIL => KnownError::LocalPorts,
        Errno::NOMEM | Errno::NOBUFS => KnownError::Memory,
        _ => return None,
    })
}
