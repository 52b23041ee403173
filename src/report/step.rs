//! How a piece of work that takes a while is shown: by a spinner on a terminal, by one plain line elsewhere.

use std::{
    cell::Cell,
    io::{self, IsTerminal as _},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    stderr::{Chatter, say},
    style::stderr_paint,
};

/// A step under way.
#[derive(Debug)]
pub struct Step {
    what: String,
    bar: Option<ProgressBar>,
    chatter: Chatter,
    since: Instant,
    line_at: Cell<Instant>,
}

impl Step {
    pub(super) fn start(what: String, chatter: Chatter) -> Self {
        let step = Self::live(what, chatter);
        if step.bar.is_none() && chatter == Chatter::Normal {
            say(&format!("{} ..", step.what));
        }
        step
    }

    /// A step that is seen on a terminal only.
    pub(super) fn live(what: String, chatter: Chatter) -> Self {
        let bar = (chatter == Chatter::Normal && io::stderr().is_terminal()).then(|| spinner(&what));
        let since = Instant::now();
        Self { what, bar, chatter, since, line_at: Cell::new(since) }
    }

    /// Shows how far a long step has come: always on a terminal, and as a line every 5 s elsewhere.
    pub fn progress(&self, progress: impl AsRef<str>) {
        self.detail(&progress);
        let due = self.line_at.get() + PROGRESS_PERIOD;
        if self.bar.is_none() && self.chatter == Chatter::Normal && Instant::now() >= due {
            self.line_at.set(due);
            say(progress.as_ref());
        }
    }

    /// Lets something else be printed while the step goes on.
    pub fn interrupt(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Shows a detail of the step, on a terminal only.
    pub fn detail(&self, detail: impl AsRef<str>) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} ({})", self.what, detail.as_ref()));
        }
    }

    /// The step succeeded: on a terminal its line is kept, with the time that it took.
    pub fn done(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.chatter == Chatter::Normal && self.bar.is_some() {
            let seconds = self.since.elapsed().as_secs_f64();
            say(&format!("{} {}", self.what, stderr_paint().faint(format!("({seconds:.1} s)"))));
        }
    }
}

impl Drop for Step {
    /// Removes the spinner of a step that ends with an error.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn spinner(what: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(SPINNER_TICK);
    bar
}

pub(super) const SPINNER_TICK: Duration = Duration::from_millis(120);
/// How often a line of progress is written where there is no terminal.
const PROGRESS_PERIOD: Duration = Duration::from_secs(5);
