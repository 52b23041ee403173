//! The files that a command reads and writes: which they are, whether they can be written, and how each is written.

use std::{
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
};

use super::{Console, Form};
use crate::{
    error::{Error, Result},
    output::{self, Conflict, Output, Place, Purpose, Use, Waiting, append, begin, write_whole},
    report::outputs::{Patience, ReportTo, Stdout, clash, refused, terminal, unwritten, unwritten_to},
};

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
                self.warn(format!(
                    "nothing was written to the FIFO of {}, because no program reads it",
                    output.flag
                ));
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
                self.warn("nothing was written to the FIFO of the result, because no program reads it");
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        error::{Code, Fault},
        output::Refusal,
        report::Chatter,
    };

    fn console() -> Console {
        Console::new("load", Form::Json, Chatter::Quiet, None)
    }

    #[test]
    fn a_disk_and_a_file_with_a_key_in_it_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prvtkey.pem");
        fs::write(&file, "-----BEGIN PRIVATE KEY-----\n").unwrap();
        let pem = console().check(&Output::new("--html", &file), Purpose::Result).unwrap_err();
        assert_eq!((pem.fault, pem.code), (Fault::Usage, Code::OUTPUT_HOLDS_PEM));
        assert_eq!(pem.what, "a certificate or a private key is in it (PEM)");
        // A test may not make a disk of its own.
        let disk = refused(&Output::new("--html", Path::new("/dev/loop99")), Refusal::Disk);
        insta::assert_snapshot!(disk.told(), @r"
        2 output.is_disk: preparing to write --html /dev/loop99: it is a disk (a block device), and what is on it would be lost
          try: name a file; to write to a board: esp-https flash --port
        ");
    }

    #[test]
    fn an_output_that_is_full_is_explained() {
        let full = Output::new("--html", Path::new("/dev/full"));
        let error = console().write_output(&full, Purpose::Result, b"<html>").unwrap_err();
        insta::assert_snapshot!(error.told(), @r"
        4 output.write: writing --html /dev/full: there is no space left
        ");
    }
}
