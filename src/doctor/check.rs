//! A check: what it is about, what it found, and the one command that mends it.

use std::{pin::Pin, sync::Arc};

use serde::Serialize;
use tokio::task::spawn_blocking;

use super::{facts::Facts, surroundings::Surroundings};

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The stable name for scripts.
    pub id: &'static str,
    /// What it is about, for a person.
    pub title: &'static str,
    /// Which one, where there may be several: the path of a port.
    pub subject: Option<String>,
    /// How it stands.
    pub state: CheckState,
    /// What was found, as a sentence without a full stop.
    pub found: String,
    /// The commands that need it.
    pub needed_by: Vec<Verb>,
    /// The commands that would not work as it stands.
    pub blocks: Vec<Verb>,
    /// What mends it; null when there is nothing to do.
    pub remedy: Option<Remedy>,
    /// The same as values, for a script; null where there are none.
    pub facts: Option<Facts>,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// It is as it should be.
    Ok,
    /// It works, and there is something to know about it.
    Warning,
    /// It is not there, and only some commands need it.
    Missing,
    /// It is there, and it is wrong.
    Problem,
    /// Nothing needs it here.
    NotNeeded,
    /// It could not be found out.
    Unknown,
}

/// A command of esp-https.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// `certgen`.
    Certgen,
    /// `flash`.
    Flash,
    /// `monitor`.
    Monitor,
    /// `emulate`.
    Emulate,
    /// `probe`.
    Probe,
    /// `load`.
    Load,
}

/// What mends something: a command to run, a sentence, or a command and what to know about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// One command for a shell.
    pub command: Option<String>,
    /// What to do by hand; with a command: what to do after it, or when it does not apply.
    pub advice: Option<String>,
}

/// What a check found, before it is put beside what the check is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    subject: Option<String>,
    state: CheckState,
    found: String,
    remedy: Option<Remedy>,
    blocks: Blocks,
    facts: Option<Facts>,
}

/// Which commands something is in the way of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Blocks {
    /// All that need it, when it is missing or wrong.
    ByState,
    /// These.
    These(Vec<Verb>),
}

/// A check that is made: what it is about, and how it is made.
pub(super) struct Registered {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) needed_by: &'static [Verb],
    pub(super) look: fn(Arc<Surroundings>) -> Looking,
}

/// A check that is being made. It finds nothing, one thing, or several of a kind.
pub(super) type Looking = Pin<Box<dyn Future<Output = Vec<Finding>> + Send>>;

/// A check that waits for the disk, or for a board. Others are made meanwhile.
pub(super) fn blocking(work: impl FnOnce() -> Vec<Finding> + Send + 'static) -> Looking {
    let lost = || vec![Finding::unknown("it could not be looked at")];
    Box::pin(async move { spawn_blocking(work).await.unwrap_or_else(|_| lost()) })
}

impl Verb {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 6] =
        [Self::Certgen, Self::Flash, Self::Monitor, Self::Emulate, Self::Probe, Self::Load];

    /// As it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Certgen => "certgen",
            Self::Flash => "flash",
            Self::Monitor => "monitor",
            Self::Emulate => "emulate",
            Self::Probe => "probe",
            Self::Load => "load",
        }
    }
}

impl Remedy {
    /// A command.
    pub(super) fn run(command: impl Into<String>) -> Self {
        Self { command: Some(command.into()), advice: None }
    }

    /// Something that only a person can do.
    pub(super) fn advice(text: impl Into<String>) -> Self {
        Self { command: None, advice: Some(text.into()) }
    }

    /// The same with what to know about it.
    #[must_use]
    pub(super) fn and(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

impl Finding {
    pub(super) fn new(state: CheckState, found: impl Into<String>) -> Self {
        let blocks = Blocks::ByState;
        Self { subject: None, state, found: found.into(), remedy: None, blocks, facts: None }
    }

    pub(super) fn ok(found: impl Into<String>) -> Self {
        Self::new(CheckState::Ok, found)
    }

    pub(super) fn warning(found: impl Into<String>) -> Self {
        Self::new(CheckState::Warning, found)
    }

    pub(super) fn missing(found: impl Into<String>) -> Self {
        Self::new(CheckState::Missing, found)
    }

    pub(super) fn problem(found: impl Into<String>) -> Self {
        Self::new(CheckState::Problem, found)
    }

    pub(super) fn not_needed(found: impl Into<String>) -> Self {
        Self::new(CheckState::NotNeeded, found)
    }

    pub(super) fn unknown(found: impl Into<String>) -> Self {
        Self::new(CheckState::Unknown, found)
    }

    pub(super) fn is(&self, state: CheckState) -> bool {
        self.state == state
    }

    #[must_use]
    pub(super) fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    #[must_use]
    pub(super) fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = Some(remedy);
        self
    }

    #[must_use]
    pub(super) fn facts(mut self, facts: Facts) -> Self {
        self.facts = Some(facts);
        self
    }

    /// In the way of these commands, whatever its state.
    #[must_use]
    pub(super) fn blocking(mut self, verbs: impl IntoIterator<Item = Verb>) -> Self {
        self.blocks = Blocks::These(verbs.into_iter().collect());
        self
    }

    /// As `CODE: found / remedy`, for snapshots.
    #[cfg(test)]
    pub(super) fn told(&self) -> String {
        let subject = self.subject.as_ref().map_or(String::new(), |subject| format!("{subject}: "));
        let mut told = format!("{:?}: {subject}{}\n", self.state, self.found);
        if let Some(Remedy { command, advice }) = &self.remedy {
            for text in command.iter().chain(advice) {
                told.push_str(&format!("  {text}\n"));
            }
        }
        told
    }
}

impl Registered {
    /// The check with what it found.
    pub(super) fn with(&self, finding: Finding) -> Check {
        let Finding { subject, state, found, remedy, blocks, facts } = finding;
        let blocks = match blocks {
            Blocks::These(verbs) => verbs,
            Blocks::ByState if matches!(state, CheckState::Missing | CheckState::Problem) => {
                self.needed_by.to_vec()
            }
            Blocks::ByState => Vec::new(),
        };
        let needed_by = self.needed_by.to_vec();
        Check { id: self.id, title: self.title, subject, state, found, needed_by, blocks, remedy, facts }
    }
}
