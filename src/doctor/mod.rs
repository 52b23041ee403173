//! What the commands need of this machine: looked at without changing it, judged as data. Each check is a file in `checks/`, in
//! which the part that asks the system is apart from the part that judges, and a name in the list `CHECKS`.

pub mod check;
mod checks;
mod child;
pub mod facts;
mod processes;
pub mod surroundings;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;
use tokio::task::JoinSet;

use self::check::{Check, CheckState, Finding, Registered, Verb};
use self::surroundings::Surroundings;
use crate::device::cache_files::Cleaned;

/// What was found on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The checks, in the order in which they matter to a person.
    pub checks: Vec<Check>,
    /// For each command that was asked for, whether it would work.
    pub verbs: Vec<Readiness>,
    /// What `--clean` removed from the cache; null without it.
    pub cleaned: Option<CleanedCache>,
}

/// A cache that was cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CleanedCache {
    /// The folder.
    #[serde(serialize_with = "crate::text::path")]
    pub folder: PathBuf,
    /// What was removed, and what was not.
    #[serde(flatten)]
    pub files: Cleaned,
}

/// Whether a command would work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The command.
    pub verb: Verb,
    /// Whether it would.
    pub state: ReadinessState,
    /// The checks that are in its way, by their ids.
    pub blocked_by: Vec<&'static str>,
}

/// Whether a command would work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessState {
    /// This machine has all that it needs.
    Ready,
    /// Something is missing or wrong.
    NotReady,
}

impl Diagnosis {
    /// Makes all checks that `verbs` need; they run at once. Must be called in a tokio runtime.
    pub async fn make(verbs: &[Verb], surroundings: Surroundings) -> Self {
        let surroundings = Arc::new(surroundings);
        let needed = |check: &&Registered| check.needed_by.iter().any(|verb| verbs.contains(verb));
        let mut running = JoinSet::new();
        for (index, check) in CHECKS.iter().filter(needed).enumerate() {
            let look = (check.look)(Arc::clone(&surroundings));
            running.spawn(async move { (index, check, look.await) });
        }
        let mut done: Vec<(usize, &Registered, Vec<Finding>)> = Vec::new();
        while let Some(ended) = running.join_next().await {
            done.extend(ended);
        }
        done.sort_by_key(|(index, _, _)| *index);
        let found = done
            .into_iter()
            .flat_map(|(_, check, findings)| findings.into_iter().map(|finding| check.with(finding)));
        Self::of(verbs, found.collect())
    }

    /// No check: the cache was cleaned instead.
    #[must_use]
    pub fn cleaned(folder: &Path, files: Cleaned) -> Self {
        let cleaned = Some(CleanedCache { folder: folder.to_owned(), files });
        Self { checks: Vec::new(), verbs: Vec::new(), cleaned }
    }

    fn of(verbs: &[Verb], checks: Vec<Check>) -> Self {
        let verbs = verbs.iter().map(|verb| Readiness::of(*verb, &checks)).collect();
        Self { checks, verbs, cleaned: None }
    }

    /// The checks that found something wrong, which is in the way of a command sooner or later.
    pub fn problems(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.state == CheckState::Problem)
    }

    /// The checks that are in the way of a command.
    pub fn in_the_way_of(&self, verb: Verb) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| check.blocks.contains(&verb))
    }
}

impl Readiness {
    fn of(verb: Verb, checks: &[Check]) -> Self {
        let mut blocked_by: Vec<&'static str> =
            checks.iter().filter(|check| check.blocks.contains(&verb)).map(|check| check.id).collect();
        blocked_by.dedup();
        let state = if blocked_by.is_empty() { ReadinessState::Ready } else { ReadinessState::NotReady };
        Self { verb, state, blocked_by }
    }
}

/// The ids of all checks.
pub fn ids() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|check| check.id)
}

/// All checks, in the order in which they are shown.
const CHECKS: [Registered; 14] = [
    checks::ports::CHECK,
    checks::modem_manager::CHECK,
    checks::qemu::CHECK,
    checks::firmware::CHECK,
    checks::toolchain::CHECK,
    checks::cache::CHECK,
    checks::old_images::CHECK,
    checks::temporary::CHECK,
    checks::pair::CHECK,
    checks::wifi_password::CHECK,
    checks::file_descriptors::CHECK,
    checks::local_ports::CHECK,
    checks::clock::CHECK,
    checks::proxy::CHECK,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn check(id: &'static str, state: CheckState, needed_by: &'static [Verb]) -> Check {
        let registered = Registered { id, title: "A title", needed_by, look: |_| Box::pin(async { vec![] }) };
        registered.with(Finding::new(state, "found"))
    }

    #[test]
    fn what_is_missing_or_wrong_is_in_the_way_and_nothing_else_is() {
        let verbs = [Verb::Flash, Verb::Emulate, Verb::Load];
        let checks = vec![
            check("one", CheckState::Missing, &[Verb::Emulate]),
            check("two", CheckState::Problem, &[Verb::Flash, Verb::Emulate]),
            check("two", CheckState::Problem, &[Verb::Flash]),
            check("three", CheckState::Warning, &[Verb::Load]),
            check("four", CheckState::Unknown, &[Verb::Load]),
            check("five", CheckState::NotNeeded, &[Verb::Load]),
        ];
        let diagnosis = Diagnosis::of(&verbs, checks);
        let told: Vec<_> = diagnosis.verbs.iter().map(|verb| (verb.state, verb.blocked_by.clone())).collect();
        let expected = [
            (ReadinessState::NotReady, vec!["two"]),
            (ReadinessState::NotReady, vec!["one", "two"]),
            (ReadinessState::Ready, vec![]),
        ];
        assert_eq!(told, expected);
        assert_eq!(diagnosis.problems().count(), 2);
        assert_eq!(diagnosis.in_the_way_of(Verb::Emulate).count(), 2);
    }

    #[test]
    fn every_check_has_an_id_of_its_own_a_title_and_a_command_that_needs_it() {
        let ids: BTreeSet<&str> = ids().collect();
        assert_eq!(ids.len(), CHECKS.len());
        for check in &CHECKS {
            assert!(check.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", check.id);
            assert!(!check.title.is_empty() && !check.needed_by.is_empty(), "{}", check.id);
        }
    }

    #[test]
    fn every_command_that_needs_something_of_the_machine_is_checked_for() {
        // hil needs what the commands of its steps need; the last three write files or texts, and no more.
        let others = ["discover", "doctor", "hil", "init", "completions", "man"];
        let command = Cli::command();
        let verbs = command.get_subcommands().map(clap::Command::get_name);
        let verbs: Vec<&str> = verbs.filter(|verb| !others.contains(verb)).collect();
        assert_eq!(Verb::ALL.map(Verb::name).to_vec(), verbs);
    }
}
