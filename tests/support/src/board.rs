//! What a board is, to the commands that need one: a serial port, a firmware, a line that says that it serves.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use serialport::{SerialPort as _, TTYPort};

/// A pseudo-terminal that a board could be at: the board's end of it, and the name of the port.
pub fn port() -> (TTYPort, String) {
    let (board, port) = TTYPort::pair().unwrap();
    (board, port.name().unwrap())
}

/// An ELF file that `emulate --image` takes; `fuzz/README.md` says what made it.
pub fn elf() -> &'static [u8] {
    include_bytes!("../../../fuzz/seeds/firmware_elf/emulated-board")
}

/// Writes a shell script as a program.
pub fn write_program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The SHA-256 of the certificate in a PEM file, in hex: the pin of a board that has it.
pub fn pin(certificate: &Path) -> String {
    let certificate = CertificateDer::from_pem_file(certificate).unwrap();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &certificate);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The line with which a board that has the certificate of that pin says that it serves.
pub fn ready_line(ip: &str, mac: &str, pin: &str) -> String {
    format!(r#"ESP-HTTPS READY {{"ip":"{ip}","port":443,"mac":"{mac}","fw":"0.1.0","cert_sha256":"{pin}"}}"#)
}
