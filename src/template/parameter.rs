//! The values of a template's parameters, as they are given on the command line.

use std::collections::BTreeMap;

use super::Template;

/// The value of each parameter of a template, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values(BTreeMap<String, String>);

/// A `NAME=VALUE` that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadParameter {
    /// There is no equals sign in it.
    #[error("it is not of the form NAME=VALUE")]
    NoValue,
    /// The template has no parameter of that name.
    #[error("the template {template} has no parameter {name}")]
    Unknown {
        /// The template.
        template: &'static str,
        /// The name.
        name: String,
    },
    /// The value would mean something else in the files that it gets into.
    #[error(
        "the value of {name} is empty, or has a character in it that is neither a letter of ASCII, a digit, nor one of {ALLOWED}"
    )]
    Characters {
        /// The parameter.
        name: String,
    },
}

impl Values {
    /// The values of this template's parameters: those that are given, in the form `NAME=VALUE`, and its own for the others. When
    /// one is given twice, the last one counts.
    ///
    /// # Errors
    /// The first one that can't be used, and why.
    pub fn new(template: &Template, given: &[String]) -> Result<Self, (String, BadParameter)> {
        let own = template.parameters().iter().map(|known| (known.name.clone(), known.value.clone()));
        let mut values: BTreeMap<String, String> = own.collect();
        for text in given {
            let (name, value) = parse(text, template).map_err(|bad| (text.clone(), bad))?;
            values.insert(name, value);
        }
        Ok(Self(values))
    }

    /// Each parameter with its value.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Values {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

fn parse(text: &str, template: &Template) -> Result<(String, String), BadParameter> {
    let (name, value) = text.split_once('=').ok_or(BadParameter::NoValue)?;
    let name = name.to_owned();
    if !template.parameters().iter().any(|known| known.name == name) {
        return Err(BadParameter::Unknown { template: template.name, name });
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ALLOWED.contains(c);
    if value.is_empty() || !value.chars().all(is_allowed) {
        return Err(BadParameter::Characters { name });
    }
    Ok((name, value.to_owned()))
}

/// What addresses and names consist of, besides letters and digits; none of it means anything within a word of a shell, or
/// of YAML.
const ALLOWED: &str = "._-/:@+=~";
