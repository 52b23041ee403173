//! Is it as it should be? What was seen is compared with expectations, a policy file and an older result.

mod answer;
mod baseline;
mod expect;
mod policy;

use std::fmt;

use serde::Serialize;

pub use self::{
    answer::{
        AnswerExpectations, BodyExpectation, BodyExpectationError, HeaderExpectation, HeaderExpectationError,
        JsonExpectation, JsonExpectationError, StatusExpectation, StatusExpectationError,
    },
    baseline::{Baseline, BaselineError, Change, changes},
    expect::Expectations,
    policy::{Policy, PolicyError},
};
use super::{Observation, audit::Audit};
use crate::client::exchange::Exchange;

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
    pub outcome: CheckOutcome,
}

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
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
    /// The answer to a request of the user's, if there was one.
    pub exchange: Option<&'a Exchange>,
}

impl<'a> Facts<'a> {
    /// What one look saw.
    #[must_use]
    pub fn of_look(look: &'a Observation) -> Self {
        Self { look: Some(look), ..Self::default() }
    }

    /// What an audit saw.
    #[must_use]
    pub fn of_audit(audit: &'a Audit) -> Self {
        Self { look: audit.observation.as_ref(), audit: Some(audit), ..Self::default() }
    }

    /// The same, with the answer to a request.
    #[must_use]
    pub fn with_exchange(self, exchange: Option<&'a Exchange>) -> Self {
        Self { exchange, ..self }
    }
}

impl Check {
    /// A check of something that was seen, or was not (`None`).
    fn new<T: fmt::Display>(
        id: impl Into<String>,
        wanted: impl fmt::Display,
        found: Option<T>,
        holds: impl Fn(&T) -> bool,
    ) -> Self {
        let outcome = match &found {
            Some(found) if holds(found) => CheckOutcome::Passed,
            Some(_) => CheckOutcome::Failed,
            None => CheckOutcome::Unknown,
        };
        let found = found.map_or_else(|| "not seen".to_owned(), |found| found.to_string());
        Self { id: id.into(), wanted: wanted.to_string(), found, outcome }
    }
}
