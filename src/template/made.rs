//! What `init` found or wrote, as data.

use std::path::PathBuf;

use serde::Serialize;

use super::{Parameter, Template, Values};

/// The templates that there are.
#[derive(Debug, Serialize)]
pub struct Listing {
    /// The templates.
    pub templates: Vec<Listed>,
}

/// A template of the list.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one line.
    pub title: String,
    /// The files that it writes, relative to the folder that is written to.
    pub files: Vec<String>,
    /// What can be filled in.
    pub parameters: Vec<Parameter>,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct Written {
    /// The template's name.
    pub template: &'static str,
    /// The folder that was written to.
    #[serde(serialize_with = "crate::text::path")]
    pub folder: PathBuf,
    /// The files, with the folder.
    #[serde(serialize_with = "crate::text::paths")]
    pub files: Vec<PathBuf>,
    /// Values that are still to be replaced.
    pub placeholders: Vec<Placeholder>,
    /// The command to type next.
    pub next: String,
}

/// A value in the files that only shows where another one belongs.
#[derive(Debug, Serialize)]
pub struct Placeholder {
    /// The parameter's name.
    pub name: String,
    /// What belongs there.
    pub meaning: String,
    /// The value that is there.
    pub value: String,
    /// The files that have it.
    #[serde(serialize_with = "crate::text::paths")]
    pub files: Vec<PathBuf>,
}

impl Listed {
    /// A template as the list has it.
    #[must_use]
    pub fn new(template: &Template) -> Self {
        Self {
            name: template.name,
            title: template.title().to_owned(),
            files: template.paths().map(str::to_owned).collect(),
            parameters: template.parameters().to_vec(),
        }
    }
}

impl Placeholder {
    /// The placeholders that are in these files, which are a template's with these values.
    #[must_use]
    pub fn all(template: &Template, values: &Values, files: &[(PathBuf, &str)]) -> Vec<Self> {
        let placeholder = |parameter: &Parameter| Self {
            name: parameter.name.clone(),
            meaning: parameter.meaning.clone(),
            value: parameter.value.clone(),
            files: files
                .iter()
                .filter(|(_, content)| content.contains(&parameter.value))
                .map(|(path, _)| path.clone())
                .collect(),
        };
        values.placeholders(template).map(placeholder).collect()
    }
}
