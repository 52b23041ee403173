//! From arguments to what is to be listed or written.

use std::path::{Path, PathBuf};

use super::explain;
use crate::{
    cert::openssl::quote_path,
    cli::InitArgs,
    error::Result,
    output::Existing,
    template::{
        NAMES, RenderedFile, Template, Values,
        made::{Filled, Listed, Listing, Written},
    },
};

/// What is to be done.
pub(super) enum InitPlan {
    /// The templates are shown.
    List(Listing),
    /// The files of one are written.
    Write(FilesToWrite),
}

/// The files of a template, and what to do with those that are there.
pub(super) struct FilesToWrite {
    /// Each with its path, the folder included.
    pub(super) files: Vec<(PathBuf, String)>,
    pub(super) existing: Existing,
    /// What there is to say once they are written.
    pub(super) written: Written,
}

impl InitPlan {
    /// Finds the template and fills its files in.
    pub(super) fn new(args: &InitArgs) -> Result<Self> {
        let Some(name) = args.name.as_deref() else {
            let templates = Template::all().map_err(explain::broken)?;
            return Ok(Self::List(Listing { templates: templates.iter().map(Listed::new).collect() }));
        };
        let template = Template::named(name).map_err(explain::broken)?;
        let template = template.ok_or_else(|| explain::unknown(name, &NAMES))?;
        let values = Values::new(&template, &args.set)
            .map_err(|(text, bad)| explain::bad_parameter(&text, &template, bad))?;
        let existing = if args.force { Existing::Replace } else { Existing::Keep };
        FilesToWrite::new(&template, &values, &args.folder, existing).map(Self::Write)
    }
}

impl FilesToWrite {
    fn new(template: &Template, values: &Values, folder: &Path, existing: Existing) -> Result<Self> {
        let place = |file: RenderedFile| (in_folder(folder, &file.path), file.content);
        let rendered = template.render(values).map_err(explain::broken)?;
        let files: Vec<(PathBuf, String)> = rendered.into_iter().map(place).collect();
        let written = Written {
            template: template.name,
            folder: folder.to_owned(),
            parameters: Filled::all(template, values, &files),
            files: files.iter().map(|(path, _)| path.clone()).collect(),
            next: next(folder, &template.next(values).map_err(explain::broken)?),
        };
        Ok(Self { files, existing, written })
    }
}

fn in_folder(folder: &Path, path: &str) -> PathBuf {
    if is_here(folder) { PathBuf::from(path) } else { folder.join(path) }
}

/// The command is to be typed in the folder.
fn next(folder: &Path, command: &str) -> String {
    if is_here(folder) { command.to_owned() } else { format!("cd {} && {command}", quote_path(folder)) }
}

fn is_here(folder: &Path) -> bool {
    folder == Path::new(".") || folder.as_os_str().is_empty()
}
