//! What `certgen` made, as data: the result of the command.

use std::path::PathBuf;

use serde::Serialize;

use super::{CommonName, Fingerprint, KeyType, Profile, San, Validity, renewal::DueState};
use crate::note::Note;

/// A pair of files that was made.
#[derive(Debug, Serialize)]
pub struct MadePair {
    /// The kind of certificate.
    pub profile: Profile,
    /// The common name of the subject; of the issuer, too, where it is self-signed.
    pub common_name: CommonName,
    /// The subject alternative names, as `dns:NAME` or `ip:ADDRESS`.
    pub names: Vec<San>,
    /// The key's type.
    pub key_type: KeyType,
    /// The certificate.
    pub certificate: MadeCertificate,
    /// The CA that issued it; left out where it is self-signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<MadeIssuer>,
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

/// The CA that issued a certificate.
#[derive(Debug, Serialize)]
pub struct MadeIssuer {
    /// Its name, e.g. `CN=Workshop`.
    pub subject: String,
    /// The PEM file of its certificate, which those who trust it need.
    #[serde(serialize_with = "crate::text::path")]
    pub path: PathBuf,
    /// When it expires: UTC, RFC 3339.
    pub not_after: String,
}

/// A private key file.
#[derive(Debug, Serialize)]
pub struct MadeKey {
    /// The PEM file (PKCS#8), as reached from the current folder.
    #[serde(serialize_with = "crate::text::path")]
    pub path: PathBuf,
    /// Whether a passphrase protects it; left out where none does.
    #[serde(skip_serializing_if = "is_false")]
    pub encrypted: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
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
    /// It expires with its CA, before the time that is usual.
    EndsWithCa,
    /// What a CA issues is accepted once the CA is trusted.
    TrustOnce,
}

/// Certificates that were looked at, and made again where that was due.
#[derive(Debug, Serialize)]
pub struct RenewalResult {
    /// A certificate is due so many days before its end.
    pub within_days: u32,
    /// How many are due, or have expired, and were not renewed.
    pub due: usize,
    /// How many were renewed.
    pub renewed: usize,
    /// All of them, in the order in which they were named.
    pub certificates: Vec<RenewalEntry>,
}

impl RenewalResult {
    /// Counts the states again.
    pub fn count(&mut self) {
        let of = |states: &[RenewalState]| {
            self.certificates.iter().filter(|entry| states.contains(&entry.state)).count()
        };
        (self.due, self.renewed) =
            (of(&[RenewalState::Due, RenewalState::Expired]), of(&[RenewalState::Renewed]));
    }
}

/// One certificate as it is in its file now.
#[derive(Debug, Serialize)]
pub struct RenewalEntry {
    /// The PEM file.
    #[serde(serialize_with = "crate::text::path")]
    pub path: PathBuf,
    /// Its subject, e.g. `CN=kitchen.local`.
    pub subject: String,
    /// Whether it is due, or was renewed.
    pub state: RenewalState,
    /// When it expires: UTC, RFC 3339.
    pub not_after: String,
    /// Whole days until then; negative once it has expired.
    pub days_left: i64,
    /// SHA-256 of its DER.
    pub sha256: Fingerprint,
    /// When the one before it expires or has expired; left out where it was not renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was_not_after: Option<String>,
}

/// What became of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewalState {
    /// It is valid for long enough.
    NotDue,
    /// It expires soon.
    Due,
    /// It has expired.
    Expired,
    /// It was made again.
    Renewed,
}

impl From<DueState> for RenewalState {
    fn from(state: DueState) -> Self {
        match state {
            DueState::NotDue => Self::NotDue,
            DueState::Due => Self::Due,
            DueState::Expired => Self::Expired,
        }
    }
}

/// The openssl command that makes the same pair.
#[derive(Debug, Serialize)]
pub struct OpensslCommand {
    /// For a POSIX shell; several lines.
    pub openssl: String,
}
