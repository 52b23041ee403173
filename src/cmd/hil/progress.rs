//! One line a step while a scenario runs, and a live line on a terminal.

use std::cell::RefCell;

use crate::{
    hil::{outcome::BoardRun, scenario::Step},
    report::{Console, Step as Live, step_line},
};

/// Shows how far a run has come.
pub(super) struct Progress<'c> {
    console: &'c Console,
    board: Option<String>,
    steps: usize,
    live: RefCell<Option<Live>>,
}

impl<'c> Progress<'c> {
    pub(super) fn new(console: &'c Console, board: Option<&str>, steps: usize) -> Self {
        Self { console, board: board.map(str::to_owned), steps, live: RefCell::default() }
    }

    pub(super) fn begins(&self, step: &Step, index: usize) {
        let what = format!("{}{} ({})", self.at(index), step.name, step.kind.word());
        self.live.replace(Some(self.console.live(what)));
    }

    pub(super) fn ended(&self, run: &BoardRun, index: usize) {
        // Its line is cleared before another one is written.
        drop(self.live.take());
        if let Some(step) = run.steps.get(index) {
            self.console.note(format!("{}{}", self.at(index), step_line(step)));
        }
    }

    /// A line that is not erased later.
    pub(super) fn note(&self, line: &str) {
        match &*self.live.borrow() {
            Some(live) => live.interrupt(|| self.console.note(line)),
            None => self.console.note(line),
        }
    }

    fn at(&self, index: usize) -> String {
        let board = self.board.as_ref().map_or_else(String::new, |board| format!("{board}  "));
        format!("{board}[{}/{}] ", index + 1, self.steps)
    }
}
