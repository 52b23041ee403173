//! Is it as it should be? Expectations, a policy file and an older result, held against what was seen.

mod baseline;
mod expect;
mod policy;

use serde::Serialize;

pub use self::{
    baseline::{Baseline, BaselineError, Change, changes},
    expect::{Expectations, Unnamed},
    policy::{Policy, PolicyError},
};
use super::{Observation, audit::Audit};

/// Something that should be so, and whether it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// A stable name for scripts, e.g. `expect.version` or `policy.items.heartbeat`.
    pub id: String,
    /// What was asked for.
    pub wanted: String,
    /// What was seen.
    pub found: String,
    /// Whether it is so.
    pub outcome: Outcome,
}

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is.
    Passed,
    /// It is not.
    Failed,
    /// It can't be told: it was not seen, or the answer is open.
    Unknown,
}

/// What was seen of one server.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The first handshake, if there was one.
    pub look: Option<&'a Observation>,
    /// The audit, if there was one.
    pub audit: Option<&'a Audit>,
}

impl<'a> Facts<'a> {
    /// What one look saw.
    #[must_use]
    pub fn of_look(look: &'a Observation) -> Self {
        Self { look: Some(look), audit: None }
    }

    /// What an audit saw.
    #[must_use]
    pub fn of_audit(audit: &'a Audit) -> Self {
        Self { look: audit.observation.as_ref(), audit: Some(audit) }
    }
}

impl Check {
    /// A check of something that was seen, or was not (`None`).
    fn new(
        id: impl Into<String>,
        wanted: impl Into<String>,
        found: Option<String>,
        holds: impl Fn(&str) -> bool,
    ) -> Self {
        let outcome = match &found {
            Some(found) if holds(found) => Outcome::Passed,
            Some(_) => Outcome::Failed,
            None => Outcome::Unknown,
        };
        let found = found.unwrap_or_else(|| "not seen".to_owned());
        Self { id: id.into(), wanted: wanted.into(), found, outcome }
    }
}
