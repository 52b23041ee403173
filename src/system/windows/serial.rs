//! Serial ports.

use std::path::Path;

use serialport::{ErrorKind, available_ports};

use crate::system::OpenErrorKind;

/// A port that is open.
pub(crate) type NativePort = serialport::COMPort;

/// Why a port could not be opened. serialport says `NoDevice` both of a port that is not there and of one that is in use.
pub(crate) fn why_not_open(path: &str, error: &serialport::Error) -> OpenErrorKind {
    match error.kind() {
        _ if !exists(path) && Path::new(path).is_file() => OpenErrorKind::NotSerial,
        _ if !exists(path) => OpenErrorKind::NotFound,
        ErrorKind::NoDevice => OpenErrorKind::Busy,
        _ => OpenErrorKind::Other,
    }
}

/// Whether a port of this name is there.
pub(crate) fn exists(path: &str) -> bool {
    let name = path.trim_start_matches(r"\\.\");
    let ports = available_ports().unwrap_or_default();
    ports.iter().any(|port| port.port_name.eq_ignore_ascii_case(name))
}

/// Whether the system can be asked for its ports.
pub(crate) fn are_listed_in(_folder: &Path) -> bool {
    true
}

/// What to try where another program has the port open.
pub(crate) fn how_to_free(_port: &str) -> String {
    "close its serial monitor, and every other program that may use the port".to_owned()
}

/// Two examples of a port's name.
pub(crate) const EXAMPLES: [&str; 2] = ["COM3", "COM4"];
/// A port that only its name chooses.
pub(crate) const PORT_BY_NAME: &str = "COM3";
/// What to try where this user may not open a port.
pub(crate) const HOW_TO_BE_ALLOWED: &str = "run it in a console of an administrator";
