//! What is made of the result: junit.xml and report.html in the folder of the run, and what GitHub Actions shows.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{explain, out::OutFolder};
use crate::{
    error::{Code, Error, Fault, Result},
    hil::outcome::HilRun,
    os_error::in_words,
    output::{Purpose, Waiting, append, write_whole},
    report::{
        Console,
        hil::{MOST_SUMMARY_BYTES, annotations, html, junit, step_summary},
    },
};

/// Writes the reports, each whole.
pub(super) fn save(out: &OutFolder, run: &HilRun) -> Result<()> {
    let doing = "writing the result as JUnit XML";
    let xml = junit(run).map_err(|error| Error::new(Fault::Bug, Code::HIL_BUG, doing, error.to_string()))?;
    for (name, text) in [(JUNIT, xml), (PAGE, html(run))] {
        let path = out.path.join(name);
        write_whole(&path, text.as_bytes(), Purpose::Result, &Waiting::No)
            .map_err(|error| explain::unwritten(&path, &error))?;
    }
    Ok(())
}

/// Where GitHub Actions wants to be told what happened.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct GitHub {
    annotates: bool,
    summary: Option<PathBuf>,
    /// The root of the repository.
    workspace: Option<PathBuf>,
}

impl GitHub {
    /// As the variables say that it sets.
    pub(super) fn from_environment() -> Self {
        let annotates = env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let summary = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| annotates && !path.is_empty());
        let workspace = env::var_os("GITHUB_WORKSPACE").filter(|path| !path.is_empty());
        Self { annotates, summary: summary.map(PathBuf::from), workspace: workspace.map(PathBuf::from) }
    }

    /// Tells it. That it could not be told is no reason for the run to fail.
    pub(super) fn tell(&self, run: &HilRun, console: &Console) {
        if self.annotates {
            let file = self.in_repository(Path::new(&run.file));
            annotations(run, file.as_deref()).iter().for_each(|line| console.command(line));
        }
        if let Some(path) = &self.summary
            && let Err(error) = summarise(run, path)
        {
            let (path, why) = (path.display(), in_words(&error));
            console.warn(format!("the summary of the job can't be written to {path}: {why}"));
        }
    }
}

impl GitHub {
    /// The path of a file from the root of the repository, as annotations name it; `None` for a file that is elsewhere.
    fn in_repository(&self, file: &Path) -> Option<String> {
        let inside = match &self.workspace {
            Some(root) => {
                let (root, file) = (root.canonicalize().ok()?, file.canonicalize().ok()?);
                file.strip_prefix(root).ok()?.to_owned()
            }
            None => Some(file).filter(|file| file.is_relative())?.to_owned(),
        };
        Some(inside.display().to_string())
    }
}

/// Appends the table: other commands of the same step have theirs in the same file.
fn summarise(run: &HilRun, path: &Path) -> io::Result<()> {
    let there = match fs::metadata(path) {
        Ok(meta) => usize::try_from(meta.len()).unwrap_or(usize::MAX),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    let table = step_summary(run, MOST_SUMMARY_BYTES.saturating_sub(there));
    append(path, &Waiting::No)?.write_all(table.as_bytes())
}

/// The reports in the folder of a run.
pub(super) const REPORTS: [&str; 2] = [JUNIT, PAGE];
const JUNIT: &str = "junit.xml";
const PAGE: &str = "report.html";
