//! `--manifest`: what is wrong with it or odd about it, in words for a person, and all of it at once.

use std::path::Path;

use super::explain;
use crate::{
    cert::load,
    device::flash::{manifest::Manifest, manifest::ManifestError, outcome::FlashNoteCode},
    error::{Code, Error, Fault, Result},
    note::Note,
};

/// Reads the manifest; the files that it names are not looked at yet.
pub(in crate::cmd) fn read(path: &Path) -> Result<Manifest> {
    let text = load::read(path).map_err(|error| explain::manifest_unreadable(path, &error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    Manifest::parse(&text, folder).map_err(|error| faulty(path, error))
}

/// The manifest itself can't be used.
fn faulty(path: &Path, source: ManifestError) -> Error {
    let faults: Vec<String> = source.faults.iter().map(ToString::to_string).collect();
    all_of(Code::FLASH_MANIFEST, Fault::Usage, path, &faults)
        .hint("a header and a row a board: mac,cert,key,hostname\n24:0a:c4:12:34:56,kitchen/cacert.pem,kitchen/prvtkey.pem,kitchen")
        .source(source)
}

/// What its rows name can't be used: the errors with the lines of their rows, at least one.
pub(super) fn faulty_rows(path: &Path, mut errors: Vec<(u64, Error)>) -> Error {
    if let [(line, _)] = errors.as_slice() {
        let line = *line;
        let (_, mut error) = errors.remove(0);
        error.doing = format!("{} (line {line} of the manifest {})", error.doing, path.display());
        return error;
    }
    let faults: Vec<String> = errors.iter().map(|(line, error)| format!("line {line}: {error}")).collect();
    let first = errors.first().map(|(_, error)| (error.code, error.fault, error.hint.clone()));
    match first {
        // The advice may name the file of the first row.
        Some((code, fault, hint)) if errors.iter().all(|(_, error)| error.code == code) => {
            let same = errors.iter().all(|(_, error)| error.hint == hint);
            let error = all_of(code, fault, path, &faults);
            if same { Error { hint, ..error } } else { error }
        }
        _ => all_of(Code::FLASH_MANIFEST, Fault::Usage, path, &faults),
    }
}

/// One fault as what happened, more of them line by line.
pub(in crate::cmd) fn all_of(code: Code, fault: Fault, path: &Path, faults: &[String]) -> Error {
    let doing = format!("reading the manifest {}", path.display());
    if let [what] = faults {
        return Error::new(fault, code, doing, what);
    }
    let rest = faults.len().saturating_sub(MOST_FAULTS);
    let lines = faults.iter().take(MOST_FAULTS).cloned();
    let lines = lines.chain((rest > 0).then(|| format!("and {rest} more")));
    Error::new(fault, code, doing, format!("{} things are wrong with it", faults.len())).evidence(lines)
}

/// A note on host names that several boards would get.
pub(super) fn shared_hostnames(manifest: &Manifest) -> Option<Note<FlashNoteCode>> {
    let shared = manifest.shared_hostnames();
    let named = shared.iter().take(MOST_NAMED).map(|(name, lines)| format!("{name} ({})", in_lines(lines)));
    let others = match shared.len().saturating_sub(MOST_NAMED) {
        0 => None,
        1 => Some("another name".to_owned()),
        others => Some(format!("{others} other names")),
    };
    let named: Vec<String> = named.chain(others).collect();
    (!named.is_empty()).then(|| Note {
        code: FlashNoteCode::SharedHostname,
        text: format!(
            "several boards of the manifest get one host name, by which a network finds only one of them: {}; \
             the column hostname gives each its own",
            named.join(", ")
        ),
    })
}

fn in_lines(lines: &[u64]) -> String {
    let named: Vec<String> = lines.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    match lines.len().saturating_sub(MOST_NAMED) {
        0 => format!("lines {}", named.join(", ")),
        others => format!("lines {} and {others} more", named.join(", ")),
    }
}

/// So many faults are told; of more only the number is.
const MOST_FAULTS: usize = 20;
/// So many names, and lines of a name, are told.
const MOST_NAMED: usize = 3;
