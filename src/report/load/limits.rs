//! The limits of a device, as text.

use std::io::{self, Write};

use super::{
    rate, remark,
    table::{duration, frames_line, heap_line},
};
use crate::{
    authority::host_and_port,
    load::{
        limit::{
            Attempt, Certainty, EndedBy, FirstFailure, Limits, SaturationPoint, SearchResult, SearchStep,
            Spread, Victim,
        },
        plan::Mode,
    },
    report::{Paint, Report, printable::printable},
};

/// What a search is trying, in one line.
#[must_use]
pub fn attempt(attempt: &Attempt) -> String {
    match attempt {
        Attempt::Sessions(sessions) => {
            format!("holding {sessions} session{}", if *sessions == 1 { "" } else { "s" })
        }
        Attempt::Step { mode, connections, per_s } => {
            let pace = per_s
                .map_or("as fast as answers come".to_owned(), |per_s| format!("{} a second", rate(per_s)));
            format!("{} on {}, {pace}", mode.units(), super::connections(*connections))
        }
        Attempt::Recovery => "waiting for the device to recover".to_owned(),
    }
}

impl Report for SearchResult {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let target = &self.target;
        writeln!(
            out,
            "{}",
            paint.strong(format!("{}{}", host_and_port(&target.host, target.port), printable(&target.path)))
        )?;
        answers(&self.limits, out, paint)?;
        if let Some(device) = &self.device {
            writeln!(out, "  {:<20} {}", "device's heap", heap_line(device))?;
            if let Some(frames) = frames_line(device) {
                writeln!(out, "  {:<20} {frames}", "device's frames")?;
            }
        }
        steps(&self.limits.steps, out, paint)?;
        for finding in &self.findings {
            remark(out, &paint.bad("finding:"), finding)?;
        }
        for warning in &self.warnings {
            remark(out, &paint.warn("warning:"), warning)?;
        }
        Ok(())
    }
}

fn answers(limits: &Limits, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let mut line =
        |label: &str, value: String| writeln!(out, "  {} {value}", paint.faint(format!("{label:<20}")));
    line("sessions at once", sessions(limits))?;
    for (label, found) in
        [("handshakes a second", &limits.handshakes), ("requests a second", &limits.requests)]
    {
        match found {
            None => line(label, "not measured".to_owned())?,
            Some(found) => {
                line(label, saturation_point(found))?;
                line("", certainty(found))?;
                line("", steady(found))?;
            }
        }
    }
    line("first failure", limits.first_failure.as_ref().map_or("none".to_owned(), first_failure))?;
    let recovery = match &limits.recovery {
        None => "not measured".to_owned(),
        Some(recovery) => match recovery.after_us {
            Some(after) => paint.good(format!("yes, answered {} after the last step", duration(after))),
            None => paint.bad("no"),
        },
    };
    line("recovered", recovery)
}

pub(super) fn sessions(limits: &Limits) -> String {
    let Some(found) = &limits.sessions else { return "not found out".to_owned() };
    match &found.beyond {
        None if limits.own_limit.is_some_and(|own| own.connections > found.most) => {
            format!("{} at least; more are beyond this machine's limit", found.most)
        }
        None => format!("{} (no more were tried)", found.most),
        Some(beyond) if found.most == 0 => format!("none: {}", beyond.class),
        Some(beyond) => {
            let who = match beyond.victim {
                Victim::Newcomer => "the new one is refused",
                Victim::Older => "an older one is closed",
            };
            format!("{}; with one more, {who}: {}", found.most, beyond.class)
        }
    }
}

pub(super) fn saturation_point(found: &SaturationPoint) -> String {
    let (p50, p99) = (duration(found.p50_us), duration(found.p99_us));
    let connections = super::connections(found.connections);
    format!("{} on {connections} (p50 {p50}, p99 {p99})", rate(found.per_s))
}

/// How far a saturation point can be relied on.
pub(super) fn certainty(found: &SaturationPoint) -> String {
    let doubt = match found.certainty {
        Certainty::Stable => "",
        Certainty::Unstable => ", which differ",
        Certainty::Starved => "; could not tell, since this machine was too busy",
    };
    spread(&found.spread) + doubt
}

fn spread(spread: &Spread) -> String {
    match spread.passes {
        1 => "in one pass".to_owned(),
        passes => format!("{} to {} in {passes} passes", rate(spread.least), rate(spread.most)),
    }
}

pub(super) fn steady(found: &SaturationPoint) -> String {
    let steady = match found.steady_per_s {
        None => "no steady rate was kept up".to_owned(),
        Some(per_s) => {
            let spread = found.steady_spread.as_ref().map_or(String::new(), |it| format!(", {}", spread(it)));
            format!("{} steadily{spread}", rate(per_s))
        }
    };
    let ended = match found.ended_by {
        EndedBy::Errors => "at the next rate there were errors",
        EndedBy::Gate => "at the next rate a --fail-if was true",
        EndedBy::RateNotReached => "the next rate was not reached",
        EndedBy::NoMoreSteps => "no higher rate was tried",
        EndedBy::OwnLimit => "more is beyond this machine's limit",
        EndedBy::TimeUp => "the time was up",
    };
    format!("{steady}; {ended}")
}

pub(super) fn first_failure(found: &FirstFailure) -> String {
    let at = found.rate.map_or(String::new(), |per_s| format!(" at {} a second", rate(per_s)));
    format!("{} with {}{at}", found.class, super::connections(found.connections))
}

fn steps(steps: &[SearchStep], out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.strong("steps"))?;
    writeln!(
        out,
        "  {:<12}{:>12}{:>12}{:>12}{:>10}{:>12}{:>12}",
        "", "connections", "target /s", "reached /s", "failed", "p50", "p99"
    )?;
    for step in steps {
        let mode = match step.mode {
            Mode::Handshake => "handshakes",
            Mode::Request | Mode::Close => "requests",
        };
        let asked = step.rate.map_or("-".to_owned(), rate);
        let (came, p50, p99) = (rate(step.per_s), duration(step.p50_us), duration(step.p99_us));
        let SearchStep { connections, failed, .. } = step;
        writeln!(out, "  {mode:<12}{connections:>12}{asked:>12}{came:>12}{failed:>10}{p50:>12}{p99:>12}")?;
    }
    Ok(())
}
