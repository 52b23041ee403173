//! What the libraries' errors mean to the person who wanted an emulated board.

use std::{io, path::Path};

use tokio::sync::oneshot::error::RecvError;

use super::identity::Identity;
use crate::{
    device::{
        emulator::{Emulator, EmulatorError},
        firmware::FirmwareError,
        machine::ADDRESS,
        ready::Ready,
        toolchain::{TARGET, ToolchainError},
    },
    error::{Error, Fault, Result},
};

pub(super) fn runtime(source: io::Error) -> Error {
    Error::new(Fault::Environment, "emulate.runtime", "preparing to wait for events", source.to_string())
        .source(source)
}

/// A thread of ours that panicked.
pub(super) fn lost(source: RecvError) -> Error {
    Error::new(Fault::Bug, "emulate.lost", "preparing the emulated board", "the work ended without a result")
        .hint("please report this")
        .source(source)
}

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

pub(super) fn log(error: EmulatorError) -> Error {
    Error::new(Fault::Usage, "emulate.serial_log", "opening the serial log", error.to_string())
        .hint("choose a file in a folder that exists and that you may write to")
        .source(error)
}

pub(super) fn firmware_dir(folder: &Path, source: &io::Error) -> Error {
    let doing = format!("looking for the firmware's sources in {}", folder.display());
    Error::new(Fault::Usage, "emulate.firmware_dir", doing, source.to_string())
        .hint("name the firmware folder of an esp-https source tree, or leave --firmware-dir out")
}

pub(super) fn image_unreadable(path: &Path, source: io::Error) -> Error {
    Error::new(Fault::Usage, "emulate.image", format!("reading {}", path.display()), source.to_string())
        .source(source)
}

pub(super) fn image_not_elf(path: &Path) -> Error {
    let doing = format!("reading {}", path.display());
    Error::new(Fault::Usage, "emulate.image", doing, "it is not an ELF file for 32-bit RISC-V")
        .hint("name an ELF file of the qemu-virt board, or leave --image out to have one built")
}

pub(super) fn firmware(error: FirmwareError) -> Error {
    let doing = "building the emulated board's firmware";
    let new = |code| Error::new(Fault::Environment, code, doing, error.to_string());
    match &error {
        FirmwareError::Toolchain(missing) => new("emulate.no_toolchain").hint(toolchain_hint(*missing)),
        FirmwareError::Build { said, .. } => {
            new("emulate.build").evidence(complaints(said)).hint(build_hint(said))
        }
        FirmwareError::NoCacheFolder => {
            new("emulate.cache").hint("set ESP_HTTPS_CACHE_DIR to a folder of yours")
        }
        FirmwareError::Cache { .. } => new("emulate.cache")
            .hint("make room or set its access rights, or set ESP_HTTPS_CACHE_DIR to another folder"),
        FirmwareError::NoSources => new("emulate.no_sources")
            .hint("name the firmware folder of an esp-https source tree with --firmware-dir"),
        _ => new("emulate.build"),
    }
    .source(error)
}

/// An emulated board that did not start, or no longer serves; `emulator` knows its last lines.
pub(super) fn emulator(error: EmulatorError, emulator: Option<&Emulator>) -> Error {
    let doing = "running the emulated board";
    let new = |fault, code| Error::new(fault, code, doing, error.to_string());
    let explained = match &error {
        EmulatorError::PortTaken { port } => return port_taken(*port),
        EmulatorError::Image { .. } => new(Fault::Environment, "emulate.image_handover")
            .hint("make room in the folder for temporary files, or set TMPDIR to another one"),
        EmulatorError::SerialLog { .. } => new(Fault::Environment, "emulate.serial_log"),
        EmulatorError::Exited { .. } => new(Fault::Environment, "emulate.qemu_ended")
            .hint("does qemu-system-riscv32 --version say 7.2 or newer?"),
        EmulatorError::Fault { .. } => new(Fault::Device, "emulate.fault").hint(full_story(emulator)),
        EmulatorError::Panicked { .. } => new(Fault::Device, "emulate.panicked").hint(full_story(emulator)),
        EmulatorError::NotReady { .. } => new(Fault::Device, "emulate.not_ready")
            .hint(format!("give it longer with --ready-timeout\n{}", full_story(emulator))),
        _ => new(Fault::Environment, "emulate.qemu"),
    };
    explained.evidence(last_words(&error, emulator)).source(error)
}

/// The board must show the certificate that it was given: anything else would make the printed pin a lie.
pub(super) fn same_certificate(ready: &Ready, identity: &Identity) -> Result<()> {
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

fn last_words(error: &EmulatorError, emulator: Option<&Emulator>) -> Vec<String> {
    let complaint =
        if let EmulatorError::Exited { complaint, .. } = error { complaint.lines() } else { "".lines() };
    emulator.iter().flat_map(|emulator| emulator.recent()).chain(complaint).map(str::to_owned).collect()
}

fn full_story(emulator: Option<&Emulator>) -> String {
    match emulator.and_then(Emulator::log_path) {
        Some(path) => format!("all that the board said is in {}", path.display()),
        None => "--serial-log FILE keeps all that the board says".to_owned(),
    }
}

fn toolchain_hint(missing: ToolchainError) -> String {
    let rustup = format!("rustup target add {TARGET}");
    match missing {
        ToolchainError::NoTarget => format!("{rustup}\n{DEBIAN}   (where rustup can't, on Debian 12)"),
        ToolchainError::NoTargetNoRustup => {
            format!("{DEBIAN}   (Debian 12)\nor install rustup (https://rustup.rs), then: {rustup}")
        }
        ToolchainError::NoRust => {
            format!("install Rust (https://rustup.rs), then: {rustup}\nor, on Debian 12: {DEBIAN}")
        }
    }
}

/// From the first error on; what cargo did before that explains nothing.
fn complaints(said: &[String]) -> &[String] {
    let first = said.iter().position(|line| line.starts_with("error")).unwrap_or(0);
    said.get(first..).unwrap_or_default()
}

fn build_hint(said: &[String]) -> &'static str {
    let about = |words: &[&str]| said.iter().any(|line| words.iter().any(|word| line.contains(word)));
    if about(&[
        "failed to download",
        "Could not resolve",
        "failed to get",
        "Unable to update",
        "network failure",
    ]) {
        "the first build downloads the firmware's dependencies: try again with a network"
    } else if about(&["No space left"]) {
        "make room, or set ESP_HTTPS_CACHE_DIR to a folder on another disk"
    } else if about(&["requires rustc", "is not supported by the following package"]) {
        "update the toolchain: rustup update"
    } else {
        "try again; if it stays, please report it with these lines"
    }
}

const DEBIAN: &str = "apt-get install rustc-web cargo-web rust-web-src lld-22";

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(error: FirmwareError) -> String {
        let error = firmware(error);
        assert_eq!(error.fault.exit_code(), 4);
        error.hint.unwrap_or_default()
    }

    #[test]
    fn a_missing_toolchain_comes_with_the_command_that_installs_it() {
        insta::assert_snapshot!(hint(ToolchainError::NoTarget.into()), @r"
        rustup target add riscv32imc-unknown-none-elf
        apt-get install rustc-web cargo-web rust-web-src lld-22   (where rustup can't, on Debian 12)
        ");
        insta::assert_snapshot!(hint(ToolchainError::NoTargetNoRustup.into()), @r"
        apt-get install rustc-web cargo-web rust-web-src lld-22   (Debian 12)
        or install rustup (https://rustup.rs), then: rustup target add riscv32imc-unknown-none-elf
        ");
        insta::assert_snapshot!(hint(ToolchainError::NoRust.into()), @r"
        install Rust (https://rustup.rs), then: rustup target add riscv32imc-unknown-none-elf
        or, on Debian 12: apt-get install rustc-web cargo-web rust-web-src lld-22
        ");
    }

    #[test]
    fn a_failed_build_is_told_by_what_cargo_said() {
        for (said, advice) in [
            ("error: failed to download from `https://..`", "with a network"),
            ("error: write failed: No space left on device (os error 28)", "make room"),
            ("error: rustc 1.80.0 is not supported by the following packages:", "rustup update"),
            ("error[E0432]: unresolved import", "report it"),
        ] {
            assert!(build_hint(&[said.to_owned()]).contains(advice), "{said}");
        }
    }
}
