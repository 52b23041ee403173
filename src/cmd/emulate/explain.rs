//! What the libraries' errors mean to the person who wanted an emulated board.

use std::{io, process::ExitStatus};

use super::identity::EmulatedIdentity;
use crate::{
    cmd::{board_fault::fault_in_words, firmware::OUT_OF_MEMORY, ports},
    device::{
        emulator::{Emulator, EmulatorError},
        machine::ADDRESS,
        ready::Ready,
    },
    error::{Code, Error, Fault, Result},
    os_error::in_words,
    output::Place,
    system::{Death, children, packages},
};

pub(super) fn no_qemu(name: &str) -> Error {
    Error::new(
        Fault::Environment,
        Code::EMULATE_NO_QEMU,
        "looking for the emulator",
        format!("{name} is not on the PATH"),
    )
    .hint(packages::INSTALL_QEMU)
}

pub(super) fn port(port: u16, source: io::Error) -> Error {
    let doing = format!("taking port {port} on {ADDRESS}");
    match source.kind() {
        io::ErrorKind::AddrInUse => port_taken(port),
        io::ErrorKind::PermissionDenied => {
            Error::new(Fault::Environment, Code::EMULATE_PORT_DENIED, doing, in_words(&source))
                .advised()
                .source(source)
        }
        _ => Error::new(Fault::Environment, Code::EMULATE_PORT, doing, in_words(&source)).source(source),
    }
}

/// An emulated board that did not start, or no longer serves; `emulator` knows its last lines.
pub(super) fn emulator(error: EmulatorError, emulator: Option<&Emulator>) -> Error {
    let doing = "running the emulated board";
    let new = |fault, code| Error::new(fault, code, doing, error.to_string());
    let explained = match &error {
        EmulatorError::PortTaken { port } => return port_taken(*port),
        EmulatorError::Image { .. } => new(Fault::Environment, Code::EMULATE_IMAGE_HANDOVER).advised(),
        EmulatorError::SerialLog(log) => return ports::log(log),
        EmulatorError::Exited { status, complaint } => {
            new(Fault::Environment, Code::EMULATE_QEMU_ENDED).hint(why_it_ended(*status, complaint))
        }
        EmulatorError::Fault { reason } => {
            Error::new(Fault::Device, Code::EMULATE_FAULT, doing, fault_in_words(reason))
                .hint(full_story(emulator))
        }
        EmulatorError::Panicked { .. } => {
            new(Fault::Device, Code::EMULATE_PANICKED).hint(full_story(emulator))
        }
        EmulatorError::NotReady { .. } => new(Fault::Device, Code::EMULATE_NOT_READY)
            .hint(format!("allow more time with --ready-timeout\n{}", full_story(emulator))),
        _ => new(Fault::Environment, Code::EMULATE_QEMU),
    };
    explained.evidence(last_words(&error, emulator)).source(error)
}

/// A command whose program is not there.
pub(super) fn no_command(name: &str) -> Error {
    let what = format!("{} is not on the PATH, or may not be run", shown(name));
    Error::new(Fault::Environment, Code::EMULATE_NO_COMMAND, "looking for the command", what).advised()
}

/// A command that did not start.
pub(super) fn command_not_started(name: &str, source: io::Error) -> Error {
    let doing = format!("running {}", shown(name));
    Error::new(Fault::Environment, Code::EMULATE_NO_COMMAND, doing, in_words(&source))
        .hint("a script needs a first line such as #!/bin/sh, and the program that it names")
        .source(source)
}

/// A board that died while a command used it.
pub(super) fn died_under(error: Error, command: &str) -> Error {
    let what = format!("{}, while {} ran with it", error.what, shown(command));
    Error { what, ..error }
}

fn shown(name: &str) -> String {
    name.chars().take(LONGEST_SHOWN).flat_map(char::escape_debug).collect()
}

/// The board must serve with the certificate that it was given; otherwise the printed pin would be wrong.
pub(super) fn same_certificate(ready: &Ready, identity: &EmulatedIdentity) -> Result<()> {
    if ready.cert_sha256 == identity.fingerprint.to_string() {
        return Ok(());
    }
    let what = format!("it reports that its certificate has the SHA-256 {}", ready.cert_sha256);
    let doing = format!("giving the emulated board {}", identity.certificate.display());
    Err(Error::new(Fault::Device, Code::EMULATE_OTHER_CERTIFICATE, doing, what).hint(format!(
        "the certificate in the file has {}; leave --image out, or use one of this esp-https",
        identity.fingerprint
    )))
}

fn port_taken(port: u16) -> Error {
    let doing = format!("taking port {port} on {ADDRESS}");
    Error::new(Fault::Environment, Code::EMULATE_PORT_TAKEN, doing, "another program listens on it").advised()
}

/// What to try when QEMU has ended.
fn why_it_ended(status: ExitStatus, complaint: &str) -> &'static str {
    match children::death(status) {
        Some(Death::Killed) => OUT_OF_MEMORY,
        Some(Death::Crashed) => "QEMU itself crashed: install a newer one",
        Some(Death::Signalled) => ENDED_BY_OTHERS,
        None if complaint.contains(TOLD_TO_END) => ENDED_BY_OTHERS,
        None => "check that qemu-system-riscv32 --version prints 7.2 or newer",
    }
}

fn last_words(error: &EmulatorError, emulator: Option<&Emulator>) -> Vec<String> {
    let complaint =
        if let EmulatorError::Exited { complaint, .. } = error { complaint.lines() } else { "".lines() };
    emulator.iter().flat_map(|emulator| emulator.recent()).chain(complaint).map(str::to_owned).collect()
}

fn full_story(emulator: Option<&Emulator>) -> String {
    match emulator.and_then(Emulator::log_path) {
        Some(path) => format!("everything that the board printed is in {}", Place::parse(path).name()),
        None => "--serial-log FILE saves everything that the board prints".to_owned(),
    }
}

const LONGEST_SHOWN: usize = 60;
const ENDED_BY_OTHERS: &str = "a person or another program ended it: run the same command again";
/// QEMU `softmmu/runstate.c`, when a signal asks it to end.
const TOLD_TO_END: &str = "terminating on signal";

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn what_keeps_an_emulated_board_from_running_is_explained() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let errors = [
            EmulatorError::Image { path: "/tmp/x/esp_secure_cert.bin".into(), source: denied() },
            EmulatorError::Qemu { qemu: "/usr/bin/qemu-system-riscv32".into(), source: denied() },
            EmulatorError::Exited {
                status: ExitStatus::from_raw(1 << 8),
                complaint: "-device loader: no such thing".to_owned(),
            },
            EmulatorError::Fault { reason: "no provisioning image".to_owned() },
            EmulatorError::Fault { reason: "the client CA can't be parsed (Mbed TLS -9570)".to_owned() },
        ];
        let all: String = errors.into_iter().map(|error| emulator(error, None).told()).collect();
        insta::assert_snapshot!(all, @r"
        4 emulate.image_handover: running the emulated board: /tmp/x/esp_secure_cert.bin: permission denied
          try: free some space in the folder for temporary files, or set TMPDIR to another one
               to check everything that the commands need: esp-https doctor
        4 emulate.qemu: running the emulated board: /usr/bin/qemu-system-riscv32: permission denied
          try: to check everything that the commands need: esp-https doctor
        4 emulate.qemu_ended: running the emulated board: QEMU ended with exit status: 1
          try: check that qemu-system-riscv32 --version prints 7.2 or newer
               to check everything that the commands need: esp-https doctor
        4 emulate.fault: running the emulated board: no provisioning image
          try: --serial-log FILE saves everything that the board prints
        4 emulate.fault: running the emulated board: the client CA can't be parsed (Mbed TLS -9570); Mbed TLS -0x2562 means invalid extensions (certificates) and unexpected tag (ASN.1)
          try: --serial-log FILE saves everything that the board prints
        ");
    }

    #[test]
    fn a_port_that_can_t_be_listened_on_is_explained() {
        let denied = port(443, io::Error::from_raw_os_error(rustix::io::Errno::ACCESS.raw_os_error()));
        let other = port(443, io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error()));
        insta::assert_snapshot!(denied.told() + &other.told(), @r"
        4 emulate.port_denied: taking port 443 on 127.0.0.1: permission denied
          try: choose a port above 1023, or --port 0 for any free one
        4 emulate.port: taking port 443 on 127.0.0.1: this program has too many files open: raise the limit with ulimit -n
        ");
    }
}
