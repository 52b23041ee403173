//! Finds a scenario and reads it.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::{explain, grammar::ClapGrammar};
use crate::{
    error::Result,
    hil::{self, fault::ScenarioFault, scenario::Scenario},
    text,
};

/// A scenario's file.
pub(super) struct ScenarioFile {
    /// Its path, as named or found.
    pub(super) path: PathBuf,
    /// Its folder; absolute.
    pub(super) folder: PathBuf,
    text: String,
}

impl ScenarioFile {
    /// The file that is named, or the nearest `hil.toml` from here upwards.
    pub(super) fn find(named: Option<&Path>) -> Result<Self> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => nearest().ok_or_else(explain::no_scenario)?,
        };
        let text = text::read_to_string(&path).map_err(|error| explain::unreadable(&path, &error))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = parent.canonicalize().map_err(|error| explain::unreadable(&path, &error))?;
        Ok(Self { path, folder, text })
    }

    /// Reads it.
    pub(super) fn read(&self) -> std::result::Result<(Scenario, ClapGrammar), Vec<ScenarioFault>> {
        let grammar = ClapGrammar::new(&self.folder);
        let name = self
            .path
            .file_stem()
            .map_or_else(|| "hil".to_owned(), |name| name.to_string_lossy().into_owned());
        let scenario = hil::read(&self.text, &grammar, &self.folder, &name)?;
        Ok((scenario, grammar))
    }
}

/// As Cargo looks for its own file.
fn nearest() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let found = here.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file())?;
    // The file in this very folder is called as a person would call it.
    Some(if found == here.join(NAME) { PathBuf::from(NAME) } else { found })
}

const NAME: &str = "hil.toml";
