//! Selects the serial ports: the named ones, all of them, or the only one; and the errors for ports that can't be used.

use std::path::Path;

use crate::{
    device::serial::{
        link::{OpenError, OpenErrorKind},
        lock::LockError,
        log::{SerialLog, SerialLogError},
        ports::{PortInfo, SerialPortChoice, choose, likely, list},
    },
    error::{Code, Error, Fault, Result},
    output::{Output, Purpose, is_stopped},
    report::Console,
    system::serial::{self, HOW_TO_BE_ALLOWED, PORT_BY_NAME},
};

/// The ports that `named` asks for, each once; `every`: all that a board is likely at.
pub(super) fn select(named: &[String], every: Every) -> Result<Vec<PortInfo>> {
    if named.is_empty() && every == Every::LikelyPort {
        let found = likely(&list());
        return if found.is_empty() { Err(no_ports()) } else { Ok(found) };
    }
    if named.is_empty() {
        return select_one(None).map(|port| vec![port]);
    }
    let mut ports: Vec<PortInfo> = Vec::new();
    for name in named {
        let port = at(name)?;
        if !ports.iter().any(|known| same(&known.path, &port.path)) {
            ports.push(port);
        }
    }
    Ok(ports)
}

/// The port that is named on the command line or in espflash's variable; otherwise the only one.
pub(super) fn select_one(named: Option<&str>) -> Result<PortInfo> {
    let variable = || std::env::var(VARIABLE).ok().filter(|name| !name.is_empty());
    let name = named.map(str::to_owned).or_else(variable);
    name.map_or_else(|| one(choose(&list())), |name| at(&name))
}

/// Which ports are used when none is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Every {
    /// The only port.
    No,
    /// Every port that is likely to have a board.
    LikelyPort,
}

fn one(choice: SerialPortChoice) -> Result<PortInfo> {
    match choice {
        SerialPortChoice::None => Err(no_ports()),
        SerialPortChoice::One(port) => Ok(port),
        SerialPortChoice::Several(ports) => Err(several_ports(&ports)),
    }
}

fn at(name: &str) -> Result<PortInfo> {
    if name.contains("://") {
        return Err(remote_port(name));
    }
    if !serial::exists(name) {
        return Err(no_such_port(name, &list()));
    }
    Ok(PortInfo::at(name))
}

fn same(one: &str, other: &str) -> bool {
    let real = |path: &str| Path::new(path).canonicalize();
    one == other || matches!((real(one), real(other)), (Ok(one), Ok(other)) if one == other)
}

fn no_ports() -> Error {
    Error::new(Fault::Environment, Code::PORT_NONE, "looking for a board", "there is no USB serial port")
        .hint(format!("connect the board by a USB cable that carries data, not only power\nor name its port, as in --port {PORT_BY_NAME}\nwithout a board, use: esp-https emulate"))
}

fn several_ports(ports: &[PortInfo]) -> Error {
    let what = format!("there are {} serial ports that a board may be at", ports.len());
    Error::new(Fault::Environment, Code::PORT_SEVERAL, "looking for a board", what)
        .evidence(ports.iter().map(PortInfo::to_string))
        .advised()
}

fn no_such_port(name: &str, ports: &[PortInfo]) -> Error {
    let hint = match ports {
        [] => "no serial port is connected; check that the cable carries data, not only power".to_owned(),
        ports => {
            format!(
                "name one that is there with --port: {}",
                ports.iter().map(PortInfo::to_string).collect::<Vec<_>>().join(", ")
            )
        }
    };
    Error::new(Fault::Environment, Code::PORT_MISSING, opening(name), "there is no such port").hint(hint)
}

fn remote_port(name: &str) -> Error {
    Error::new(
        Fault::Usage,
        Code::PORT_REMOTE,
        opening(name),
        "ports of other machines (rfc2217) are not supported yet",
    )
    .advised()
}

/// Opens a serial log. Waits for a FIFO's reader, before the board is asked for anything.
pub(super) fn serial_log(output: &Output, console: &Console) -> Result<SerialLog> {
    Ok(SerialLog::new(output.path(), console.open_output(output, Purpose::Log)?))
}

/// A serial log that can't be written any more. After Ctrl-C that is no error of its own.
pub(super) fn log(error: &SerialLogError) -> Error {
    let failed =
        |fault| Error::new(fault, Code::SERIAL_LOG, "saving what the board prints", error.to_string());
    if is_stopped(&error.source) {
        return failed(Fault::Interrupted);
    }
    failed(Fault::Environment).advised()
}

pub(super) fn locked(port: &str, error: &LockError) -> Error {
    let new = |code, doing| Error::new(Fault::Environment, code, doing, error.to_string());
    match error {
        LockError::Held { .. } => new(Code::PORT_IN_USE, format!("waiting for {port}")).advised(),
        LockError::File { .. } => new(Code::PORT_LOCK, format!("locking {port}")).advised(),
    }
}

pub(super) fn unopened(port: &str, error: &OpenError) -> Error {
    let new = |code, what: &str| Error::new(Fault::Environment, code, opening(port), what);
    match error.kind {
        OpenErrorKind::NotFound => new(Code::PORT_MISSING, "the port is gone")
            .hint("connect the board again; its port may then have another name"),
        OpenErrorKind::Denied => new(Code::PORT_DENIED, "this user may not use it").hint(HOW_TO_BE_ALLOWED),
        OpenErrorKind::Busy => {
            new(Code::PORT_BUSY, "another program has it open").hint(serial::how_to_free(port))
        }
        OpenErrorKind::NotSerial => new(Code::PORT_NOT_SERIAL, "it is not a serial port").advised(),
        OpenErrorKind::Other => new(Code::PORT_OTHER, &error.to_string()),
    }
}

fn opening(port: &str) -> String {
    format!("opening {port}")
}

/// espflash's variable for the one port.
const VARIABLE: &str = "ESPFLASH_PORT";

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn no_port_and_several_ports_are_no_choice() {
        let port = |path: &str| PortInfo { path: path.to_owned(), usb: None };
        let none = one(SerialPortChoice::None).unwrap_err();
        let several =
            one(SerialPortChoice::Several(vec![port("/dev/ttyACM0"), port("/dev/ttyACM1")])).unwrap_err();
        assert_eq!(several.evidence.as_ref().unwrap().lines, ["/dev/ttyACM0", "/dev/ttyACM1"]);
        insta::assert_snapshot!(none.told() + &several.told(), @r"
        4 port.none: looking for a board: there is no USB serial port
          try: connect the board by a USB cable that carries data, not only power
               or name its port, as in --port /dev/ttyS0
               without a board, use: esp-https emulate
               to check everything that the commands need: esp-https doctor
        4 port.several: looking for a board: there are 2 serial ports that a board may be at
          try: name one with --port, or flash them all: esp-https flash --all
        ");
    }

    #[test]
    fn a_port_that_can_t_be_opened_is_explained() {
        let of = |kind, said: &str| {
            let source = serialport::Error::new(serialport::ErrorKind::Unknown, said);
            unopened("/dev/ttyACM0", &OpenError { kind, source }).told()
        };
        let all =
            of(OpenErrorKind::Denied, "Permission denied") + &of(OpenErrorKind::Other, "Invalid argument");
        insta::assert_snapshot!(all, @r"
        4 port.denied: opening /dev/ttyACM0: this user may not use it
          try: sudo usermod -aG dialout $USER   (on Arch: uucp instead of dialout), then log out and in again
               to check everything that the commands need: esp-https doctor
        4 port.other: opening /dev/ttyACM0: Invalid argument
          try: to check everything that the commands need: esp-https doctor
        ");
    }

    #[test]
    fn a_serial_log_that_can_t_be_written_any_more_is_explained() {
        let source = std::fs::write("/dev/full", "booting").unwrap_err();
        let error = log(&SerialLogError { path: "/dev/full".into(), source });
        assert_eq!((error.fault, error.code), (Fault::Environment, Code::SERIAL_LOG));
        assert_eq!(error.to_string(), "saving what the board prints: /dev/full: there is no space left");
    }

    #[test]
    fn a_lock_that_can_t_be_made_names_its_file() {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let lock = LockError::File { path: "/run/lock/LCK..ttyACM0".into(), source };
        insta::assert_snapshot!(locked("/dev/ttyACM0", &lock).told(), @r"
        4 port.lock: locking /dev/ttyACM0: /run/lock/LCK..ttyACM0: permission denied
          try: the lock of a port is a file in /run/lock or in the folder for temporary files: set TMPDIR to a folder that you may write to
               to check everything that the commands need: esp-https doctor
        ");
    }
}
