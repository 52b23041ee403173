//! The lines of a board as they come, and what else is said while one of them has not ended.

use std::{
    io::{self, IsTerminal as _, Write as _},
    ops::ControlFlow,
};

use super::{Console, Form};
use crate::{
    device::serial::line::{NO_COLOUR, SerialLine},
    report::{
        Paint,
        ci_log::guarded,
        printable::without_reordering,
        stderr::{Chatter, say_part},
        style::{stderr_paint, stdout_paint},
    },
};

impl Console {
    /// Writes one line that a board printed. It is the result itself, as it comes. With `--json` or `-o` that is still to
    /// come, and the line goes to standard error, unless `--quiet`; so it does where another output has standard output.
    /// Its colours are kept for a terminal that wants them.
    ///
    /// Breaks when nobody reads any more, as after `esp-https monitor | head -1`.
    pub fn board_line(&self, line: &SerialLine) -> ControlFlow<()> {
        let shown = self.begun.take();
        let paint = self.board_paint();
        let text = painted_line(line, paint);
        let rest = text.strip_prefix(&shown).unwrap_or(&text);
        let colour_ends = if paint == Paint::Colour && text.contains(ESCAPE) { NO_COLOUR } else { "" };
        self.write_of_board(&format!("{rest}{colour_ends}\n"))
    }

    /// Writes the beginning of a line that a board has not ended; [`Self::board_line`] writes the rest once it has.
    ///
    /// Breaks when nobody reads any more.
    pub fn begun_board_line(&self, line: &SerialLine) -> ControlFlow<()> {
        let text = painted_line(line, self.board_paint());
        let shown = self.begun.replace(text.clone());
        self.write_of_board(text.strip_prefix(&shown).unwrap_or(&text))
    }

    fn write_of_board(&self, text: &str) -> ControlFlow<()> {
        if !self.board_lines_are_the_result() {
            if self.chatter == Chatter::Normal {
                say_part(text);
            }
            return ControlFlow::Continue(());
        }
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn board_lines_are_the_result(&self) -> bool {
        self.form == Form::Text && self.outputs.report_is_on_stdout()
    }

    fn board_paint(&self) -> Paint {
        if self.board_lines_are_the_result() { stdout_paint() } else { stderr_paint() }
    }

    /// Makes room for a message on standard error: on a terminal it would be written behind a board's line that has not
    /// ended. All of that line is written once it ends.
    pub(super) fn begin_message(&self) {
        if !self.board_lines_are_the_result() || io::stdout().is_terminal() {
            self.end_begun_line();
        }
    }

    /// Ends a board's line of which only the beginning is shown.
    pub(super) fn end_begun_line(&self) {
        if !self.begun.take().is_empty() {
            let colour_ends = if self.board_paint() == Paint::Colour { NO_COLOUR } else { "" };
            // Nobody is left to tell when this breaks: the next line does so again.
            let _ = self.write_of_board(&format!("{colour_ends}\n"));
        }
    }
}

/// A board's line as a terminal or a file gets it.
fn painted_line(line: &SerialLine, paint: Paint) -> String {
    let text = if paint == Paint::Colour { line.coloured() } else { line.plain() };
    guarded(without_reordering(text))
}

const ESCAPE: char = '\u{1b}';
