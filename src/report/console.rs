//! The one place that writes to the terminal: results to standard output (or a file), everything else to standard
//! error. Progress is an indicatif spinner on a terminal and one plain line a step elsewhere.

mod files;

use std::{
    cell::RefCell,
    io::{self, IsTerminal as _, Write},
    ops::ControlFlow,
    process::ExitCode,
};

use serde::Serialize;

use super::{
    Document, Paint, ProgressLines, Report, Step,
    outputs::Outputs,
    printable::{printable_line, printable_lines, printable_report, without_reordering},
    stderr::{Chatter, say, say_part},
    style::{stderr_paint, stdout_paint},
};
use crate::{
    device::serial::line::{NO_COLOUR, SerialLine},
    error::{Code, Error, Fault, Result},
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

    /// Answers a command line that clap refused (or `--help`): clap's own text, and the JSON document if the words
    /// on the command line ask for one. Returns clap's exit code, 2 or 0.
    #[must_use]
    pub fn refuse(error: &clap::Error) -> ExitCode {
        if error.use_stderr() {
            write_refusal(&usage_error(error));
        }
        let _ = error.print();
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    }

    /// Answers a command line, or a variable that belongs to it, in which a private key is, without repeating any of
    /// it; `place` says where. Returns the exit code of a usage error.
    #[must_use]
    pub fn refuse_key(place: &str) -> ExitCode {
        let what =
            format!("{place} is a private key, where another value is expected; it is not repeated here");
        let refused = Error::new(Fault::Usage, Code::USAGE_PRIVATE_KEY, "reading the command line", what).hint(
            "write the key to a file and name the file, for instance: umask 077; printf '%s\\n' \"$KEY\" >prvtkey.pem",
        );
        write_refusal(&refused);
        say(&render_error(&refused, stderr_paint()));
        ExitCode::from(refused.fault.exit_code())
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
    fn begin_message(&self) {
        if !self.board_lines_are_the_result() || io::stdout().is_terminal() {
            self.end_begun_line();
        }
    }

    /// Ends a board's line of which only the beginning is shown.
    fn end_begun_line(&self) {
        if !self.begun.take().is_empty() {
            let colour_ends = if self.board_paint() == Paint::Colour { NO_COLOUR } else { "" };
            // Nobody is left to tell when this breaks: the next line does so again.
            let _ = self.write_of_board(&format!("{colour_ends}\n"));
        }
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
        say(line);
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
        Ok(printable_report(&String::from_utf8_lossy(&text), paint).into_bytes())
    }
}

/// What clap says on standard error, as an error of ours: the sentence that names the option and the value, and its tips.
fn usage_error(error: &clap::Error) -> Error {
    let said = error.render().to_string();
    let mut paragraphs = said.split("\n\n");
    let one_line = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let what = match paragraphs.next().unwrap_or_default().strip_prefix("error: ") {
        Some(first) => one_line(first),
        // Without any argument clap shows the help.
        None => "no command is given".to_owned(),
    };
    let tips = paragraphs.filter_map(|paragraph| paragraph.trim().strip_prefix("tip: ").map(one_line));
    let see = "see the usage on standard error, or `esp-https --help`".to_owned();
    let hint = tips.chain([see]).collect::<Vec<_>>().join("\n");
    Error::new(Fault::Usage, Code::USAGE_COMMAND_LINE, "reading the command line", what).hint(hint)
}

/// Writes the JSON document of a command line that could not be read, if the words on it ask for one.
fn write_refusal(refused: &Error) {
    if std::env::args_os().any(|word| word == "--json") {
        let document = Document::<()>::new("usage", None, Some(refused));
        // Nothing is left to report to if this fails too.
        let _ = write_json(&mut io::stdout().lock(), &document);
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
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A board's line as a terminal or a file gets it.
fn painted_line(line: &SerialLine, paint: Paint) -> String {
    let text = if paint == Paint::Colour { line.coloured() } else { line.plain() };
    without_reordering(text)
}

const ESCAPE: char = '\u{1b}';

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_usage_error_names_the_option_and_the_value_and_gives_the_tip() {
        use clap::CommandFactory as _;

        let told = |words: &str| {
            let error = crate::cli::Cli::command().try_get_matches_from(words.split(' ')).unwrap_err();
            let error = usage_error(&error);
            format!("{} / {}", error.what, error.hint.unwrap_or_default().replace('\n', " / "))
        };
        let see = "see the usage on standard error, or `esp-https --help`";
        for (words, expected) in [
            ("x flsh", "unrecognized subcommand 'flsh' / a similar subcommand exists: 'flash' / "),
            ("x probe", "the following required arguments were not provided: <HOST[:PORT]>... / "),
            (
                "x monitor --for y",
                "invalid value 'y' for '--for <TIME>': expected a number of seconds, or a time such as 500ms, 30s, 1m30s or 1h / ",
            ),
            (
                "x monitor --prot=z",
                "unexpected argument '--prot' found / a similar argument exists: '--port' / ",
            ),
            (
                "x flash --config-only --erase",
                "the argument '--config-only' cannot be used with '--erase' / ",
            ),
        ] {
            assert_eq!(told(words), format!("{expected}{see}"), "{words}");
        }
        assert_eq!(told("x"), format!("no command is given / {see}"));
    }
}
