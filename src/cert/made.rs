//! What `certgen` made, as data: the result of the command.

use std::path::PathBuf;

use serde::Serialize;

use super::{CommonName, Fingerprint, KeyType, Profile, San, Validity};
use crate::note::Note;

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
    #[serde(serialize_with = "crate::text::path")]
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
    #[serde(serialize_with = "crate::text::path")]
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
    /// The board computes with this key in software, which is slow.
    SoftwareKey,
    /// The validity is longer than Apple's systems take.
    LongValidity,
    /// The names are those that are taken when none is given.
    DefaultNames,
    /// The pair does not fit the partition of a board.
    TooLarge,
}

/// The openssl command that makes the same pair.
#[derive(Debug, Serialize)]
pub struct OpensslCommand {
    /// For a POSIX shell; several lines.
    pub openssl: String,
}
