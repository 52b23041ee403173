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
            .advised()
            .source(source)
    }
}

/// A pair that could not be written.
impl From<StoreError> for Error {
    fn from(source: StoreError) -> Self {
        let (fault, code) = match &source {
            StoreError::Exists { .. } => (Fault::Usage, Code::CERT_FILE_EXISTS),
            StoreError::IsFolder { .. } => (Fault::Usage, Code::CERT_IS_FOLDER),
            StoreError::NotAFile { .. } => (Fault::Usage, Code::CERT_NOT_A_FILE),
            StoreError::NotAFolder { .. } => (Fault::Usage, Code::CERT_NOT_A_FOLDER),
            StoreError::NoParent { .. } => (Fault::Usage, Code::CERT_NO_FOLDER),
            StoreError::Locked { .. } => (Fault::Environment, Code::CERT_LOCKED),
            _ => (Fault::Environment, Code::CERT_UNWRITABLE),
        };
        let is_full = matches!(&source, StoreError::Write { source, .. } if is_full(source));
        let error =
            Self::new(fault, code, format!("writing to {}", source.path().display()), source.to_string());
        let error = if is_full {
            error.hint("make room there, or name another folder with --out-dir")
        } else {
            error.advised()
        };
        error.source(source)
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

fn for_unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "this user may not read it: its owner can change that (chmod, chown)".to_owned()
        }
        io::ErrorKind::IsADirectory => "it is a folder: name a file in it".to_owned(),
        _ => Code::CERT_UNREADABLE.hint(),
    }
}

fn load_advice(error: &LoadError) -> (Code, String) {
    if let Some(advice) = advice(error) {
        return advice;
    }
    let code = match error {
        LoadError::Unreadable { source, .. } => {
            return (Code::CERT_UNREADABLE, for_unreadable(source));
        }
        LoadError::NoCertificate { .. } => Code::CERT_NO_CERTIFICATE,
        LoadError::NoKey { .. } => Code::CERT_NO_KEY,
        LoadError::KeyMismatch { .. } => Code::CERT_KEY_MISMATCH,
        LoadError::Key { .. } => Code::CERT_BAD_KEY,
        LoadError::TooLarge { .. } => Code::CERT_TOO_LARGE,
        _ => Code::CERT_DAMAGED,
    };
    (code, code.hint())
}
