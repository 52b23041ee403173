//! The one place that writes to the terminal: results to standard output (or a file), everything else to standard
//! error. Progress is an indicatif spinner on a terminal and one plain line a step elsewhere.

use std::{
    cell::Cell,
    fs::{self, Permissions},
    io::{self, IsTerminal as _, Write},
    ops::ControlFlow,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{Document, Paint, Report, Tracks, printable::printable_lines};
use crate::error::{Error, Fault, Result};

/// Where results, progress and errors go.
#[derive(Debug)]
pub struct Console {
    verb: &'static str,
    form: Form,
    chatter: Chatter,
    file: Option<PathBuf>,
    document: Written,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a person.
    Text,
    /// One JSON document.
    Json,
}

/// How much is said besides the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chatter {
    /// Progress and notes.
    Normal,
    /// Warnings and errors only.
    Quiet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    NotYet,
    Done,
}

impl Console {
    /// A console for one run of `verb`; the result goes to `file`, or to standard output.
    #[must_use]
    pub fn new(verb: &'static str, form: Form, chatter: Chatter, file: Option<PathBuf>) -> Self {
        Self { verb, form, chatter, file, document: Written::NotYet }
    }

    /// Checks that the result can be written where it should go: better now than after a long run.
    ///
    /// # Errors
    /// `output.unwritable`; what is said from then on goes to standard output.
    pub fn check_output(&mut self) -> Result<()> {
        let checked = self.file.as_deref().map_or(Ok(()), check_writable);
        if checked.is_err() {
            self.file = None;
        }
        checked
    }

    /// Answers a command line that clap refused (or `--help`): clap's own text, and the JSON document if the words
    /// on the command line ask for one. Returns clap's exit code, 2 or 0.
    #[must_use]
    pub fn refuse(error: &clap::Error) -> ExitCode {
        if error.use_stderr() {
            let what = error.kind().to_string();
            let refused = Error::new(Fault::Usage, "usage", "reading the command line", what)
                .hint("see the usage on standard error, or `esp-https --help`");
            write_refusal(&refused);
        }
        let _ = error.print();
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    }

    /// Answers a command line, or a variable that belongs to it, in which a private key is, without repeating any of
    /// it; `place` says where. Returns the exit code of a usage error.
    #[must_use]
    pub fn refuse_key(place: &str) -> ExitCode {
        let what =
            format!("{place} is a private key, where something else is wanted; it is not repeated here");
        let refused = Error::new(Fault::Usage, "usage.private_key", "reading the command line", what).hint(
            "write the key to a file and name that, for instance: umask 077; printf '%s\\n' \"$KEY\" >prvtkey.pem",
        );
        write_refusal(&refused);
        say(&render_error(&refused, stderr_paint()));
        ExitCode::from(refused.fault.exit_code())
    }

    /// Starts a step that may take a while; says what it is. Finish it with [`Step::done`].
    #[must_use]
    pub fn step(&self, what: impl Into<String>) -> Step {
        Step::start(what.into(), self.chatter)
    }

    /// Shows several pieces of work at once, by these names.
    #[must_use]
    pub fn tracks(&self, names: &[String]) -> Tracks {
        Tracks::new(names, self.chatter)
    }

    /// Writes one line that a board said: it is the result itself, as it comes. With `--json` or `-o` that is still to
    /// come, and the line goes to standard error.
    ///
    /// Breaks when nobody reads any more, as after `esp-https monitor | head -1`.
    pub fn heard(&self, line: &str) -> ControlFlow<()> {
        let line = printable_lines(line);
        if self.form == Form::Json || self.file.is_some() {
            say(&line);
            return ControlFlow::Continue(());
        }
        let mut out = io::stdout().lock();
        match writeln!(out, "{line}").and_then(|()| out.flush()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    /// Whether the result goes to this file.
    #[must_use]
    pub fn writes_to(&self, path: &Path) -> bool {
        let whole = |path: &Path| std::path::absolute(path).ok();
        self.file.as_deref().is_some_and(|file| whole(file) == whole(path))
    }

    /// Says one line on standard error, unless `--quiet`.
    pub fn note(&self, line: impl AsRef<str>) {
        if self.chatter == Chatter::Normal {
            say(line.as_ref());
        }
    }

    /// Says one line on standard error that must not be missed, `--quiet` or not.
    pub fn warn(&self, line: impl AsRef<str>) {
        say(&format!("{} {}", stderr_paint().warn("warning:"), line.as_ref()));
    }

    /// Writes the result, and with it an error when a check on it failed (then return the same error's fault).
    /// Call it once.
    ///
    /// # Errors
    /// `output.write` when it can't be written.
    pub fn result(&mut self, result: &impl Report, error: Option<&Error>) -> Result<()> {
        let bytes = match self.form {
            Form::Json => to_json(&Document::new(self.verb, Some(result), error)),
            Form::Text => self.to_text(result),
        };
        self.document = Written::Done;
        self.write(&bytes.map_err(|source| self.write_error(source))?)
    }

    /// Checks that a further file of the result can be written: better now than after a long run.
    ///
    /// # Errors
    /// `output.unwritable`.
    pub fn check_file(&self, path: &Path) -> Result<()> {
        check_writable(path)
    }

    /// Writes a further file of the result, which replaces what is there.
    ///
    /// # Errors
    /// `output.write`.
    pub fn write_file(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        replace(path, bytes).map_err(|source| unwritten(&path.display().to_string(), source))
    }

    /// Ends the run: renders the error, if any, and gives the exit code.
    #[must_use]
    pub fn finish(&mut self, outcome: Result<()>) -> ExitCode {
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => self.fail(&error),
        }
    }

    fn fail(&mut self, error: &Error) -> ExitCode {
        if self.form == Form::Json && self.document == Written::NotYet {
            let document = Document::<()>::new(self.verb, None, Some(error));
            if let Ok(bytes) = to_json(&document) {
                // The exit code still tells if this can't be written.
                let _ = self.write(&bytes);
            }
        }
        say(&render_error(error, stderr_paint()));
        ExitCode::from(error.fault.exit_code())
    }

    fn to_text(&self, result: &impl Report) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        let paint = if self.file.is_some() { Paint::Plain } else { stdout_paint() };
        result.text(&mut text, paint)?;
        Ok(text)
    }

    fn write(&self, bytes: &[u8]) -> Result<()> {
        let written = match &self.file {
            Some(path) => replace(path, bytes),
            None => {
                let mut out = io::stdout().lock();
                out.write_all(bytes).and_then(|()| out.flush())
            }
        };
        match written {
            // `esp-https .. | head -1` has what it wanted.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(|source| self.write_error(source)),
        }
    }

    fn write_error(&self, source: io::Error) -> Error {
        let to = self.file.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
        unwritten(&to, source)
    }
}

/// Writes the JSON document of a command line that could not be read, if the words on it ask for one.
fn write_refusal(refused: &Error) {
    if std::env::args_os().any(|word| word == "--json") {
        let document = Document::<()>::new("usage", None, Some(refused));
        // Nothing is left to report to if this fails too.
        let _ = write_json(&mut io::stdout().lock(), &document);
    }
}

fn unwritten(to: &str, source: io::Error) -> Error {
    let doing = format!("writing the result to {to}");
    Error::new(Fault::Environment, "output.write", doing, source.to_string()).source(source)
}

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
    fn start(what: String, chatter: Chatter) -> Self {
        let bar = (chatter == Chatter::Normal && io::stderr().is_terminal()).then(|| spinner(&what));
        if bar.is_none() && chatter == Chatter::Normal {
            say(&format!("{what} .."));
        }
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

    /// Shows a detail of the step, on a terminal only.
    pub fn detail(&self, detail: impl AsRef<str>) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} ({})", self.what, detail.as_ref()));
        }
    }

    /// The step is over and went well: on a terminal the line stays, with how long it took.
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
    /// A step that ends with an error leaves no half-drawn spinner behind.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
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
        text.push_str(&format!("\n    {}", paint.faint(format_args!("| {line}"))));
    }
    if let Some(hint) = &error.hint {
        for (index, line) in hint.lines().enumerate() {
            let label = if index == 0 { "try:" } else { "    " };
            text.push_str(&format!("\n  {} {line}", paint.strong(label)));
        }
    }
    text
}

fn spinner(what: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(SPINNER_TICK);
    bar
}

/// Checks that a file can be written, and leaves nothing behind: better now than after a long run.
///
/// # Errors
/// `output.unwritable`.
pub fn check_writable(path: &Path) -> Result<()> {
    // A link that leads nowhere is there too.
    let existed = path.symlink_metadata().is_ok();
    match fs::OpenOptions::new().create(true).append(true).open(path) {
        Ok(_) if existed => Ok(()),
        Ok(_) => {
            // Only the question was asked; the file comes with the result. If this fails, the result overwrites it.
            let _ = fs::remove_file(path);
            Ok(())
        }
        Err(source) => Err(Error::new(
            Fault::Usage,
            "output.unwritable",
            format!("opening {} for the result", path.display()),
            source.to_string(),
        )
        .hint("choose a file in a folder that exists and that you may write to")
        .source(source)),
    }
}

/// Writes a file that holds secrets, whole or not at all: only its owner may read it.
///
/// # Errors
/// Those of the file system.
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(path, bytes, 0o600)
}

/// Writes a further file of results, whole or not at all.
///
/// # Errors
/// Those of the file system.
pub fn replace_shared(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes)
}

/// Writes a regular file whole or not at all; what is not one (`/dev/stdout`, a pipe, a link) as it is.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(path, bytes, 0o666)
}

fn replace_with(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return fs::write(path, bytes);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
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

fn stdout_paint() -> Paint {
    paint_for(anstream::AutoStream::choice(&io::stdout()))
}

pub(super) fn stderr_paint() -> Paint {
    paint_for(anstream::AutoStream::choice(&io::stderr()))
}

fn paint_for(choice: anstream::ColorChoice) -> Paint {
    if choice == anstream::ColorChoice::Never { Paint::Plain } else { Paint::Colour }
}

pub(super) fn say(line: &str) {
    // A closed standard error is no reason to stop working.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

pub(super) const SPINNER_TICK: Duration = Duration::from_millis(120);
/// How often a line of progress is written where there is no terminal.
const PROGRESS_PERIOD: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_replaces_a_file_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("result.json");
        fs::write(&file, "an older and longer result").unwrap();
        let old = fs::File::open(&file).unwrap();
        replace(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(
            io::read_to_string(old).unwrap(),
            "an older and longer result",
            "moved there, not written over"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_to_the_result_stays_a_link_even_if_it_led_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let [link, target] = ["link", "target"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        check_writable(&link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new");
    }

    #[test]
    fn an_error_says_what_was_done_what_happened_and_what_to_try() {
        let error = Error::new(Fault::Usage, "a.b", "writing /x/cacert.pem", "permission denied")
            .hint("choose another folder with --out-dir\nor ask its owner");
        assert_eq!(
            render_error(&error, Paint::Plain),
            "error: writing /x/cacert.pem\n  permission denied\n  try: choose another folder with --out-dir\n       or ask its owner"
        );
    }

    #[test]
    fn an_error_that_quotes_a_device_does_not_steer_the_terminal() {
        let error = Error::new(Fault::Finding, "a.b", "checking", "its issuer: CN=\u{1b}[2J");
        assert_eq!(render_error(&error, Paint::Plain), "error: checking\n  its issuer: CN=\\u{1b}[2J");
    }

    #[test]
    fn an_interruption_is_not_an_error_and_evidence_is_set_apart() {
        let error = Error::new(Fault::Interrupted, "a.b", "serving https://127.0.0.1:1/", "by Ctrl-C")
            .evidence(["last", "words"]);
        assert_eq!(
            render_error(&error, Paint::Plain),
            "stopped: serving https://127.0.0.1:1/\n  by Ctrl-C\n    | last\n    | words"
        );
    }
}
