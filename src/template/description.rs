//! The description of a template: `template.toml` in its folder.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is known of a template.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    /// What it is, in one line without a full stop.
    pub(super) title: String,
    /// The command to type next.
    pub(super) next: String,
    /// From where a file goes, relative to the folder that is written to, to where it is, relative to the template's folder.
    pub(super) files: BTreeMap<String, String>,
    /// What comes from the sources of the firmware: from where it goes, relative to the folder that is written to, to what it is
    /// in them. A file, or a folder with a `/` at its end, of which the empty one is all of them.
    #[serde(default)]
    pub(super) sources: BTreeMap<String, String>,
    /// What can be filled in.
    #[serde(default)]
    pub(super) parameters: Vec<Parameter>,
}

/// Something that can be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name, as in `--set NAME=VALUE`.
    pub name: String,
    /// What it is, in a few words.
    pub meaning: String,
    /// The value that it has when none is given.
    pub value: String,
    /// Whether that value only shows where another one belongs.
    #[serde(default)]
    pub placeholder: bool,
}
