//! Where a command's report and its other outputs are written, and the errors for outputs that can't be written.

use std::{
    cell::{Cell, RefCell},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    Paint,
    style::{stderr_paint, stdout_paint},
};
use crate::{
    error::{Code, Error, Fault},
    os_error::in_words,
    output::{self, Claims, Conflict, Destination, Output, Place, Refusal, Use, is_stopped},
};

/// The outputs of one command.
#[derive(Debug)]
pub(super) struct Outputs {
    pub(super) claims: Claims,
    pub(super) report: ReportTo,
    pub(super) patience: Cell<Patience>,
    /// What has been opened, by its own path.
    opened: RefCell<Vec<PathBuf>>,
}

/// Where the report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReportTo {
    Stdout,
    /// Another output has standard output for itself.
    Stderr,
    Named(Output),
}

/// Whether a FIFO's reader is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    Waits,
    /// A signal has ended the command: an output without a reader is not written any more.
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

    /// From now on, outputs do not wait for a reader.
    pub(super) fn interrupted(&self) {
        self.patience.set(Patience::Ended);
    }

    /// Opens and closes the FIFOs to which nothing was written, so that their readers stop waiting.
    pub(super) fn release(&self) {
        let opened = self.opened.borrow();
        self.claims
            .outputs()
            .filter(|path| !opened.iter().any(|known| known == path))
            .for_each(output::release);
    }

    /// Remembers a FIFO that was opened.
    pub(super) fn note_opened(&self, path: &Path) {
        if let Ok(target) = Destination::of(path) {
            self.opened.borrow_mut().push(target.path);
        }
    }
}

/// Standard output, without what its buffer would keep back.
pub(super) struct Stdout;

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

pub(super) fn clash(conflict: &Conflict) -> Error {
    let Conflict { output, other, place, with } = conflict;
    let name = place.name();
    let doing = format!("preparing to write {name}");
    let (what, hint) = match (with, place) {
        (Use::Writes, Place::Stdout) => (
            format!("{output} and {other} both write to standard output"),
            if output == "--json" {
                "give the document a file of its own: -o FILE".to_owned()
            } else {
                let document = if other == "--json" { ", or the document: -o FILE" } else { "" };
                format!("give {output} a file of its own{document}")
            },
        ),
        (Use::Writes, Place::File(_)) => (
            format!("{output} and {other} name the same file"),
            "choose another name for one of them".to_owned(),
        ),
        (Use::Reads, _) if other == "--baseline" => (
            format!("{output} would overwrite --baseline, which this command reads"),
            "write to another file, and move it there if the change is intended".to_owned(),
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

pub(super) fn refused(output: &Output, refusal: Refusal) -> Error {
    let code = match &refusal {
        Refusal::Exists => Code::OUTPUT_EXISTS,
        Refusal::Pem => Code::OUTPUT_HOLDS_PEM,
        Refusal::Folder => Code::OUTPUT_IS_FOLDER,
        Refusal::Disk => Code::OUTPUT_IS_DISK,
        _ => Code::OUTPUT_UNWRITABLE,
    };
    let what = refusal.to_string();
    Error::new(Fault::Usage, code, preparing(output), what).advised().source(refusal)
}

pub(super) fn terminal(output: &Output) -> Error {
    Error::new(
        Fault::Usage,
        Code::OUTPUT_TERMINAL,
        preparing(output),
        "it is not text, and standard output is a terminal",
    )
    .advised()
}

fn preparing(output: &Output) -> String {
    format!("preparing to write {} {}", output.flag, output.path().display())
}

pub(super) fn unwritten(output: &Output, source: io::Error) -> Error {
    unwritten_to(&format!("{} {}", output.flag, output.path().display()), source)
}

pub(super) fn unwritten_to(what: &str, source: io::Error) -> Error {
    let doing = format!("writing {what}");
    if is_stopped(&source) {
        return Error::new(Fault::Interrupted, Code::OUTPUT_INTERRUPTED, doing, in_words(&source));
    }
    Error::new(Fault::Environment, Code::OUTPUT_WRITE, doing, in_words(&source)).source(source)
}
