//! The operating system, as far as one differs from another. No other file of the library asks which one it is compiled for;
//! `tests/scripts/systems.rs` checks that.
//!
//! `unix` and `windows` have the same modules with the same functions. What both do in the same way is elsewhere, and calls them.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as native;
#[cfg(windows)]
use windows as native;

pub(crate) use native::{
    children, errors, files, folders, limits, packages, private, serial, signals, sockets, terminal, text,
    timer, users,
};

/// Who may read a file that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner only, from its first moment on.
    Owner,
    /// Its owner, who alone may write it, and all whom the umask (on Windows: the folder) lets read it.
    Everybody,
    /// All whom the umask (on Windows: the folder) lets read and write it.
    AsFolder,
}

/// What is at a path besides regular files, folders and links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(windows, expect(dead_code, reason = "Windows has not all of them"))]
pub(crate) enum Special {
    /// A FIFO or a pipe.
    Fifo,
    /// A character device, with its number.
    Device(u64),
    /// A block device.
    Disk,
    /// A socket.
    Socket,
}

/// A serial port as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeviceNode {
    /// Whether the system lets this user read and write, whatever it is by: its mode, or a list of users (ACL).
    pub(crate) is_allowed: bool,
    /// Whether it is a character device.
    pub(crate) is_device: bool,
    /// Its mode (inode(7)); 0 where there is none.
    pub(crate) mode: u32,
    /// Its group; 0 where there is none.
    pub(crate) gid: u32,
}

/// How many files this process may have open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenFiles {
    /// At this moment; `None` when there is no limit.
    pub(crate) current: Option<u64>,
    /// What it may be raised to; `None` when there is no limit.
    pub(crate) maximum: Option<u64>,
}

/// The package manager that people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageManager {
    /// Of Debian, Ubuntu and their relatives.
    Apt,
    /// Homebrew of macOS.
    Brew,
    /// Of Windows.
    Winget,
    /// Another one.
    Other,
}

/// One of the signals that ask this process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A request by a program, or by the system that shuts down.
    Terminate,
    /// The terminal is gone.
    Hangup,
}

/// What a failed system call says, where the standard library has no kind for it, or one that says less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(dead_code, reason = "no system has all of them")]
pub(crate) enum KnownError {
    /// A path has too many links.
    Links,
    /// This process has too many files open.
    OpenFiles,
    /// All processes together have.
    OpenFilesOfAll,
    /// There is no such device.
    NoDevice,
    /// A disk or a device failed.
    Broken,
    /// A file is no program of this system.
    NotAProgram,
    /// A file is a program that is running.
    RunningProgram,
    /// Another program has the file open.
    InUse,
    /// There is no free local port or no such local address.
    LocalPorts,
    /// Memory, or that for sockets, is used up.
    Memory,
}

/// How a process ended that did not end by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(windows, expect(dead_code, reason = "Windows has not all of them"))]
pub(crate) enum Death {
    /// It was killed as the kernel does it when memory runs out; a person can do the same.
    Killed,
    /// It did what a program must not, and the system ended it.
    Crashed,
    /// Another signal ended it.
    Signalled,
}

/// Why a serial port could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenErrorKind {
    /// There is no such port.
    NotFound,
    /// This user may not.
    Denied,
    /// Another program has it.
    Busy,
    /// It is not a serial port.
    NotSerial,
    /// Something else.
    Other,
}
