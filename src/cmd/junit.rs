//! `--junit`: checked before the work, written after it, however it ended.

use std::path::Path;

use quick_junit::SerializeError;
use time::OffsetDateTime;

use crate::{
    cli::OutputFile,
    duration::Span,
    error::{Code, Error, Fault, Result},
    output::{Output, Purpose},
    report::{Case, CaseOutcome, Console, Suite, junit},
};

/// The JUnit file of a command, if one was asked for.
#[derive(Debug)]
pub(super) struct JunitFile {
    output: Option<Output>,
    name: String,
    started: OffsetDateTime,
}

impl JunitFile {
    /// The file that `--junit` names.
    ///
    /// # Errors
    /// When it can't be written: better now than after a long run.
    pub(super) fn new(verb: &str, file: Option<&OutputFile>, console: &Console) -> Result<Self> {
        let output = file.map(|file| Output::new("--junit", &file.0));
        output.iter().try_for_each(|output| console.check(output, Purpose::Result))?;
        Ok(Self { output, name: format!("esp-https {verb}"), started: OffsetDateTime::now_utc() })
    }

    /// The time since the command has begun.
    pub(super) fn span(&self) -> Span {
        Span::since(self.started)
    }

    /// Writes these suites; where the work came to no result, one with its error. A command line that can't be used is no test.
    ///
    /// # Errors
    /// That of the work first, then that of the writing.
    pub(super) fn conclude(&self, ended: Result<()>, suites: &[Suite], console: &Console) -> Result<()> {
        let written = match &ended {
            Err(error) if suites.is_empty() && error.fault == Fault::Usage => Ok(()),
            Err(error) if suites.is_empty() => {
                let Span { started, took } = self.span();
                let cases = vec![Case::new("preparing", CaseOutcome::of(Some(error))).took(took)];
                self.write(&[Suite { name: self.name.clone(), started, took, cases }], console)
            }
            _ => self.write(suites, console),
        };
        ended.and(written)
    }

    fn write(&self, suites: &[Suite], console: &Console) -> Result<()> {
        let Some(output) = &self.output else { return Ok(()) };
        let xml = junit(&self.name, suites).map_err(|error| not_made(output.path(), &error))?;
        console.write_output(output, Purpose::Result, xml.as_bytes())
    }
}

fn not_made(path: &Path, error: &SerializeError) -> Error {
    let doing = format!("writing --junit {}", path.display());
    Error::new(Fault::Bug, Code::OUTPUT_JUNIT, doing, error.to_string())
        .hint("please report this, with the file of --json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_junit_file_that_can_t_be_made_is_a_bug() {
        let full = quick_junit::Report::new("esp-https probe").serialize(&mut [0; 1][..]).unwrap_err();
        let error = not_made(Path::new("probe.xml"), &full);
        assert_eq!((error.fault, error.code), (Fault::Bug, Code::OUTPUT_JUNIT));
        assert!(error.to_string().starts_with("writing --junit probe.xml: "), "{error}");
    }
}
