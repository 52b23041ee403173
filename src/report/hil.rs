//! A run of a scenario for a person: its steps, what went wrong first, and what to do next.

mod change;
mod figures;
mod github;
mod html;
mod junit;
#[cfg(test)]
pub(crate) mod sample;
mod step_summary;
mod words;

pub use self::{
    change::{changes, sentence},
    github::annotations,
    html::html,
    junit::junit,
    step_summary::{MOST_SUMMARY_BYTES, step_summary},
};

use std::io::{self, Write};

use super::{Paint, Report, printable::printable_lines};
use crate::hil::{
    log_event::{Blame, LogEvent},
    outcome::{BoardRun, FindingKind, HilRun, LabFailure, StepOutcome},
    planned::{CheckedScenario, PlannedRun},
    state::StepState,
};

impl Report for HilRun {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        for board in &self.boards {
            self.heading(board, out, paint)?;
            for step in &board.steps {
                writeln!(out, "  {}", row(step, paint))?;
            }
            for step in board.steps.iter().filter(|step| step.state.is_failure()) {
                failure(step, out, paint)?;
            }
        }
        comparison(self, out, paint)?;
        self.summary(out, paint)
    }
}

impl HilRun {
    fn heading(&self, board: &BoardRun, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let facts = [&board.board.port, &board.board.mac, &board.board.address];
        let facts: Vec<&str> = facts.into_iter().flatten().map(String::as_str).collect();
        let facts = if facts.is_empty() { String::new() } else { format!("  {}", facts.join("  ")) };
        let firmware =
            board.board.firmware.as_ref().map_or_else(String::new, |version| format!("  firmware {version}"));
        writeln!(
            out,
            "{} on {}{facts}{firmware}",
            paint.strong(&self.scenario),
            paint.strong(&board.board.name)
        )
    }

    fn summary(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let steps = || self.boards.iter().flat_map(|board| &board.steps);
        let count = |state: StepState| steps().filter(|step| step.state == state).count();
        let counts: Vec<String> = StepState::ALL
            .into_iter()
            .filter(|state| count(*state) > 0)
            .map(|state| format!("{} {}", count(state), state.words()))
            .collect();
        let seconds = seconds(self.duration_us);
        writeln!(out, "{} of {} steps in {seconds}", counts.join(", "), steps().count())?;
        if self.state == StepState::Lab && self.lab_failure == LabFailure::Skip {
            writeln!(
                out,
                "{}",
                paint.warn("The lab is at fault, so this run says nothing about the firmware.")
            )?;
        }
        let page = printable_lines(&format!("{}/report.html", self.out));
        writeln!(
            out,
            "{}  {page} to look at; hil.json and junit.xml beside it for programs",
            paint.faint("result")
        )?;
        let next = match self.state {
            state if !state.is_failure() => return Ok(()),
            StepState::Lab => "put the lab into order, then run it again",
            StepState::Scenario => "correct the scenario: esp-https hil check",
            _ => "look at serial.log and the documents of the failed steps in that folder",
        };
        writeln!(out, "{}    {next}", paint.faint("next"))
    }
}

/// What has changed since an older run; nothing when there is none.
fn comparison(run: &HilRun, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    let Some(found) = &run.comparison else { return Ok(()) };
    let than = printable_lines(&found.file);
    writeln!(out, "{} {than}: {} figures are in both runs", paint.faint("compared with"), found.compared)?;
    for line in changes(found) {
        writeln!(out, "  {}", printable_lines(&line))?;
    }
    Ok(())
}

/// A step that has ended, in one line.
#[must_use]
pub fn step_line(step: &StepOutcome) -> String {
    row(step, super::style::stderr_paint())
}

fn row(step: &StepOutcome, paint: Paint) -> String {
    let words = format!("{:<14}", step.state.words());
    let state = match step.state {
        StepState::Passed => paint.good(words),
        StepState::Skipped | StepState::NotRun => paint.faint(words),
        StepState::Lab | StepState::CouldNotTell => paint.warn(words),
        _ => paint.bad(words),
    };
    let time = step.duration_us.map_or_else(String::new, seconds);
    let says = step.says.as_deref().map_or_else(String::new, |says| format!("  {}", beginning(says)));
    let tries = if step.attempts > 1 { format!("  {} attempts", step.attempts) } else { String::new() };
    format!("{state}{time:>8}  {:<14}{tries}{says}", step.name).trim_end().to_owned()
}

/// So much of a sentence as fits into a row. All of it is in the document.
fn beginning(says: &str) -> String {
    let line = printable_lines(says.lines().next().unwrap_or_default());
    if line.chars().count() <= WIDEST {
        return line.to_string();
    }
    line.chars().take(WIDEST - 3).chain("...".chars()).collect()
}

fn failure(step: &StepOutcome, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    writeln!(out, "{} {} ({}), {}", paint.bad("failed:"), step.name, step.kind, step.state.words())?;
    if let Some(error) = &step.error {
        writeln!(out, "  {}: {}", printable_lines(&error.doing), printable_lines(&error.what))?;
        for line in &error.evidence {
            writeln!(out, "  | {}", printable_lines(line))?;
        }
        if let Some(hint) = &error.hint {
            writeln!(out, "  try: {}", printable_lines(hint).replace('\n', "\n       "))?;
        }
    }
    for finding in step.findings.iter().filter(|finding| finding.kind != FindingKind::Finding) {
        let wanted = finding.wanted.as_ref().map_or_else(String::new, |wanted| format!(", wanted {wanted}"));
        writeln!(out, "  {}: {}{}", finding.id, printable_lines(&finding.says), printable_lines(&wanted))?;
    }
    for event in step.events.iter().filter(|event| event.blame != Blame::None) {
        writeln!(out, "  {}", event_line(event))?;
    }
    for file in &step.files {
        writeln!(out, "  {} {}", paint.faint("file"), file.path)?;
    }
    Ok(())
}

fn event_line(event: &LogEvent) -> String {
    format!("{}  {}", seconds(event.at_us), printable_lines(&event.text))
}

fn seconds(us: u64) -> String {
    let tenths = us / 100_000;
    match tenths / 10 {
        ..600 => format!("{}.{} s", tenths / 10, tenths % 10),
        seconds => format!("{} m {:02} s", seconds / 60, seconds % 60),
    }
}

impl Report for CheckedScenario {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        for fault in &self.faults {
            writeln!(out, "{}:{}", self.file, printable_lines(&fault.to_string()))?;
        }
        match &self.scenario {
            Some(name) => writeln!(
                out,
                "{} {}  {} steps: {}",
                paint.good("good"),
                self.file,
                self.steps.len(),
                format_args!("{name}: {}", self.steps.join(", "))
            ),
            None => Ok(()),
        }
    }
}

impl Report for PlannedRun {
    fn text(&self, out: &mut dyn Write, paint: Paint) -> io::Result<()> {
        let boards: Vec<&str> = self.boards.iter().map(|board| board.name.as_str()).collect();
        writeln!(
            out,
            "{} on {} ({})",
            paint.strong(&self.scenario),
            paint.strong(&self.target),
            boards.join(", ")
        )?;
        for (index, step) in self.steps.iter().enumerate() {
            let words =
                step.skipped.as_ref().map_or_else(|| step.words.join(" "), |why| format!("skipped: {why}"));
            let always = if step.always { "  always" } else { "" };
            let line = format!(
                "  {:>2}. {:<16} {:<8} {}{always}",
                index + 1,
                step.name,
                step.kind,
                printable_lines(&words)
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

const WIDEST: usize = 68;
