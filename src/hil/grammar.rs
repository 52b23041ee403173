//! What the fields of a scenario may be: the flags of our commands, as the command line defines them. The definitions themselves
//! come from outside, so that no field is written down twice.

use std::time::Duration;

use super::kind::{FlagValue, StepKind, Takes, Verb};

/// A field that a step or a target may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Its key: the long flag without the hyphens in front.
    pub name: String,
    /// How many values it takes.
    pub takes: Takes,
    /// What they are.
    pub value: FlagValue,
    /// What it is for.
    pub help: String,
}

/// Why a command would not take its flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordFault {
    /// The flag that it is about, without hyphens; `None` when that is not known.
    pub flag: Option<String>,
    /// What is wrong, in one sentence; no value is repeated in it.
    pub says: String,
}

/// The flags of our commands.
pub trait Grammar {
    /// The flags of a command that take part in a scenario, in the order of its help.
    fn flags(&self, verb: Verb) -> Vec<Flag>;

    /// Whether a command takes these words, which come behind its own word and its target.
    ///
    /// # Errors
    /// The first thing that is wrong.
    fn check(&self, verb: Verb, words: &[String]) -> Result<(), WordFault>;

    /// Whether a flag of a command takes this value, as far as the command itself would say so before it does anything.
    ///
    /// # Errors
    /// What is wrong, in one sentence.
    fn check_value(&self, verb: Verb, flag: &str, value: &str) -> Result<(), String>;

    /// Whether a command takes all of its flags together, with what is in the files that they name, as far as it would say so before
    /// it does anything.
    ///
    /// # Errors
    /// The first thing that is wrong.
    fn check_together(&self, verb: Verb, words: &[String]) -> Result<(), WordFault>;

    /// Reads a time, such as `30s`.
    ///
    /// # Errors
    /// What would be a time.
    fn duration(&self, text: &str) -> Result<Duration, String>;
}

/// The fields of a kind of step: the flags of its command, and its own.
pub fn fields_of(kind: StepKind, grammar: &dyn Grammar) -> Vec<Flag> {
    let of_verb = kind.verb().map(|verb| grammar.flags(verb)).unwrap_or_default();
    let own = kind.own_fields().iter().map(|field| Flag {
        name: field.name.to_owned(),
        takes: field.takes,
        value: FlagValue::Of(field.value),
        help: field.help.to_owned(),
    });
    let mut fields: Vec<Flag> = own.collect();
    let visible = of_verb.into_iter().filter(|flag| !kind.hidden_flags().contains(&flag.name.as_str()));
    // A field of its own is in front of a flag of the same name.
    for flag in visible {
        if !fields.iter().any(|field| field.name == flag.name) {
            fields.push(flag);
        }
    }
    fields
}
