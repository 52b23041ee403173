//! Serial ports.

use std::{fs, io, os::unix::fs::FileTypeExt as _, path::Path};

use serialport::ErrorKind;

use crate::system::OpenErrorKind;

/// A port that is open.
pub(crate) type NativePort = serialport::TTYPort;

/// Why a port could not be opened. serialport's own kinds are few: the path tells the rest.
pub(crate) fn why_not_open(path: &str, error: &serialport::Error) -> OpenErrorKind {
    let Ok(meta) = fs::metadata(path) else { return OpenErrorKind::NotFound };
    match error.kind() {
        _ if !meta.file_type().is_char_device() => OpenErrorKind::NotSerial,
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => OpenErrorKind::Denied,
        // EBUSY where the port is exclusively another's, a failed flock where the other asked for one.
        ErrorKind::NoDevice | ErrorKind::Io(io::ErrorKind::WouldBlock) => OpenErrorKind::Busy,
        ErrorKind::Unknown if error.description == NOT_A_TTY => OpenErrorKind::NotSerial,
        _ => OpenErrorKind::Other,
    }
}

/// Whether a port of this name is there.
pub(crate) fn exists(path: &str) -> bool {
    Path::new(path).exists()
}

/// Whether the system can be asked for its ports. On Linux serialport panics where this folder is missing, as it is in a
/// container without `/sys`.
pub(crate) fn are_listed_in(folder: &Path) -> bool {
    !cfg!(target_os = "linux") || folder.is_dir()
}

/// What to try where another program has the port open.
pub(crate) fn how_to_free(port: &str) -> String {
    let command = if cfg!(target_os = "macos") { "lsof" } else { "fuser" };
    format!("close its serial monitor; `{command} {port}` names the program")
}

/// Two examples of a port's name.
pub(crate) const EXAMPLES: [&str; 2] = if cfg!(target_os = "macos") {
    ["/dev/cu.usbmodem101", "/dev/cu.usbserial-10"]
} else {
    ["/dev/ttyACM0", "/dev/ttyUSB0"]
};
/// A port that only its name chooses.
pub(crate) const PORT_BY_NAME: &str =
    if cfg!(target_os = "macos") { "/dev/cu.usbserial-10" } else { "/dev/ttyS0" };
/// ENOTTY in the words of serialport's system library.
const NOT_A_TTY: &str = "Not a typewriter";
/// What to try where this user may not open a port.
pub(crate) const HOW_TO_BE_ALLOWED: &str = if cfg!(target_os = "macos") {
    "allow it in System Settings, Privacy & Security, and connect the board again"
} else {
    "sudo usermod -aG dialout $USER   (on Arch: uucp instead of dialout), then log out and in again"
};
