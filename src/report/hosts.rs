//! What a probe found of one server, or of several.

use std::io::{self, Write};

use serde::Serialize;

use super::{Paint, Report, console::render_error, printable::printable, trace::conversation};
use crate::{
    error::Error,
    probe::{
        Observation,
        audit::Audit,
        check::{Change, Check, CheckOutcome, Facts},
    },
    tls::trace::Trace,
};

/// What was asked of one server.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Found {
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
    pub found: Option<Found>,
    /// The conversation, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// What should be so, when anything was said to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// What has changed, when an older result was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<Change>>,
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
}

/// Several servers, in the order in which they were named.
#[derive(Debug, Serialize)]
pub struct Hosts {
    /// One after the other.
    pub hosts: Vec<HostResult>,
}

impl Found {
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

impl Report for HostReport {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        match &self.found {
            Some(Found::Look(look)) => look.text(out, paint)?,
            Some(Found::Audit(audit)) => audit.text(out, paint)?,
            None => {}
        }
        if let Some(trace) = &self.trace {
            if self.found.is_some() {
                writeln!(out)?;
            }
            conversation(trace, out, paint)?;
        }
        checks(&self.checks, out, paint)?;
        self.changes.as_ref().map_or(Ok(()), |them| changes(them, out, paint))
    }
}

impl Report for Hosts {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        for (index, host) in self.hosts.iter().enumerate() {
            if index > 0 {
                writeln!(out, "\n{}\n", paint.faint("-".repeat(RULE_WIDTH)))?;
            }
            match &host.result {
                Some(result) => result.text(out, paint)?,
                None => writeln!(out, "{}", paint.strong(&host.target))?,
            }
            if let Some(error) = &host.error {
                writeln!(out, "\n{}", render_error(error, paint))?;
            }
        }
        Ok(())
    }
}

fn checks(checks: &[Check], out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.strong("checks"))?;
    for check in checks {
        let outcome = match check.outcome {
            CheckOutcome::Passed => paint.good("passed "),
            CheckOutcome::Failed => paint.bad("failed "),
            CheckOutcome::Unknown => paint.warn("unknown"),
        };
        writeln!(
            out,
            "  {outcome}  {}: wanted {}, found {}",
            check.id,
            check.wanted,
            printable(&check.found)
        )?;
    }
    Ok(())
}

fn changes(changes: &[Change], out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    writeln!(out, "\n{}", paint.strong("changes since the older result"))?;
    if changes.is_empty() {
        return writeln!(out, "  {}", paint.good("none"));
    }
    for change in changes {
        let side = |value: &Option<String>| value.as_deref().map_or("(not there)".to_owned(), printable);
        writeln!(out, "  {}: {} -> {}", paint.warn(&change.what), side(&change.was), side(&change.is))?;
    }
    Ok(())
}

const RULE_WIDTH: usize = 72;
