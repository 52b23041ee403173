//! The errors for a certificate or key that can't be made, stored or read, as conversions that `?` applies.

use std::io;

use super::cert_advice::advice;
use crate::{
    cert::{self, LoadError, OddFile, StoreError},
    error::{Code, Error, Fault},
    report::Console,
};

/// Prints a note for each file that could be read although something about it was odd.
pub(super) fn note_odd_files(files: &[OddFile], console: &Console) {
    files.iter().for_each(|file| console.note(format!("note: {file}")));
}

/// A pair that could not be made.
impl From<cert::Error> for Error {
    fn from(source: cert::Error) -> Self {
        Self::new(Fault::Bug, Code::CERT_GENERATE, "making the certificate", source.to_string())
            .hint("run it again; if it happens again, please report it")
            .source(source)
    }
}

/// A pair that could not be written.
impl From<StoreError> for Error {
    fn from(source: StoreError) -> Self {
        let (fault, code, hint) = match &source {
            StoreError::Exists { .. } => (
                Fault::Usage,
                Code::CERT_FILE_EXISTS,
                "replace it with --force, or name another folder with --out-dir",
            ),
            StoreError::IsFolder { .. } => {
                (Fault::Usage, Code::CERT_IS_FOLDER, "name another folder with --out-dir")
            }
            StoreError::NotAFile { .. } => {
                (Fault::Usage, Code::CERT_NOT_A_FILE, "name another folder with --out-dir")
            }
            StoreError::NotAFolder { .. } => {
                (Fault::Usage, Code::CERT_NOT_A_FOLDER, "name a folder with --out-dir")
            }
            StoreError::NoParent { .. } => {
                (Fault::Usage, Code::CERT_NO_FOLDER, "make the folder above it first, or check the spelling")
            }
            StoreError::Locked { .. } => (
                Fault::Environment,
                Code::CERT_LOCKED,
                "wait until the other program has ended, or name another folder with --out-dir",
            ),
            StoreError::Write { source, .. } if is_full(source) => (
                Fault::Environment,
                Code::CERT_UNWRITABLE,
                "make room there, or name another folder with --out-dir",
            ),
            _ => (
                Fault::Environment,
                Code::CERT_UNWRITABLE,
                "name a folder that you may write to with --out-dir",
            ),
        };
        Self::new(fault, code, format!("writing to {}", source.path().display()), source.to_string())
            .hint(hint)
            .source(source)
    }
}

/// There is no room for a file, for anybody or for this user.
fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// A certificate or key that could not be read.
impl From<LoadError> for Error {
    fn from(source: LoadError) -> Self {
        let path = source.path().display();
        let doing = match &source {
            LoadError::NoCertificate { .. } | LoadError::Damaged { .. } => {
                format!("reading the certificate in {path}")
            }
            LoadError::NoKey { .. } | LoadError::Key { .. } => format!("reading the private key in {path}"),
            LoadError::KeyMismatch { .. } => {
                "checking that the key and the certificate belong together".to_owned()
            }
            _ => format!("reading {path}"),
        };
        let (code, hint) = load_advice(&source);
        Self::new(Fault::Usage, code, doing, source.to_string()).hint(hint).source(source)
    }
}

fn for_unreadable(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "this user may not read it: its owner can change that (chmod, chown)"
        }
        io::ErrorKind::IsADirectory => "it is a folder: name a file in it",
        _ => "check the path; `esp-https certgen` makes a certificate and its key",
    }
}

fn load_advice(error: &LoadError) -> (Code, String) {
    if let Some(advice) = advice(error) {
        return advice;
    }
    let (code, hint) = match error {
        LoadError::Unreadable { source, .. } => (Code::CERT_UNREADABLE, for_unreadable(source)),
        LoadError::NoCertificate { .. } => {
            (Code::CERT_NO_CERTIFICATE, "name a file with -----BEGIN CERTIFICATE----- in it")
        }
        LoadError::NoKey { .. } => (Code::CERT_NO_KEY, "name a file with -----BEGIN PRIVATE KEY----- in it"),
        LoadError::KeyMismatch { .. } => (
            Code::CERT_KEY_MISMATCH,
            "name the two files that were made together, or make a new pair: esp-https certgen",
        ),
        LoadError::Key { .. } => {
            (Code::CERT_BAD_KEY, "`esp-https certgen` makes keys that the board supports")
        }
        LoadError::TooLarge { .. } => (Code::CERT_TOO_LARGE, "name a PEM file; is the path right?"),
        _ => (Code::CERT_DAMAGED, "copy the file again from where it came from, or make a new pair"),
    };
    (code, hint.to_owned())
}
