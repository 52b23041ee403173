//! What errors of a fleet mean to the person who asked, and what to try.

use std::{io, path::Path};

use crate::{
    cert::{LoadError, StoreError},
    cmd::flash::all_faults,
    device::flash::manifest::ManifestError,
    error::{Code, Error, Fault},
    os_error::in_words,
};

/// The list can't be locked: it is not there, or another one works on it.
pub(super) fn fleet_not_locked(path: &Path, source: StoreError) -> Error {
    let doing = format!("reading the list of boards {}", path.display());
    match source {
        StoreError::Locked { .. } => {
            Error::new(Fault::Environment, Code::CERT_LOCKED, doing, "another certgen works on it")
                .hint("wait until the other one has ended, and run it again")
                .source(source)
        }
        source => {
            Error::new(Fault::Usage, Code::CERT_FLEET, doing, source.to_string()).advised().source(source)
        }
    }
}

/// The list can't be read.
pub(super) fn fleet_not_read(path: &Path, source: &LoadError) -> Error {
    let doing = format!("reading the list of boards {}", path.display());
    Error::new(Fault::Usage, Code::CERT_FLEET, doing, source.to_string()).advised()
}

/// Rows of the list are wrong.
pub(super) fn bad_fleet(path: &Path, source: ManifestError) -> Error {
    let faults: Vec<String> = source.faults.iter().map(ToString::to_string).collect();
    all_faults(Code::CERT_FLEET, Fault::Usage, path, &faults).advised().source(source)
}

/// What rows name can't be used, or could not be made: the errors with their lines, at least one.
pub(super) fn faulty_fleet(path: &Path, mut errors: Vec<(u64, Error)>) -> Error {
    if let [(line, _)] = errors.as_slice() {
        let line = *line;
        let (_, mut error) = errors.remove(0);
        if line > 0 {
            error.doing = format!("{} (line {line} of {})", error.doing, path.display());
        }
        return error;
    }
    let faults: Vec<String> = errors.iter().map(|(line, error)| format!("line {line}: {error}")).collect();
    let (first, fault) =
        errors.first().map_or((Code::CERT_FLEET, Fault::Usage), |(_, error)| (error.code, error.fault));
    let same = errors.iter().all(|(_, error)| (error.code, error.fault) == (first, fault));
    let (code, fault) = if same { (first, fault) } else { (Code::CERT_FLEET, Fault::Usage) };
    all_faults(code, fault, path, &faults)
        .hint("nothing was written; correct these rows or what they name, and run it again")
}

/// One of the two files is there.
pub(super) fn half_a_pair(there: &Path, missing: &Path) -> Error {
    let what = format!("{} is there, but {} is missing", there.display(), missing.display());
    Error::new(Fault::Usage, Code::CERT_HALF_A_PAIR, "looking for a certificate and its key", what)
        .hint("put the missing one back, or move the other away: then both are made")
}

/// The files of a board can't be written.
pub(super) fn row_not_written(source: StoreError) -> Error {
    Error::from(source).hint("correct that, and run it again: the boards that are done are kept")
}

/// The list can't be replaced by the one that is filled in.
pub(super) fn fleet_not_written(path: &Path, source: io::Error) -> Error {
    let doing = format!("filling in {}", path.display());
    Error::new(Fault::Environment, Code::CERT_UNWRITABLE, doing, in_words(&source))
        .hint("the list is as it was; correct that, and run it again: the boards that are done are kept")
        .source(source)
}

/// A signal in between.
pub(super) fn fleet_stopped(done: usize, all: usize) -> Error {
    let what = format!("by a signal, after {done} of {all} boards; the list is as it was");
    Error::new(Fault::Interrupted, Code::CERT_FLEET_STOPPED, "making the certificates of a fleet", what)
        .advised()
}
