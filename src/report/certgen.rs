//! What `certgen` made, or the openssl command that makes the same.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use serde::Serialize;

use super::{Note, Paint, Report};
use crate::cert::{CommonName, Fingerprint, KeyType, Profile, San, Validity};

/// A pair of files that was made.
#[derive(Debug, Serialize)]
pub struct MadePair {
    /// The kind of certificate.
    pub profile: Profile,
    /// The common name of subject and issuer.
    pub common_name: CommonName,
    /// The subject alternative names, as `dns:NAME` or `ip:ADDRESS`.
    pub names: Vec<San>,
    /// The key's type.
    pub key_type: KeyType,
    /// The certificate.
    pub certificate: MadeCertificate,
    /// The private key: where it is, and nothing else about it.
    pub private_key: MadeKey,
    /// What is good to know about this pair.
    pub notes: Vec<Note<NoteCode>>,
    /// The command to run next.
    pub next: String,
    /// Where the time went.
    pub timing: Timing,
}

/// A certificate file.
#[derive(Debug, Serialize)]
pub struct MadeCertificate {
    /// The PEM file, as reached from the current folder.
    pub path: PathBuf,
    /// The size of its DER in bytes.
    pub size: usize,
    /// SHA-256 of its DER.
    pub sha256: Fingerprint,
    /// SHA-256 of its public key (`SubjectPublicKeyInfo`).
    pub spki_sha256: Fingerprint,
    /// The same as `curl --pinnedpubkey` takes it.
    pub curl_pin: String,
    /// When it becomes valid: UTC, RFC 3339.
    pub not_before: String,
    /// When it expires: UTC, RFC 3339.
    pub not_after: String,
    /// Its validity in days.
    pub days: Validity,
}

/// A private key file.
#[derive(Debug, Serialize)]
pub struct MadeKey {
    /// The PEM file (PKCS#8), as reached from the current folder.
    pub path: PathBuf,
}

/// Where the time went, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Timing {
    /// Generating the key.
    pub key_us: u64,
    /// Everything else that was done for the pair: checks, encoding, signature, files.
    pub rest_us: u64,
}

/// Names of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteCode {
    /// Browsers call a certificate of the book's profile untrusted.
    BrowsersRefuse,
    /// The board computes with this key in software.
    SoftwareKey,
    /// The validity is longer than Apple's systems take.
    LongValidity,
    /// The names are those that are taken when none is given.
    DefaultNames,
}

/// The openssl command that makes the same pair.
#[derive(Debug, Serialize)]
pub struct OpensslCommand {
    /// For a POSIX shell; several lines.
    pub openssl: String,
}

impl Report for OpensslCommand {
    fn text(&self, out: &mut dyn Write, _: Paint) -> io::Result<()> {
        writeln!(out, "{}", self.openssl)
    }
}

impl Report for MadePair {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let certificate = &self.certificate;
        let mut row =
            |label: &str, value: String| writeln!(out, "{} {value}", paint.faint(format!("{label:<12}")));
        row("certificate", aside(paint, &certificate.path.display().to_string(), &self.kind()))?;
        row("private key", aside(paint, &self.private_key.path.display().to_string(), "keep it secret"))?;
        if !self.names.is_empty() {
            let names = self.names.iter().map(San::bare).collect::<Vec<_>>();
            row("valid for", names.join(", "))?;
        }
        row("expires", aside(paint, &day(&certificate.not_after), &format!("in {}", certificate.days)))?;
        row("SHA-256", certificate.sha256.to_string())?;
        writeln!(out)?;
        for note in &self.notes {
            for (index, line) in note.text.lines().enumerate() {
                let label = if index == 0 { paint.warn("note:") } else { "     ".to_owned() };
                writeln!(out, "{label} {line}")?;
            }
        }
        writeln!(out, "{} {}", paint.strong("next:"), self.next)
    }
}

impl MadePair {
    fn kind(&self) -> String {
        let kind = match self.profile {
            Profile::Book => "self-signed CA, as in the book",
            Profile::Server => "self-signed server",
        };
        format!("{}, {}, {kind}", self.common_name.as_str(), self.key_type)
    }
}

fn aside(paint: Paint, value: &str, aside: &str) -> String {
    format!("{value}  {}", paint.faint(format!("({aside})")))
}

/// The date of an RFC 3339 time.
fn day(time: &str) -> String {
    time.split('T').next().unwrap_or(time).to_owned()
}
