//! Reads a scenario, and finds all that is wrong with it at once.

mod field;
mod reader;
mod references;
mod step;
mod target;

pub(in crate::hil) use self::target::{ADDRESS_FLAGS, place_of};

use std::{ops::Range, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use self::reader::Reader;
use super::{
    fault::ScenarioFault,
    grammar::Grammar,
    scenario::{LabTable, Scenario, Step},
};

/// Reads a scenario. Paths in it are relative to `folder`.
///
/// # Errors
/// All that is wrong with it, in the order of its lines.
pub fn read(
    text: &str,
    grammar: &dyn Grammar,
    folder: &Path,
    default_name: &str,
) -> Result<Scenario, Vec<ScenarioFault>> {
    let mut reader = Reader::new(text, grammar, folder);
    let (table, broken) = DeTable::parse_recoverable(text);
    for error in &broken {
        reader.fault(
            error.span().unwrap_or(0..0),
            "",
            format!("it is not TOML: {}", first_line(error.message())),
        );
    }
    if !broken.is_empty() {
        return Err(reader.into_faults());
    }
    let scenario = root(&mut reader, table.get_ref(), default_name);
    references::check(&mut reader, &scenario);
    let faults = reader.into_faults();
    if faults.is_empty() { Ok(scenario) } else { Err(faults) }
}

fn root(reader: &mut Reader<'_>, table: &DeTable<'_>, default_name: &str) -> Scenario {
    reader.only_known(table, "", &ROOT_KEYS);
    let name = reader.text(table, "", "name").map_or_else(|| default_name.to_owned(), |(name, _)| name);
    let targets = target::targets(reader, table);
    let target = reader.text(table, "", "default-target");
    if let Some((name, span)) = &target
        && !targets.iter().any(|target| target.name == *name)
        && !target::is_built_in(name)
    {
        let known: Vec<&str> =
            targets.iter().map(|target| target.name.as_str()).chain(target::BUILT_IN).collect();
        reader.unknown(span.clone(), "default-target", "target", name, &known);
    }
    let max_time = reader.time(table, "", "max-time").map(|(time, _)| time);
    Scenario {
        name,
        target: target.map(|(name, _)| name),
        targets,
        max_time,
        lab: lab(reader, table),
        steps: steps(reader, table),
    }
}

fn lab(reader: &mut Reader<'_>, table: &DeTable<'_>) -> LabTable {
    let Some(value) = table.get("lab") else { return LabTable::default() };
    let Some(table) = reader.table(value, "lab") else { return LabTable::default() };
    reader.only_known(table, "lab", &["recover", "retries"]);
    let recover = reader.texts(table, "lab", "recover");
    let retries = reader.count(table, "lab", "retries", 0..=MOST_RETRIES);
    // Hooks without a number of retries are meant to be used.
    let default = u32::from(!recover.is_empty());
    LabTable { recover, retries: retries.map_or(default, |(count, _)| count) }
}

fn steps(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Vec<Step> {
    let Some(value) = table.get("step") else {
        reader.fault(0..0, "", "it has no steps: write [[step]] and below it what to do, e.g. probe = {}");
        return Vec::new();
    };
    let DeValue::Array(array) = value.get_ref() else {
        reader.fault(value.span(), "step", "write each step as [[step]], with two brackets on each side");
        return Vec::new();
    };
    let mut steps: Vec<Step> = Vec::new();
    for (index, value) in array.iter().enumerate() {
        let Some(step) = step::step(reader, value, index) else { continue };
        if let Some(other) = steps.iter().find(|other| other.name == step.name) {
            let says = format!(
                "another step, in line {}, has this name, too: give one of them a name of its own, as in name = \"..\"",
                other.place.line
            );
            reader.fault_at(step.place, format!("step \"{}\"", step.name), says);
        }
        steps.push(step);
    }
    steps
}

/// A value with its place.
type Value<'t> = Spanned<DeValue<'t>>;

/// A place in the text, in bytes.
type Span = Range<usize>;

/// TOML's messages may go on with the text itself, which may be a key that was named by mistake.
fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

const ROOT_KEYS: [&str; 6] = ["name", "default-target", "target", "max-time", "lab", "step"];
const MOST_RETRIES: u32 = 100;
