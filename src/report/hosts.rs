//! How what a probe found of one server, or of several, is shown.

use std::io::{self, Write};

use super::{Paint, Report, console::render_error, printable::printable, trace::conversation};
use crate::probe::{
    check::{Change, Check, CheckOutcome},
    hosts::{Examination, HostReport, Hosts, TracedConnection},
};

impl Report for HostReport {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        match &self.found {
            Some(Examination::Look(look)) => look.text(out, paint)?,
            Some(Examination::Audit(audit)) => audit.text(out, paint)?,
            None => {}
        }
        if let Some(trace) = &self.trace {
            if self.found.is_some() {
                writeln!(out)?;
            }
            conversation(trace, out, paint)?;
        }
        for (index, TracedConnection { question, trace }) in self.connections.iter().enumerate() {
            writeln!(out, "\n{}", paint.strong(format!("connection {}: {question}", index + 1)))?;
            conversation(trace, out, paint)?;
        }
        if let Some(exchange) = &self.exchange {
            exchange.text(out, paint)?;
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
    writeln!(out, "\n{}", paint.strong("changes since the baseline"))?;
    if changes.is_empty() {
        return writeln!(out, "  {}", paint.good("none"));
    }
    for change in changes {
        let side = |value: &Option<String>| value.as_deref().map_or("(absent)".to_owned(), printable);
        writeln!(out, "  {}: {} -> {}", paint.warn(&change.what), side(&change.was), side(&change.is))?;
    }
    Ok(())
}

const RULE_WIDTH: usize = 72;
