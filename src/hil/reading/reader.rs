//! Takes values out of a table, and notes what is wrong with them.

use std::{ops::RangeInclusive, path::Path, time::Duration};

use toml::de::{DeTable, DeValue};

use super::{Span, Value};
use crate::{
    hil::{fault::ScenarioFault, grammar::Grammar, scenario::Place},
    text,
};

/// Reads one scenario.
pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) grammar: &'a dyn Grammar,
    pub(super) folder: &'a Path,
    faults: Vec<ScenarioFault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, grammar: &'a dyn Grammar, folder: &'a Path) -> Self {
        Self { text, grammar, folder, faults: Vec::new() }
    }

    /// All faults, in the order of the lines.
    pub(super) fn into_faults(mut self) -> Vec<ScenarioFault> {
        self.faults.sort();
        self.faults.dedup();
        self.faults
    }

    /// How many faults have been noted.
    pub(super) fn noted(&self) -> usize {
        self.faults.len()
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, span: Span, about: impl Into<String>, says: impl Into<String>) {
        let place = self.place(&span);
        self.fault_at(place, about, says);
    }

    /// Notes a fault at a place that is known.
    pub(super) fn fault_at(&mut self, place: Place, about: impl Into<String>, says: impl Into<String>) {
        let Place { line, column } = place;
        self.faults.push(ScenarioFault { line, column, about: about.into(), says: says.into() });
    }

    /// Notes a fault, unless something else is wrong with the same thing already.
    pub(super) fn fault_if_first(&mut self, place: Place, about: String, says: String) {
        if !self.faults.iter().any(|fault| fault.about == about && fault.line == place.line) {
            self.fault_at(place, about, says);
        }
    }

    /// The place where a span begins.
    pub(super) fn place(&self, span: &Span) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place { line, column }
    }

    /// What stands at a span.
    pub(super) fn slice(&self, span: &Span) -> &'a str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// Notes keys that are not known here.
    pub(super) fn only_known(&mut self, table: &DeTable<'_>, about: &str, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            self.unknown(key.span(), about, "key", key.get_ref(), known);
        }
    }

    /// Notes a name that is not one of those that are known; `what` says what would be one.
    pub(super) fn unknown(&mut self, span: Span, about: &str, what: &str, name: &str, known: &[&str]) {
        let named = if is_harmless(name) {
            format!("there is no {what} \"{name}\"")
        } else {
            format!("there is no such {what}")
        };
        let hint = match text::nearest(name, known) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("there is {}", listed(known)),
        };
        self.fault(span, about, format!("{named}; {hint}"));
    }

    /// A value of another type than is wanted.
    pub(super) fn wrong_type(&mut self, value: &Value<'_>, about: &str, wanted: &str) {
        let found = value.get_ref().type_str();
        self.fault(value.span(), about, format!("expected {wanted}, and found {}", with_article(found)));
    }

    /// The table that a value should be.
    pub(super) fn table<'t, 's>(&mut self, value: &'s Value<'t>, about: &str) -> Option<&'s DeTable<'t>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.wrong_type(value, about, "a table");
                None
            }
        }
    }

    /// The text at a key.
    pub(super) fn text(&mut self, table: &DeTable<'_>, about: &str, key: &str) -> Option<(String, Span)> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::String(text) if text.is_empty() => {
                self.fault(value.span(), joined(about, key), "it is empty");
                None
            }
            DeValue::String(text) => Some((text.to_string(), value.span())),
            _ => {
                self.wrong_type(value, &joined(about, key), "a text in quotes");
                None
            }
        }
    }

    /// The texts at a key: one, or an array of them.
    pub(super) fn texts(&mut self, table: &DeTable<'_>, about: &str, key: &str) -> Vec<String> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let about = joined(about, key);
        let values = match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            _ => vec![value],
        };
        let mut texts = Vec::new();
        for value in values {
            match value.get_ref() {
                DeValue::String(text) if !text.is_empty() => texts.push(text.to_string()),
                _ => self.wrong_type(value, &about, "a text in quotes, or an array of texts"),
            }
        }
        texts
    }

    /// The time at a key.
    pub(super) fn time(&mut self, table: &DeTable<'_>, about: &str, key: &str) -> Option<(Duration, Span)> {
        let value = table.get(key)?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(_) => self.slice(&value.span()).to_owned(),
            _ => {
                self.wrong_type(value, &joined(about, key), "a time such as \"30s\"");
                return None;
            }
        };
        match self.grammar.duration(&text) {
            Ok(time) => Some((time, value.span())),
            Err(says) => {
                self.fault(value.span(), joined(about, key), says);
                None
            }
        }
    }

    /// The whole number at a key.
    pub(super) fn count(
        &mut self,
        table: &DeTable<'_>,
        about: &str,
        key: &str,
        range: RangeInclusive<u32>,
    ) -> Option<(u32, Span)> {
        let value = table.get(key)?;
        let number =
            matches!(value.get_ref(), DeValue::Integer(_)).then(|| self.slice(&value.span()).parse().ok());
        match number {
            Some(Some(number)) if range.contains(&number) => Some((number, value.span())),
            Some(_) => {
                let says = format!("expected a whole number from {} to {}", range.start(), range.end());
                self.fault(value.span(), joined(about, key), says);
                None
            }
            None => {
                self.wrong_type(value, &joined(about, key), "a whole number");
                None
            }
        }
    }

    /// The truth at a key.
    pub(super) fn truth(&mut self, table: &DeTable<'_>, about: &str, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let DeValue::Boolean(truth) = value.get_ref() else {
            self.wrong_type(value, &joined(about, key), "true or false");
            return None;
        };
        Some(*truth)
    }
}

/// What a fault is about: a key of something.
pub(super) fn joined(about: &str, key: &str) -> String {
    if about.is_empty() { key.to_owned() } else { format!("{about}, {key}") }
}

/// Whether a name can be repeated in a message: it may be a line of a private key, if the file was named by mistake.
fn is_harmless(name: &str) -> bool {
    name.len() <= LONGEST_NAME
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
}

fn listed(known: &[&str]) -> String {
    match known.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}

const LONGEST_NAME: usize = 32;
