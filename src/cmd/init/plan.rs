//! From arguments to what is to be listed or written.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use super::explain;
use crate::{
    cert::openssl::quote_path,
    cli::InitArgs,
    device::bundle::Bundle,
    error::Result,
    output::Existing,
    template::{
        NAMES, RenderedFile, SourceFile, Template, Values,
        made::{Filled, FilledFolder, Listed, Listing, Written},
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
    pub(super) files: Vec<(PathBuf, Cow<'static, [u8]>)>,
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
        let own: Vec<(PathBuf, String)> = rendered.into_iter().map(place).collect();
        let sources = template.sources(Bundle::FIRMWARE).map_err(explain::no_sources)?;
        let written = Written {
            template: template.name,
            folder: folder.to_owned(),
            files: template.paths().map(|path| in_folder(folder, path)).collect(),
            folders: template.folders().map(|path| filled(folder, path, &sources)).collect(),
            parameters: Filled::all(template, values, &own),
            next: next(folder, &template.next(values).map_err(explain::broken)?),
        };
        let own = own.into_iter().map(|(path, content)| (path, Cow::Owned(content.into_bytes())));
        let sources =
            sources.into_iter().map(|file| (in_folder(folder, &file.path), Cow::Borrowed(file.content)));
        Ok(Self { files: own.chain(sources).collect(), existing, written })
    }
}

fn filled(folder: &Path, path: &str, sources: &[SourceFile]) -> FilledFolder {
    let files = sources.iter().filter(|file| file.folder.as_deref() == Some(path)).count();
    FilledFolder { path: in_folder(folder, path), files }
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
