//! What a probe found of one server, or of several, as data: the result of the command.

use serde::Serialize;

use super::{
    Observation,
    audit::Audit,
    check::{Change, Check, Facts},
};
use crate::{client::exchange::Exchange, duration::Span, error::Error, tls::trace::Trace};

/// What was asked of one server.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Examination {
    /// One look.
    Look(Box<Observation>),
    /// An audit.
    Audit(Box<Audit>),
}

/// All that is reported of one server.
#[derive(Debug, Default, Serialize)]
pub struct HostReport {
    /// What was found; left out when no handshake came about.
    #[serde(flatten)]
    pub found: Option<Examination>,
    /// The request of the user's and its answer, when one was asked for and answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
    /// Why that request was not answered, for formats that have a place for it of its own.
    #[serde(skip)]
    pub unanswered: Option<String>,
    /// The conversation, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// The conversations of all connections of an audit, when they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<TracedConnection>,
    /// What should be so, when anything was said to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// What has changed, when an older result was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<Change>>,
}

/// One connection of an audit.
#[derive(Debug, Serialize)]
pub struct TracedConnection {
    /// The id of the question that it was made for, `health.before` or `health.check`.
    pub question: &'static str,
    /// What was said on it.
    pub trace: Trace,
}

/// One of several servers.
#[derive(Debug, Serialize)]
pub struct HostResult {
    /// Who was asked, as `HOST:PORT`.
    pub target: String,
    /// The exit code if it had been the only one.
    pub exit_code: u8,
    /// What is reported of it; null when nothing is.
    pub result: Option<HostReport>,
    /// What went wrong; null when nothing did.
    pub error: Option<Error>,
    /// When it was asked, and how long that took.
    #[serde(skip)]
    pub span: Span,
}

/// Several servers, in the order in which they were named.
#[derive(Debug, Serialize)]
pub struct Hosts {
    /// One after the other.
    pub hosts: Vec<HostResult>,
}

impl Examination {
    /// The facts for checks.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        match self {
            Self::Look(look) => Facts::of_look(look),
            Self::Audit(audit) => Facts::of_audit(audit),
        }
    }
}

impl HostReport {
    /// Whether there is anything to report.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_none() && self.trace.is_none()
    }
}
