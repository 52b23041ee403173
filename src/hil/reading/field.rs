//! The fields of a step or a target: flags of a command, as keys.

use std::path::{Component, Path};

use regex::Regex;
use toml::de::{DeTable, DeValue};

use super::{
    Value,
    reader::{Reader, joined},
};
use crate::hil::{
    grammar::Flag,
    kind::{FlagValue, Takes, ValueKind, Verb},
    scenario::{Field, Place},
    template::Template,
};

/// Reads all keys of a table, `own` ones left out, which are read elsewhere.
pub(super) fn fields(
    reader: &mut Reader<'_>,
    about: &str,
    table: &DeTable<'_>,
    own: &[&str],
    flags: &[Flag],
) -> Vec<Field> {
    let known: Vec<&str> = flags.iter().map(|flag| flag.name.as_str()).chain(own.iter().copied()).collect();
    reader.only_known(table, about, &known);
    let mut fields: Vec<Field> = Vec::new();
    for (key, value) in table {
        let Some(flag) = flags.iter().find(|flag| flag.name == *key.get_ref()) else { continue };
        if own.contains(&flag.name.as_str()) {
            continue;
        }
        let place = reader.place(&key.span());
        fields.extend(field(reader, about, flag, value, place));
    }
    fields.sort_by_key(|field| field.place);
    fields
}

/// Reads one field. A switch that is off is left out.
pub(super) fn field(
    reader: &mut Reader<'_>,
    about: &str,
    flag: &Flag,
    value: &Value<'_>,
    place: Place,
) -> Option<Field> {
    let about = joined(about, &flag.name);
    let values = match (flag.takes, value.get_ref()) {
        (Takes::Nothing, DeValue::Boolean(on)) => return on.then(|| named(flag, Vec::new(), place)),
        (Takes::Nothing, _) => {
            reader.wrong_type(value, &about, "true or false");
            return None;
        }
        (Takes::Many, DeValue::Array(array)) => array.iter().collect(),
        (_, DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_)) => vec![value],
        (takes, _) => {
            let more = if takes == Takes::Many { ", or an array of them" } else { "" };
            reader.wrong_type(value, &about, &format!("{}{more}", wanted(flag)));
            return None;
        }
    };
    let texts: Vec<Template> =
        values.into_iter().filter_map(|value| text(reader, &about, flag, value)).collect();
    (!texts.is_empty()).then(|| named(flag, texts, place))
}

/// Asks the command itself about each value.
pub(super) fn check_values(reader: &mut Reader<'_>, about: &str, verb: Verb, fields: &[Field]) {
    for field in fields {
        for value in field.values.iter().filter_map(|value| value.plain()) {
            if let Err(says) = reader.grammar.check_value(verb, &field.name, value) {
                reader.fault_at(field.place, joined(about, &field.name), says);
            }
        }
    }
}

fn named(flag: &Flag, values: Vec<Template>, place: Place) -> Field {
    Field { name: flag.name.clone(), values, place }
}

fn text(reader: &mut Reader<'_>, about: &str, flag: &Flag, value: &Value<'_>) -> Option<Template> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(_) | DeValue::Float(_) => reader.slice(&value.span()).to_owned(),
        _ => {
            reader.wrong_type(value, about, wanted(flag));
            return None;
        }
    };
    let template = Template::parse(&text);
    if let Some(plain) = template.plain()
        && let Err(says) = check(reader, flag, plain)
    {
        reader.fault(value.span(), about, says);
    }
    Some(template)
}

/// What the kind of value itself says; the command checks the rest.
fn check(reader: &Reader<'_>, flag: &Flag, text: &str) -> Result<(), String> {
    let FlagValue::Of(kind) = flag.value else { return Ok(()) };
    match kind {
        ValueKind::Text => Ok(()),
        ValueKind::Time => reader.grammar.duration(text).map(drop),
        ValueKind::Count => match text.parse::<u32>() {
            Ok(1..) => Ok(()),
            _ => Err("expected a whole number from 1".to_owned()),
        },
        ValueKind::Bytes => {
            text.parse::<u64>().map(drop).map_err(|_| "expected a number of bytes".to_owned())
        }
        ValueKind::Regex => regex(text),
        ValueKind::Input if reader.folder.join(text).is_file() => Ok(()),
        ValueKind::Input => Err("there is no such file, seen from the folder of the scenario".to_owned()),
        ValueKind::Output => output(text),
    }
}

fn regex(text: &str) -> Result<(), String> {
    let regex = Regex::new(text).map_err(|error| {
        let last = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
        format!("it is not a regular expression: {}", last.trim_start_matches("error: "))
    })?;
    if regex.is_match("") { Err("it matches every line, also an empty one".to_owned()) } else { Ok(()) }
}

/// Files of a run stay in its folder.
fn output(text: &str) -> Result<(), String> {
    let path = Path::new(text);
    let is_inside = !text.is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)));
    let is_free = !RESERVED.contains(&text);
    match (is_inside, is_free) {
        (false, _) => Err("expected the name of a file in the folder of the run, without ..".to_owned()),
        (true, false) => Err("the run itself writes a file of this name".to_owned()),
        (true, true) => Ok(()),
    }
}

fn wanted(flag: &Flag) -> &'static str {
    match &flag.value {
        FlagValue::OneOf(_) => "a text in quotes",
        FlagValue::Of(kind) => match kind {
            ValueKind::Text => "a text in quotes, or a number",
            ValueKind::Time => "a time such as \"30s\"",
            ValueKind::Count => "a whole number",
            ValueKind::Bytes => "a number of bytes",
            ValueKind::Regex => "a regular expression in quotes",
            ValueKind::Input | ValueKind::Output => "the path of a file in quotes",
        },
    }
}

const RESERVED: [&str; 4] = ["hil.json", "serial.log", "junit.xml", "report.html"];
