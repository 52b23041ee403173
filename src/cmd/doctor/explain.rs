//! What the checks amount to, and why the cache could not be cleaned.

use super::plan::Asked;
use crate::{
    device::{
        cache::{Cache, CacheError},
        cache_files::CleanError,
    },
    doctor::{Diagnosis, ReadinessState, check::Check},
    error::{Code, Error, Fault},
    interrupt::Signal,
};

/// The error, if there is one. Something that is missing is one only for a command that was named: there are people who have
/// no board, or want no emulator.
pub(super) fn verdict(diagnosis: &Diagnosis, asked: Asked) -> Option<Error> {
    let not_ready: Vec<_> = diagnosis
        .verbs
        .iter()
        .filter(|verb| verb.state == ReadinessState::NotReady)
        .map(|verb| verb.verb)
        .collect();
    let problems: Vec<&Check> = diagnosis.problems().collect();
    let (code, what) = match (asked, not_ready.as_slice(), problems.as_slice()) {
        (Asked::AboutThese, [_, ..], _) => {
            let names: Vec<&str> = not_ready.iter().map(|verb| verb.name()).collect();
            let in_the_way = |check: &&Check| not_ready.iter().any(|verb| check.blocks.contains(verb));
            let lacking = titles(diagnosis.checks.iter().filter(in_the_way));
            (Code::DOCTOR_NOT_READY, format!("{} would not work: {lacking}", names.join(", ")))
        }
        (_, _, []) => return None,
        (_, _, [one]) => (Code::DOCTOR_PROBLEMS, format!("there is a problem: {}", one.title)),
        (_, _, several) => {
            let what = format!("there are {} problems: {}", several.len(), titles(several.iter().copied()));
            (Code::DOCTOR_PROBLEMS, what)
        }
    };
    let error = Error::new(Fault::Environment, code, "checking what the commands need", what);
    Some(error.hint("do what the report says below each of them"))
}

/// The names of checks, each once.
fn titles<'a>(checks: impl Iterator<Item = &'a Check>) -> String {
    let mut titles: Vec<&str> = checks.map(|check| check.title).collect();
    titles.dedup();
    titles.join(", ")
}

pub(super) fn stopped(signal: Signal) -> Error {
    let (doing, what) = ("checking what the commands need", format!("by {}", signal.name()));
    Error::new(Fault::Interrupted, Code::DOCTOR_INTERRUPTED, doing, what)
}

pub(super) fn no_cache(error: &CacheError) -> Error {
    Error::new(Fault::Environment, Code::DOCTOR_CLEAN, "looking for the cache", error.to_string())
        .hint("set HOME, or ESP_HTTPS_CACHE_DIR to the folder that the other commands use")
}

pub(super) fn not_cleaned(cache: &Cache, error: CleanError) -> Error {
    let doing = format!("cleaning {}", cache.root().display());
    let hint = match &error {
        CleanError::Busy => "wait until it has ended, and run the command again: nothing was removed",
        _ => "correct the access rights of the folder, and run the command again",
    };
    Error::new(Fault::Environment, Code::DOCTOR_CLEAN, doing, error.to_string()).hint(hint).source(error)
}
