//! The folder of a run: it is made, or taken over from an earlier run, whose files go.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use serde::Deserialize;

use super::{explain, reports::REPORTS};
use crate::{
    error::{Error, Result},
    hil::outcome::HilRun,
    os_error::in_words,
    output::{Purpose, Waiting, write_whole},
    report::to_document,
};

/// The folder of a run.
pub(super) struct OutFolder {
    /// As named.
    pub(super) named: PathBuf,
    /// The same; absolute.
    pub(super) path: PathBuf,
}

impl OutFolder {
    /// Makes it, or removes the files of an earlier run from it. A folder in which something else is stays as it is.
    pub(super) fn prepare(named: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| explain::out(named, in_words(&error));
        fs::create_dir_all(named).map_err(failed)?;
        let path = named.canonicalize().map_err(failed)?;
        let folder = Self { named: named.to_owned(), path };
        let is_empty = fs::read_dir(&folder.path).map_err(failed)?.next().is_none();
        if !is_empty {
            let run = folder.earlier().ok_or_else(|| {
                explain::out(named, "there are files in it, and no hil.json of an earlier run")
            })?;
            folder.remove(&run);
        }
        Ok(folder)
    }

    /// Writes the document of the run, whole.
    pub(super) fn save(&self, run: &HilRun, error: Option<&Error>) -> Result<()> {
        let path = self.document();
        let bytes = to_document("hil", run, error).map_err(|error| explain::unwritten(&path, &error))?;
        write_whole(&path, &bytes, Purpose::Result, &Waiting::No)
            .map_err(|error| explain::unwritten(&path, &error))
    }

    pub(super) fn document(&self) -> PathBuf {
        self.path.join("hil.json")
    }

    /// The result of the run that wrote this folder.
    fn earlier(&self) -> Option<HilRun> {
        #[derive(Deserialize)]
        struct Earlier {
            result: HilRun,
        }
        let bytes = fs::read(self.document()).ok()?;
        serde_json::from_slice::<Earlier>(&bytes).ok().map(|earlier| earlier.result)
    }

    /// Removes what the earlier run says that it wrote, as far as that is in this folder. What can't be removed is replaced.
    fn remove(&self, run: &HilRun) {
        let of_boards = run.boards.iter().flat_map(|board| {
            let files = board.steps.iter().flat_map(|step| step.files.iter().map(|file| file.path.as_str()));
            files.chain(board.serial_log.as_deref())
        });
        for file in of_boards.chain(REPORTS) {
            let path = Path::new(file);
            if path.components().all(|part| matches!(part, Component::Normal(_))) {
                let _ = fs::remove_file(self.path.join(path));
            }
        }
    }
}
