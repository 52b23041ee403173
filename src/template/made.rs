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
    /// The folders that it fills with sources of the firmware, relative to the same.
    pub folders: Vec<String>,
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
    /// The files, with the folder, except those in `folders`.
    #[serde(serialize_with = "crate::text::paths")]
    pub files: Vec<PathBuf>,
    /// The folders that are filled with sources of the firmware.
    pub folders: Vec<FilledFolder>,
    /// The values that are filled in.
    pub parameters: Vec<Filled>,
    /// The command to type next.
    pub next: String,
}

/// A folder with sources of the firmware.
#[derive(Debug, Serialize)]
pub struct FilledFolder {
    /// Where it is.
    #[serde(serialize_with = "crate::text::path")]
    pub path: PathBuf,
    /// How many files are in it.
    pub files: usize,
}

/// A parameter with its value.
#[derive(Debug, Serialize)]
pub struct Filled {
    /// Its name.
    pub name: String,
    /// What it is, in a few words.
    pub meaning: String,
    /// The value that is in the files.
    pub value: String,
    /// Whether that value only shows where another one belongs.
    pub placeholder: bool,
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
            folders: template.folders().map(str::to_owned).collect(),
            parameters: template.parameters().to_vec(),
        }
    }
}

impl Filled {
    /// The parameters of a template with these values, which are in these files.
    #[must_use]
    pub fn all(template: &Template, values: &Values, files: &[(PathBuf, String)]) -> Vec<Self> {
        let filled = |parameter: &Parameter| {
            let value = values.get(&parameter.name).unwrap_or(&parameter.value);
            let having = files.iter().filter(|(_, content)| content.contains(value));
            Self {
                name: parameter.name.clone(),
                meaning: parameter.meaning.clone(),
                value: value.to_owned(),
                placeholder: parameter.placeholder && value == parameter.value,
                files: having.map(|(path, _)| path.clone()).collect(),
            }
        };
        template.parameters().iter().map(filled).collect()
    }
}
