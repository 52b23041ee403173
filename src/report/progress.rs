//! The progress lines of one or several pieces of work at once: indicatif bars on a terminal, plain lines elsewhere.

use std::{io::IsTerminal as _, time::Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{
    Paint,
    printable::printable_lines,
    stderr::{Chatter, say},
    step::SPINNER_TICK,
    style::stderr_paint,
};

/// The progress lines, one for each piece of work. A line is identified by its index, from 0 in the order of the names.
#[derive(Debug)]
pub struct ProgressLines {
    multi: Option<MultiProgress>,
    chatter: Chatter,
    lines: Vec<ProgressLine>,
}

#[derive(Debug)]
struct ProgressLine {
    /// Written before each of its messages; empty when there is only one line.
    name: String,
    bar: Option<ProgressBar>,
    measure: Measure,
    stage: String,
    since: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Spinner,
    Bytes,
    Things,
}

impl ProgressLines {
    pub(super) fn new(names: &[String], chatter: Chatter) -> Self {
        let show = chatter == Chatter::Normal && std::io::stderr().is_terminal();
        let multi = show.then(MultiProgress::new);
        let names: Vec<String> = names.iter().map(|name| printable_lines(name)).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let name = |name: &String| if names.len() == 1 { String::new() } else { format!("{name:<width$}  ") };
        let line = |text: &String| ProgressLine {
            name: name(text),
            bar: None,
            measure: Measure::Spinner,
            stage: String::new(),
            since: Instant::now(),
        };
        Self { multi, chatter, lines: names.iter().map(line).collect() }
    }

    /// A stage begins that can't be measured: `connecting`.
    pub fn stage(&mut self, index: usize, stage: impl Into<String>) {
        self.begin(index, &stage.into(), Measure::Spinner, 0);
    }

    /// Begins a stage that processes this number of bytes.
    pub fn bytes(&mut self, index: usize, stage: impl Into<String>, total: usize) {
        self.begin(index, &stage.into(), Measure::Bytes, total);
    }

    /// Begins a stage that goes through so many things.
    pub fn things(&mut self, index: usize, stage: impl Into<String>, total: usize) {
        self.begin(index, &stage.into(), Measure::Things, total);
    }

    /// So many bytes, or things, of the stage are done.
    pub fn done(&self, index: usize, count: usize) {
        if let Some(bar) = self.lines.get(index).and_then(|line| line.bar.as_ref()) {
            bar.set_position(count as u64);
        }
    }

    /// Changes what a stage says on a terminal.
    pub fn detail(&self, index: usize, detail: &str) {
        if let Some(line) = self.lines.get(index)
            && let Some(bar) = &line.bar
        {
            bar.set_message(format!("{} ({})", line.stage, printable_lines(detail)));
        }
    }

    /// Prints a message that is not erased later.
    pub fn message(&self, index: usize, message: &str) {
        let name = self.lines.get(index).map_or("", |line| line.name.as_str());
        self.say(&format!("{name}{}", printable_lines(message)));
    }

    /// Prints a message about all of them that is not erased later.
    pub fn note(&self, message: &str) {
        self.say(&printable_lines(message));
    }

    /// The stage succeeded; on a terminal its line is kept, with the time that it took.
    pub fn finished(&mut self, index: usize) {
        let Some(line) = self.lines.get_mut(index) else { return };
        if let Some(bar) = line.bar.take() {
            bar.finish_and_clear();
            let seconds = line.since.elapsed().as_secs_f64();
            let line =
                format!("{}{} {}", line.name, line.stage, stderr_paint().faint(format!("({seconds:.1} s)")));
            self.say(&line);
        }
    }

    /// Removes the progress bar of a line, if it has one.
    pub fn clear(&mut self, index: usize) {
        if let Some(bar) = self.lines.get_mut(index).and_then(|line| line.bar.take()) {
            bar.finish_and_clear();
        }
    }

    fn begin(&mut self, index: usize, stage: &str, measure: Measure, total: usize) {
        self.clear(index);
        let Some(line) = self.lines.get_mut(index) else { return };
        (line.since, line.measure) = (Instant::now(), measure);
        stage.clone_into(&mut line.stage);
        match &self.multi {
            Some(multi) => line.bar = Some(bar(multi, line, total)),
            None if self.chatter == Chatter::Normal => say(&format!("{}{stage} ..", line.name)),
            None => {}
        }
    }

    fn say(&self, line: &str) {
        match &self.multi {
            // A terminal that is gone takes no line, and needs none.
            Some(multi) => multi.suspend(|| say(line)),
            None if self.chatter == Chatter::Normal => say(line),
            None => {}
        }
    }
}

/// Bars that are left when the work ends early leave nothing half-drawn.
impl Drop for ProgressLines {
    fn drop(&mut self) {
        for index in 0..self.lines.len() {
            self.clear(index);
        }
    }
}

fn bar(multi: &MultiProgress, line: &ProgressLine, total: usize) -> ProgressBar {
    let bar = match line.measure {
        Measure::Spinner => ProgressBar::new_spinner(),
        Measure::Bytes | Measure::Things => ProgressBar::new(total as u64),
    };
    let bar = multi.add(bar.with_prefix(line.name.clone()).with_message(line.stage.clone()));
    let template = match (line.measure, stderr_paint()) {
        (Measure::Spinner, _) => "{spinner} {prefix}{elapsed} {wide_msg}",
        (Measure::Bytes, Paint::Colour) => {
            "{spinner} {prefix}{msg} {wide_bar:.green} {binary_bytes}/{binary_total_bytes}  {eta} left"
        }
        (Measure::Bytes, Paint::Plain) => {
            "{spinner} {prefix}{msg} {wide_bar} {binary_bytes}/{binary_total_bytes}  {eta} left"
        }
        (Measure::Things, Paint::Colour) => {
            "{spinner} {prefix}{msg} {wide_bar:.green} {human_pos}/{human_len}  {eta} left"
        }
        (Measure::Things, Paint::Plain) => {
            "{spinner} {prefix}{msg} {wide_bar} {human_pos}/{human_len}  {eta} left"
        }
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar.enable_steady_tick(SPINNER_TICK);
    bar
}
