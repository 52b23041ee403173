//! The one place that writes to the terminal: results to standard output (or a file), everything else to standard
//! error. Progress is an indicatif spinner on a terminal and one plain line a step elsewhere.

mod board;
mod files;
mod refusal;

use std::{
    cell::RefCell,
    io::{self, Write},
    process::ExitCode,
};

use serde::Serialize;

use super::{
    Document, Paint, ProgressLines, Report, Step,
    ci_log::{guarded, guarded_json},
    outputs::Outputs,
    printable::{printable_line, printable_lines, printable_report},
    stderr::{Chatter, command, say},
    style::stderr_paint,
};
use crate::{
    error::{Error, Fault, Result},
    output::Output,
};

/// Where results, progress and errors go.
#[derive(Debug)]
pub struct Console {
    verb: &'static str,
    form: Form,
    chatter: Chatter,
    outputs: Outputs,
    document: Written,
    /// What is shown of a board's line that has not ended.
    begun: RefCell<String>,
    /// The exit code of a command of the user's.
    passed_on: Option<u8>,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a person.
    Text,
    /// One JSON document.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    NotYet,
    Done,
}

impl Console {
    /// A console for one run of `verb`; the result goes to `report`, or to standard output.
    #[must_use]
    pub fn new(verb: &'static str, form: Form, chatter: Chatter, report: Option<Output>) -> Self {
        Self {
            verb,
            form,
            chatter,
            outputs: Outputs::new(report),
            document: Written::NotYet,
            begun: RefCell::default(),
            passed_on: None,
        }
    }

    /// Starts a step that may take a while, and prints its name. Finish it with [`Step::done`].
    #[must_use]
    pub fn step(&self, what: impl Into<String>) -> Step {
        Step::start(&what.into(), self.chatter)
    }

    /// Shows on a terminal that a step is under way; elsewhere nothing, until somebody says how it ended.
    #[must_use]
    pub fn live(&self, what: impl Into<String>) -> Step {
        Step::live(&what.into(), self.chatter)
    }

    /// Shows several pieces of work at once, by these names.
    #[must_use]
    pub fn progress_lines(&self, names: &[String]) -> ProgressLines {
        ProgressLines::new(names, self.chatter)
    }

    /// Says one line on standard error, unless `--quiet`.
    pub fn note(&self, line: impl AsRef<str>) {
        if self.chatter == Chatter::Normal {
            self.begin_message();
            say(&printable_lines(line.as_ref()));
        }
    }

    /// Says one line on standard error that must not be missed, `--quiet` or not.
    pub fn warn(&self, line: impl AsRef<str>) {
        self.begin_message();
        say(&format!("{} {}", stderr_paint().warn("warning:"), printable_lines(line.as_ref())));
    }

    /// Says a line to a program that reads standard error, such as an annotation to GitHub Actions, `--quiet` or not.
    pub fn command(&self, line: &str) {
        self.begin_message();
        command(line);
    }

    /// Writes the result, and with it an error when a check on it failed (then return the same error's fault).
    /// Call it once.
    ///
    /// # Errors
    /// `output.write` when it can't be written.
    pub fn result(&mut self, result: &impl Report, error: Option<&Error>) -> Result<()> {
        self.end_begun_line();
        let bytes = match self.form {
            Form::Json => {
                let document = Document::new(self.verb, Some(result), error);
                to_json(&document.passing_on(self.passed_on))
            }
            Form::Text => self.to_text(result),
        };
        self.document = Written::Done;
        self.note_interruption(error);
        self.write_report(&bytes.map_err(|source| self.report_error(source))?)
    }

    /// Passes on the exit code of a command of the user's, where nothing of ours goes wrong.
    pub fn pass_on(&mut self, exit_code: u8) {
        self.passed_on = Some(exit_code);
    }

    /// Ends the run: renders the error, if any, and gives the exit code.
    #[must_use]
    pub fn finish(&mut self, outcome: Result<()>) -> ExitCode {
        self.end_begun_line();
        let code = match outcome {
            Ok(()) => ExitCode::from(self.passed_on.unwrap_or(0)),
            Err(error) => self.fail(&error),
        };
        self.outputs.release();
        code
    }

    fn fail(&mut self, error: &Error) -> ExitCode {
        let mut fault = error.fault;
        self.note_interruption(Some(error));
        if self.form == Form::Json && self.document == Written::NotYet {
            let document = Document::<()>::new(self.verb, None, Some(error));
            // The exit code still tells if this can't be written.
            if let Ok(bytes) = to_json(&document)
                && let Err(unwritten) = self.write_report(&bytes)
                && unwritten.fault == Fault::Interrupted
            {
                say(&render_error(&unwritten, stderr_paint()));
                fault = Fault::Interrupted;
            }
        }
        say(&render_error(error, stderr_paint()));
        ExitCode::from(fault.exit_code())
    }

    /// After a signal, the command does not wait for a reader any more.
    fn note_interruption(&self, error: Option<&Error>) {
        if error.is_some_and(|error| error.fault == Fault::Interrupted) {
            self.outputs.interrupted();
        }
    }

    fn to_text(&self, result: &impl Report) -> io::Result<Vec<u8>> {
        let (mut text, paint) = (Vec::new(), self.outputs.paint());
        result.text(&mut text, paint)?;
        Ok(guarded(printable_report(&String::from_utf8_lossy(&text), paint)).into_bytes())
    }
}

/// An error as text: what was being done and what happened, then what to try.
#[must_use]
pub(super) fn render_error(error: &Error, paint: Paint) -> String {
    // Ctrl-C is what the person wanted, not an error.
    let heading =
        if error.fault == Fault::Interrupted { paint.strong("stopped:") } else { paint.bad("error:") };
    let mut text = format!("{heading} {}\n  {}", printable_lines(&error.doing), printable_lines(&error.what));
    for line in error.evidence.iter().flat_map(|evidence| &evidence.lines) {
        text.push_str(&format!("\n    {}", paint.faint(format_args!("| {}", printable_line(line)))));
    }
    if let Some(hint) = &error.hint {
        for (index, line) in hint.lines().enumerate() {
            let label = if index == 0 { "try:" } else { "    " };
            text.push_str(&format!("\n  {} {}", paint.strong(label), printable_lines(line)));
        }
    }
    text
}

fn to_json<T: Serialize>(document: &Document<'_, T>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_json(&mut bytes, document)?;
    Ok(bytes)
}

fn write_json<T: Serialize>(out: &mut impl Write, document: &Document<'_, T>) -> io::Result<()> {
    out.write_all(guarded_json(serde_json::to_string_pretty(document)?).as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn an_error_says_what_was_done_what_happened_and_what_to_try() {
        let error =
            Error::new(Fault::Usage, Code::CERT_UNREADABLE, "writing /x/cacert.pem", "permission denied")
                .hint("choose another folder with --out-dir\nor ask its owner");
        assert_eq!(
            render_error(&error, Paint::Plain),
            "error: writing /x/cacert.pem\n  permission denied\n  try: choose another folder with --out-dir\n       or ask its owner"
        );
    }

    #[test]
    fn an_error_that_quotes_a_device_does_not_steer_the_terminal() {
        let error =
            Error::new(Fault::Finding, Code::PROBE_NOT_TRUSTED, "checking", "its issuer: CN=\u{1b}[2J");
        assert_eq!(render_error(&error, Paint::Plain), "error: checking\n  its issuer: CN=\\u{1b}[2J");
    }

    #[test]
    fn neither_a_hint_nor_evidence_steers_the_terminal() {
        let error = Error::new(Fault::Usage, Code::CERT_UNREADABLE, "reading x", "no")
            .hint("--cert \u{1b}[2Jx\nor \u{202e}y\r")
            .evidence(["\u{1b}]0;title\u{7}", "a\ttab \u{2066}"]);
        assert_eq!(
            render_error(&error, Paint::Plain),
            "error: reading x\n  no\n    | \\u{1b}]0;title\\u{7}\n    | a\ttab \\u{2066}\n  try: --cert \\u{1b}[2Jx\n       or \
             \\u{202e}y\\u{d}"
        );
    }

    #[test]
    fn an_interruption_is_not_an_error_and_evidence_is_set_apart() {
        let error = Error::new(
            Fault::Interrupted,
            Code::EMULATE_INTERRUPTED,
            "serving https://127.0.0.1:1/",
            "by Ctrl-C",
        )
        .evidence(["last", "words"]);
        assert_eq!(
            render_error(&error, Paint::Plain),
            "stopped: serving https://127.0.0.1:1/\n  by Ctrl-C\n    | last\n    | words"
        );
    }
}
