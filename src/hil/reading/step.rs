//! One step of a scenario.

use toml::de::{DeTable, DeValue};

use super::{
    Value, field,
    reader::{Reader, joined},
};
use crate::hil::{
    grammar::{Flag, fields_of},
    kind::{StepKind, Verb},
    scenario::{Always, Field, Step},
    template::is_of_name,
    words::words,
};

/// Reads a step; `None` when it is not known what kind it is.
pub(super) fn step(reader: &mut Reader<'_>, value: &Value<'_>, index: usize) -> Option<Step> {
    let unnamed = format!("step {}", index + 1);
    let table = reader.table(value, &unnamed)?;
    let place = reader.place(&value.span());
    let already = reader.noted();
    let name = reader.text(table, &unnamed, "name");
    let about = name.as_ref().map_or(unnamed, |(name, _)| format!("step \"{name}\""));
    let kind = kind(reader, &about, table, value);
    let timeout = reader.time(table, &about, "timeout").map(|(time, _)| time);
    let always = if reader.truth(table, &about, "always") == Some(true) { Always::Yes } else { Always::No };
    let retry = reader.count(table, &about, "retry", 0..=super::MOST_RETRIES).map(|(count, _)| count);
    let (kind, key) = kind?;
    if let Some((name, span)) = &name {
        check_name(reader, &about, name, span.clone());
    }
    let name = name.map_or_else(|| kind.word().to_owned(), |(name, _)| name);
    let flags = fields_of(kind, reader.grammar);
    let fields = kind_fields(reader, &about, kind, key, &flags);
    let timeout = timeout.unwrap_or_else(|| kind.default_timeout());
    let step = Step { name, kind, fields, timeout, always, retry, place };
    check_command(reader, &about, &step, already);
    check_needs(reader, &about, &step);
    Some(step)
}

/// The one key that says what kind it is, with its value.
fn kind<'t, 's>(
    reader: &mut Reader<'_>,
    about: &str,
    table: &'s DeTable<'t>,
    value: &Value<'_>,
) -> Option<(StepKind, &'s Value<'t>)> {
    let words: Vec<&str> = StepKind::ALL.iter().map(|kind| kind.word()).collect();
    let known: Vec<&str> = words.iter().copied().chain(COMMON_KEYS).collect();
    reader.only_known(table, about, &known);
    let kinds: Vec<StepKind> =
        StepKind::ALL.into_iter().filter(|kind| table.contains_key(kind.word())).collect();
    match kinds.as_slice() {
        [kind] => table.get(kind.word()).map(|value| (*kind, value)),
        [] => {
            let is_complete = table.keys().all(|key| COMMON_KEYS.contains(&key.get_ref().as_ref()));
            // A key that is not known has been told already, and is probably the kind.
            if is_complete {
                reader.fault(
                    value.span(),
                    about,
                    format!("it does not say what to do: one of {} is missing", words.join(", ")),
                );
            }
            None
        }
        several => {
            let words: Vec<&str> = several.iter().map(|kind| kind.word()).collect();
            reader.fault(
                value.span(),
                about,
                format!("it can't be all of {}: make a step of each", words.join(", ")),
            );
            None
        }
    }
}

fn check_name(reader: &mut Reader<'_>, about: &str, name: &str, span: super::Span) {
    if !name.chars().all(is_of_name) {
        reader.fault(span, joined(about, "name"), "expected letters, digits, hyphens and underscores");
    } else if name == TARGET {
        reader.fault(
            span,
            joined(about, "name"),
            "this name is taken: ${target.address} and the like are what the target is",
        );
    }
}

fn kind_fields(
    reader: &mut Reader<'_>,
    about: &str,
    kind: StepKind,
    value: &Value<'_>,
    flags: &[Flag],
) -> Vec<Field> {
    match (value.get_ref(), kind.shorthand()) {
        (DeValue::Table(table), _) => field::fields(reader, about, table, &[], flags),
        (DeValue::Boolean(true), _) if kind.shorthand().is_none_or(|name| name == "within") => Vec::new(),
        (DeValue::Boolean(_), _) | (_, None) => {
            reader.wrong_type(value, &joined(about, kind.word()), "a table, e.g. {}");
            Vec::new()
        }
        (_, Some(name)) => {
            let place = reader.place(&value.span());
            let flag = flags.iter().find(|flag| flag.name == name);
            flag.and_then(|flag| field::field(reader, about, flag, value, place)).into_iter().collect()
        }
    }
}

/// Asks the command itself: about each value, then about the flags, then about all that they name.
fn check_command(reader: &mut Reader<'_>, about: &str, step: &Step, already: usize) {
    let Some(verb) = step.kind.verb() else { return };
    let mut fields: Vec<Field> = step.fields.clone();
    fields.retain(|field| !step.kind.own_fields().iter().any(|own| own.name == field.name));
    field::check_values(reader, about, verb, &fields);
    check_flags(reader, about, step, verb, fields.clone());
    let is_plain = fields.iter().all(|field| field.values.iter().all(|value| value.plain().is_some()));
    let words = words(&fields, |_| None).unwrap_or_default();
    // What has been told already would be told again, and what a reference stands for is not known yet.
    if reader.noted() == already
        && is_plain
        && let Err(fault) = reader.grammar.check_together(verb, &words)
    {
        let field = fields.iter().find(|field| Some(&field.name) == fault.flag.as_ref());
        let about = field.map_or_else(|| about.to_owned(), |field| joined(about, &field.name));
        reader.fault_at(field.map_or(step.place, |field| field.place), about, fault.says);
    }
}

/// Asks clap, which says one thing at a time: the flag that it names is left out, and it is asked again.
fn check_flags(reader: &mut Reader<'_>, about: &str, step: &Step, verb: Verb, mut left: Vec<Field>) {
    let mut tries = left.len() + 1;
    while tries > 0
        && let Err(fault) =
            reader.grammar.check(verb, &words(&left, |_| Some(PLACEHOLDER.to_owned())).unwrap_or_default())
    {
        tries -= 1;
        let at = fault.flag.as_ref().and_then(|flag| left.iter().position(|field| field.name == *flag));
        let Some(at) = at else {
            reader.fault_at(step.place, about, fault.says);
            return;
        };
        let field = left.remove(at);
        // What a reference stands for is not known yet.
        if field.values.iter().all(|value| value.plain().is_some()) {
            reader.fault_if_first(field.place, joined(about, &field.name), fault.says);
        }
    }
}

/// Fields without which a kind has nothing to do, or could never fail.
fn check_needs(reader: &mut Reader<'_>, about: &str, step: &Step) {
    let has = |name: &str| step.field(name).is_some();
    let says = match step.kind {
        StepKind::Serial if !has("expect") && !has("reject") => {
            "it can't fail: expect or reject is missing, a line that must or must not come"
        }
        StepKind::Wait if !has("time") => "the time is missing, e.g. wait = \"5s\"",
        StepKind::Run if !has("command") => "the command is missing, e.g. run = \"pytest\"",
        _ => return,
    };
    reader.fault_at(step.place, about, says);
}

const COMMON_KEYS: [&str; 4] = ["name", "timeout", "always", "retry"];
const TARGET: &str = "target";
/// What a reference is replaced by for a first look.
const PLACEHOLDER: &str = "1";
