//! What the libraries' errors mean to the person who wanted an emulated board.

use std::{io, os::unix::process::ExitStatusExt as _, process::ExitStatus};

use rustix::process::Signal;

use super::identity::EmulatedIdentity;
use crate::{
    cmd::{firmware::OUT_OF_MEMORY, ports},
    device::{
        emulator::{Emulator, EmulatorError},
        machine::ADDRESS,
        program,
        ready::Ready,
    },
    error::{Error, Fault, Result},
    output::Place,
};

pub(super) fn no_qemu(name: &str) -> Error {
    Error::new(Fault::Environment, "emulate.no_qemu", "looking for the emulator", format!("{name} is not on the PATH"))
        .hint("install it: apt-get install qemu-system-misc   (Debian, Ubuntu)\n            brew install qemu                   (macOS)")
}

pub(super) fn port(port: u16, source: io::Error) -> Error {
    let doing = format!("taking port {port} on {ADDRESS}");
    match source.kind() {
        io::ErrorKind::AddrInUse => port_taken(port),
        io::ErrorKind::PermissionDenied => {
            Error::new(Fault::Environment, "emulate.port_denied", doing, source.to_string())
                .hint("choose a port above 1023, or --port 0 for any free one")
                .source(source)
        }
        _ => Error::new(Fault::Environment, "emulate.port", doing, source.to_string()).source(source),
    }
}

/// An emulated board that did not start, or no longer serves; `emulator` knows its last lines.
pub(super) fn emulator(error: EmulatorError, emulator: Option<&Emulator>) -> Error {
    let doing = "running the emulated board";
    let new = |fault, code| Error::new(fault, code, doing, error.to_string());
    let explained = match &error {
        EmulatorError::PortTaken { port } => return port_taken(*port),
        EmulatorError::Image { .. } => new(Fault::Environment, "emulate.image_handover")
            .hint("make room in the folder for temporary files, or set TMPDIR to another one"),
        EmulatorError::SerialLog(log) => return ports::log(log),
        EmulatorError::Exited { status, complaint } => {
            new(Fault::Environment, "emulate.qemu_ended").hint(why_it_ended(*status, complaint))
        }
        EmulatorError::Fault { .. } => new(Fault::Device, "emulate.fault").hint(full_story(emulator)),
        EmulatorError::Panicked { .. } => new(Fault::Device, "emulate.panicked").hint(full_story(emulator)),
        EmulatorError::NotReady { .. } => new(Fault::Device, "emulate.not_ready")
            .hint(format!("give it longer with --ready-timeout\n{}", full_story(emulator))),
        _ => new(Fault::Environment, "emulate.qemu"),
    };
    explained.evidence(last_words(&error, emulator)).source(error)
}

/// The board must show the certificate that it was given: anything else would make the printed pin a lie.
pub(super) fn same_certificate(ready: &Ready, identity: &EmulatedIdentity) -> Result<()> {
    if ready.cert_sha256 == identity.fingerprint.to_string() {
        return Ok(());
    }
    let what = format!("it says that its certificate's SHA-256 is {}", ready.cert_sha256);
    let doing = format!("giving the emulated board {}", identity.certificate.display());
    Err(Error::new(Fault::Device, "emulate.other_certificate", doing, what)
        .hint(format!("that of the file is {}; does --image fit this esp-https?", identity.fingerprint)))
}

fn port_taken(port: u16) -> Error {
    let doing = format!("taking port {port} on {ADDRESS}");
    Error::new(Fault::Environment, "emulate.port_taken", doing, "another program listens on it")
        .hint("choose another with --port, or --port 0 for any free one")
}

/// What to try when QEMU has ended.
fn why_it_ended(status: ExitStatus, complaint: &str) -> &'static str {
    match status.signal() {
        Some(_) if program::was_killed(status) => OUT_OF_MEMORY,
        Some(signal) if CRASHES.iter().any(|crash| crash.as_raw() == signal) => {
            "QEMU itself crashed: install a newer one"
        }
        Some(_) => ENDED_BY_OTHERS,
        None if complaint.contains(TOLD_TO_END) => ENDED_BY_OTHERS,
        None => "does qemu-system-riscv32 --version say 7.2 or newer?",
    }
}

fn last_words(error: &EmulatorError, emulator: Option<&Emulator>) -> Vec<String> {
    let complaint =
        if let EmulatorError::Exited { complaint, .. } = error { complaint.lines() } else { "".lines() };
    emulator.iter().flat_map(|emulator| emulator.recent()).chain(complaint).map(str::to_owned).collect()
}

fn full_story(emulator: Option<&Emulator>) -> String {
    match emulator.and_then(Emulator::log_path) {
        Some(path) => format!("all that the board said is in {}", Place::parse(path).name()),
        None => "--serial-log FILE keeps all that the board says".to_owned(),
    }
}

/// The signals of a program that does what it must not.
const CRASHES: [Signal; 4] = [Signal::SEGV, Signal::ABORT, Signal::BUS, Signal::ILL];
const ENDED_BY_OTHERS: &str = "a person or another program ended it: run the same command again";
/// QEMU `softmmu/runstate.c`, when a signal asks it to end.
const TOLD_TO_END: &str = "terminating on signal";
