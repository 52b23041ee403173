//! Where a command's report and its other outputs go, and what a person is told when one can't be written.

use std::{
    cell::{Cell, RefCell},
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
};

use super::{
    Paint,
    console::{Console, Form, stderr_paint, stdout_paint},
};
use crate::{
    error::{Code, Error, Fault, Result},
    os_error::in_words,
    output::{
        self, Claims, Conflict, Destination, Output, Place, Purpose, Refusal, Use, Waiting, append, begin,
        is_stopped, write_whole,
    },
};

/// The outputs of one command.
#[derive(Debug)]
pub(super) struct Outputs {
    claims: Claims,
    report: ReportTo,
    patience: Cell<Patience>,
    /// What has been opened, by its own path.
    opened: RefCell<Vec<PathBuf>>,
}

/// Where the report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ReportTo {
    Stdout,
    /// Another output has standard output for itself.
    Stderr,
    Named(Output),
}

/// Whether a FIFO's reader is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    Waits,
    /// A signal has ended the command: who does not read by now gets nothing.
    Ended,
}

impl Outputs {
    /// The report goes where `-o` says, or to standard output.
    pub(super) fn new(report: Option<Output>) -> Self {
        Self {
            claims: Claims::default(),
            report: report.map_or(ReportTo::Stdout, ReportTo::Named),
            patience: Cell::new(Patience::Waits),
            opened: RefCell::default(),
        }
    }

    /// Whether lines can be added to the report's place as they come.
    pub(super) fn report_is_on_stdout(&self) -> bool {
        match &self.report {
            ReportTo::Stdout => true,
            ReportTo::Stderr => false,
            ReportTo::Named(output) => output.place == Place::Stdout,
        }
    }

    /// How a report for a person is painted.
    pub(super) fn paint(&self) -> Paint {
        match &self.report {
            ReportTo::Stderr => stderr_paint(),
            _ if self.report_is_on_stdout() => stdout_paint(),
            _ => Paint::Plain,
        }
    }

    /// From now on nobody is waited for.
    pub(super) fn interrupted(&self) {
        self.patience.set(Patience::Ended);
    }

    /// Lets the readers go of FIFOs that nothing was written to.
    pub(super) fn release(&self) {
        let opened = self.opened.borrow();
        self.claims
            .outputs()
            .filter(|path| !opened.iter().any(|known| known == path))
            .for_each(output::release);
    }

    fn note_opened(&self, path: &Path) {
        if let Ok(target) = Destination::of(path) {
            self.opened.borrow_mut().push(target.path);
        }
    }
}

impl Console {
    /// Takes note of all files that the command line names: `reads` by the names that errors call them.
    ///
    /// # Errors
    /// `output.same_file` when the command would damage one of its own files.
    pub fn claim(&mut self, reads: &[(String, PathBuf)], writes: &[Output]) -> Result<()> {
        reads.iter().try_for_each(|(name, path)| self.reads(name, path, Use::Reads))?;
        writes.iter().try_for_each(|output| self.writes(output))?;
        let is_taken = writes.iter().any(|output| output.place == Place::Stdout);
        match (&self.outputs.report, self.form) {
            (ReportTo::Stdout, Form::Text) if is_taken => {
                self.outputs.report = ReportTo::Stderr;
                Ok(())
            }
            (ReportTo::Stdout, form) => {
                let flag = if form == Form::Json { "--json" } else { "the report" };
                self.writes(&Output { flag: flag.to_owned(), place: Place::Stdout })
            }
            _ => Ok(()),
        }
    }

    /// Takes note of a file that the command reads, or of a board's port, which the command line does not name.
    ///
    /// # Errors
    /// `output.same_file` when an output would damage it.
    pub fn reads(&mut self, name: impl Into<String>, path: &Path, with: Use) -> Result<()> {
        let claimed = self.outputs.claims.reads(name, path, with);
        claimed.map_err(|conflict| self.conflict(&conflict))
    }

    /// Takes note of a file that the command writes, which the command line does not name.
    ///
    /// # Errors
    /// `output.same_file` when it would damage what the command reads, or writes elsewhere.
    pub fn writes(&mut self, output: &Output) -> Result<()> {
        let claimed = self.outputs.claims.writes(output);
        claimed.map_err(|conflict| self.conflict(&conflict))
    }

    /// Checks that the report can be written where it should go: better now than after a long run.
    ///
    /// # Errors
    /// Those of [`Self::check`]; what is said from then on goes to standard output.
    pub fn check_output(&mut self) -> Result<()> {
        let ReportTo::Named(output) = &self.outputs.report else { return Ok(()) };
        let checked = self.check(output, Purpose::Result);
        if checked.is_err() {
            self.outputs.report = ReportTo::Stdout;
        }
        checked
    }

    /// Checks that an output can be written: better now than after a long run. A FIFO is not opened.
    ///
    /// # Errors
    /// `output.exists`, `output.holds_pem`, `output.is_folder`, `output.is_disk`, `output.terminal`, `output.unwritable`.
    pub fn check(&self, output: &Output, purpose: Purpose) -> Result<()> {
        match &output.place {
            Place::File(path) => output::check(path, purpose).map_err(|refusal| refused(output, refusal)),
            Place::Stdout if purpose.is_binary() && io::stdout().is_terminal() => Err(terminal(output)),
            Place::Stdout => Ok(()),
        }
    }

    /// Writes all of an output: a regular file whole or not at all, anything else as it is.
    ///
    /// # Errors
    /// `output.write`, and `output.interrupted` when a signal ends the wait for a FIFO's reader.
    pub fn write_output(&self, output: &Output, purpose: Purpose, bytes: &[u8]) -> Result<()> {
        match self.put(output, purpose, bytes) {
            Err(error) if self.is_unread(&error) => {
                self.warn(format!("nobody reads the FIFO of {}, which is not written", output.flag));
                Ok(())
            }
            written => written.map_err(|source| unwritten(output, source)),
        }
    }

    /// Opens an output that is written as it comes. Waits for a FIFO's reader.
    ///
    /// # Errors
    /// `output.write`, and `output.interrupted` when a signal ends the wait for a FIFO's reader.
    pub fn open_output(&self, output: &Output, purpose: Purpose) -> Result<Box<dyn Write + Send>> {
        let Place::File(path) = &output.place else { return Ok(Box::new(Stdout)) };
        self.outputs.note_opened(path);
        let open = if purpose == Purpose::Log { append } else { begin };
        let opened = self.waiting(path, |waiting| open(path, waiting));
        opened.map(|stream| Box::new(stream) as _).map_err(|source| unwritten(output, source))
    }

    /// Writes the report.
    pub(super) fn write_report(&self, bytes: &[u8]) -> Result<()> {
        let written = match &self.outputs.report {
            ReportTo::Stdout => Stdout.write_all(bytes),
            ReportTo::Stderr => io::stderr().lock().write_all(bytes),
            ReportTo::Named(output) => self.put(output, Purpose::Result, bytes),
        };
        match written {
            // `esp-https .. | head -1` has what it wanted.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) if self.is_unread(&error) => {
                self.warn("nobody reads the FIFO of the result, which is not written");
                Ok(())
            }
            written => written.map_err(|source| self.report_error(source)),
        }
    }

    /// What it means that the report can't be made or written.
    pub(super) fn report_error(&self, source: io::Error) -> Error {
        let place = match &self.outputs.report {
            ReportTo::Stdout => Place::Stdout,
            ReportTo::Stderr => return unwritten_to("the result to standard error", source),
            ReportTo::Named(output) => output.place.clone(),
        };
        unwritten_to(&format!("the result to {}", place.name()), source)
    }

    fn put(&self, output: &Output, purpose: Purpose, bytes: &[u8]) -> io::Result<()> {
        let Place::File(path) = &output.place else { return Stdout.write_all(bytes) };
        self.outputs.note_opened(path);
        self.waiting(path, |waiting| write_whole(path, bytes, purpose, waiting))
    }

    fn waiting<T>(&self, path: &Path, work: impl FnOnce(&Waiting<'_>) -> T) -> T {
        match self.outputs.patience.get() {
            Patience::Ended => work(&Waiting::No),
            Patience::Waits => {
                let tell = || self.note(format!("waiting for a reader of {} ..", path.display()));
                work(&Waiting::ForReader { tell: &tell })
            }
        }
    }

    fn is_unread(&self, error: &io::Error) -> bool {
        self.outputs.patience.get() == Patience::Ended && output::is_without_reader(error)
    }

    /// A report that would damage something is not written there, nor an error.
    fn conflict(&mut self, conflict: &Conflict) -> Error {
        let is_report =
            |name: &str| matches!(&self.outputs.report, ReportTo::Named(output) if output.flag == name);
        let damages =
            is_report(&conflict.output) || (conflict.with == Use::Writes && is_report(&conflict.other));
        if damages {
            self.outputs.report = ReportTo::Stdout;
        }
        clash(conflict)
    }
}

/// Standard output, without what its buffer would keep back.
struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn clash(conflict: &Conflict) -> Error {
    let Conflict { output, other, place, with } = conflict;
    let name = place.name();
    let doing = format!("preparing to write {name}");
    let (what, hint) = match (with, place) {
        (Use::Writes, Place::Stdout) => (
            format!("{output} and {other} both write to standard output"),
            format!(
                "give {output} a file of its own{}",
                if other == "--json" { ", or the document: -o FILE" } else { "" }
            ),
        ),
        (Use::Writes, Place::File(_)) => (
            format!("{output} and {other} name the same file"),
            "choose another name for one of them".to_owned(),
        ),
        (Use::Reads, _) if other == "--baseline" => (
            format!("{output} would overwrite --baseline, which this command reads"),
            "write to another file, and move it there once the change is meant".to_owned(),
        ),
        (Use::Reads, _) => (
            format!("{output} would overwrite {other}, which this command reads"),
            format!("choose another file for {output}"),
        ),
        (Use::ReadsFolder, _) => (
            format!("{output} would overwrite a file of {other}, which this command reads"),
            format!("choose another file for {output}"),
        ),
        (Use::TalksTo, _) => (
            format!("{output} would write to {other}, where the board is"),
            format!("choose another file for {output}"),
        ),
    };
    Error::new(Fault::Usage, Code::OUTPUT_SAME_FILE, doing, what).hint(hint)
}

fn refused(output: &Output, refusal: Refusal) -> Error {
    let (code, hint) = match &refusal {
        Refusal::Exists => (Code::OUTPUT_EXISTS, "replace it with --force, or choose another name"),
        Refusal::Pem => {
            (Code::OUTPUT_HOLDS_PEM, "choose another name; or remove the file, if it is not needed any more")
        }
        Refusal::Folder => (Code::OUTPUT_IS_FOLDER, "name a file in it"),
        Refusal::Disk => (Code::OUTPUT_IS_DISK, "name a file; `esp-https flash` writes to boards, by --port"),
        _ => (Code::OUTPUT_UNWRITABLE, "choose a file in a folder that exists and that you may write to"),
    };
    let what = refusal.to_string();
    Error::new(Fault::Usage, code, preparing(output), what).hint(hint).source(refusal)
}

fn terminal(output: &Output) -> Error {
    Error::new(
        Fault::Usage,
        Code::OUTPUT_TERMINAL,
        preparing(output),
        "it is not text, and standard output is a terminal",
    )
    .hint("name a file, or send standard output on to a file or a program")
}

fn preparing(output: &Output) -> String {
    format!("preparing to write {} {}", output.flag, output.path().display())
}

fn unwritten(output: &Output, source: io::Error) -> Error {
    unwritten_to(&format!("{} {}", output.flag, output.path().display()), source)
}

fn unwritten_to(what: &str, source: io::Error) -> Error {
    let doing = format!("writing {what}");
    if is_stopped(&source) {
        return Error::new(Fault::Interrupted, Code::OUTPUT_INTERRUPTED, doing, in_words(&source));
    }
    Error::new(Fault::Environment, Code::OUTPUT_WRITE, doing, in_words(&source)).source(source)
}
