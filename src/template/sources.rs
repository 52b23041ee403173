//! What a template takes from the sources of the firmware, which are inside the program.

use super::{BrokenTemplate, Template};
use crate::device::bundle::Bundle;

/// A file of the firmware's sources that a template writes, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it goes, relative to the folder that is written to, with `/`.
    pub path: String,
    /// The folder of the template that it is in; `None` for one that the template names by itself.
    pub folder: Option<String>,
    /// What is in it.
    pub content: &'static [u8],
}

/// Why there are no such files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoSources {
    /// The program was built without the sources.
    #[error("this binary was built without the firmware's sources")]
    NotInside,
    /// The template names what is not in them.
    #[error(transparent)]
    Broken(#[from] BrokenTemplate),
}

impl Template {
    /// The folders that hold sources of the firmware, relative to the folder that is written to, without a `/` at their ends.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.description.sources.keys().filter_map(|path| path.strip_suffix('/'))
    }

    /// What it takes from these sources.
    ///
    /// # Errors
    /// It takes something, and there is nothing.
    pub fn sources(&self, bundle: Bundle) -> Result<Vec<SourceFile>, NoSources> {
        if self.description.sources.is_empty() {
            return Ok(Vec::new());
        }
        if bundle.is_empty() {
            return Err(NoSources::NotInside);
        }
        let mut files = Vec::new();
        for (path, from) in &self.description.sources {
            let before = files.len();
            files.extend(taken(path, from, bundle));
            if files.len() == before {
                return Err(self.broken(format!("the firmware has no {from}")).into());
            }
        }
        Ok(files)
    }
}

/// The files of the bundle that are `from`, or in it, where it is a folder.
fn taken(path: &str, from: &str, bundle: Bundle) -> impl Iterator<Item = SourceFile> {
    bundle.files().filter_map(move |(name, content)| {
        if let Some(folder) = path.strip_suffix('/') {
            let path = format!("{path}{}", name.strip_prefix(from)?);
            return Some(SourceFile { path, folder: Some(folder.to_owned()), content });
        }
        (name == from).then(|| SourceFile { path: path.to_owned(), folder: None, content })
    })
}

pub(super) fn is_folder(path: &str) -> bool {
    path.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(sources: &str) -> Template {
        let text = format!("title = \"a\"\nnext = \"b\"\n[files]\n[sources]\n{sources}\n").leak();
        Template::read("firmware", &[("firmware/template.toml", text)]).unwrap()
    }

    fn paths(sources: &str) -> Result<Vec<String>, String> {
        let files = template(sources).sources(Bundle::SMALL).map_err(|error| error.to_string())?;
        Ok(files.into_iter().map(|file| format!("{} in {:?}", file.path, file.folder)).collect())
    }

    #[test]
    fn a_file_is_taken_and_a_folder_with_all_that_is_in_it() {
        let both = "\"manifest\" = \"Cargo.toml\"\n\"x/\" = \"\"";
        let expected = ["manifest in None", "x/Cargo.toml in Some(\"x\")", "x/a/b.rs in Some(\"x\")"];
        assert_eq!(paths(both).unwrap(), expected);
        assert_eq!(paths("\"y/\" = \"a/\"").unwrap(), ["y/b.rs in Some(\"y\")"]);
        let both = template(both);
        assert_eq!(both.paths().collect::<Vec<_>>(), ["manifest"]);
        assert_eq!(both.folders().collect::<Vec<_>>(), ["x"]);
        assert_eq!(both.sources(Bundle::SMALL).unwrap()[0].content, b"[workspace]");
    }

    #[test]
    fn what_is_not_there_is_told() {
        assert_eq!(
            paths("\"x\" = \"none\"").unwrap_err(),
            "the template firmware is damaged: the firmware has no none"
        );
        let nothing = template("\"x/\" = \"\"").sources(Bundle::EMPTY).unwrap_err();
        assert!(matches!(nothing, NoSources::NotInside));
        assert_eq!(template("").sources(Bundle::EMPTY).unwrap(), []);
    }
}
