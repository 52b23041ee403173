//! The fields of a scenario, taken from the definitions of the command line.

use std::{
    any::TypeId,
    error::Error as _,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{
    Arg, ArgAction, Command, CommandFactory as _,
    error::{ContextKind, ContextValue, ErrorKind},
};

use regex::Regex;

use super::asking;
use crate::{
    cli::{Cli, Role, duration},
    cmd::load,
    hil::{
        grammar::{Flag, Grammar, WordFault},
        kind::{FlagValue, Takes, ValueKind, Verb},
    },
    load::gate::Gate,
};

/// The command line's own definitions.
pub(super) struct ClapGrammar {
    root: Command,
    /// The folder of the scenario, from which paths in it are meant.
    folder: PathBuf,
}

impl ClapGrammar {
    pub(super) fn new(folder: &Path) -> Self {
        let mut root = Cli::command();
        root.build();
        Self { root, folder: folder.to_owned() }
    }

    fn of_verb(&self, verb: Verb) -> impl Iterator<Item = &Arg> {
        let command = self.root.find_subcommand(verb.word());
        command.into_iter().flat_map(Command::get_arguments).filter(|arg| {
            let is_own = !arg.is_global_set() && !arg.is_positional();
            is_own
                && !matches!(
                    arg.get_action(),
                    ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
                )
        })
    }
}

impl ClapGrammar {
    /// A word in which the path of a file to be read counts from the folder of the scenario, as it does for the step.
    fn resolved(&self, verb: Verb, word: &str) -> String {
        let Some((flag, text)) = word.split_once('=') else { return word.to_owned() };
        match self.file_of(verb, flag.trim_start_matches('-'), text) {
            Some((path, at)) => format!("{flag}={at}{}", path.display()),
            None => word.to_owned(),
        }
    }

    /// The file that a value names, if it names one, and what is in front of its name.
    fn file_of(&self, verb: Verb, flag: &str, text: &str) -> Option<(PathBuf, &'static str)> {
        if BODIES.contains(&flag) {
            let path = text.strip_prefix('@').filter(|path| !path.is_empty() && *path != STDIN)?;
            return Some((self.folder.join(path), "@"));
        }
        let is_file =
            |arg: &Arg| arg.get_long() == Some(flag) && value(arg) == FlagValue::Of(ValueKind::Input);
        self.of_verb(verb).any(is_file).then(|| (self.folder.join(text), ""))
    }

    /// The command line with these words.
    fn line(&self, verb: Verb, words: impl Iterator<Item = String>) -> Vec<String> {
        let target: &[&str] = if matches!(verb, Verb::Probe | Verb::Load) { &["127.0.0.1"] } else { &[] };
        let head = ["esp-https", verb.word()].into_iter().chain(target.iter().copied()).map(str::to_owned);
        head.chain(words.map(|word| self.resolved(verb, &word))).collect()
    }

    /// Has the command itself read this one flag. What needs other flags is not looked at, nor a file that is not there.
    fn check_alone(&self, verb: Verb, flag: &str, value: &str) -> Result<(), String> {
        if BODIES.contains(&flag) && value.strip_prefix('@') == Some(STDIN) {
            return Err("a step has no standard input: name a file".to_owned());
        }
        match self.file_of(verb, flag, value) {
            Some((path, "@")) if !path.is_file() => {
                return Err("there is no such file, seen from the folder of the scenario".to_owned());
            }
            // That a file which is a flag's whole value is not there has been told.
            Some((path, _)) if !path.is_file() => return Ok(()),
            _ => {}
        }
        // A policy may have rules for what an audit finds; whether there is one is looked at with all flags together.
        let audit = (flag == "policy").then(|| format!("--{AUDIT}"));
        let words = [format!("--{flag}={value}")].into_iter().chain(audit);
        asking::refused(&self.line(verb, words)).map_or(Ok(()), |error| Err(error.what))
    }
}

/// Flags whose value is a text, or `@FILE`.
const BODIES: [&str; 2] = ["data", "expect-body-exactly"];
const STDIN: &str = "-";
const AUDIT: &str = "audit";

impl Grammar for ClapGrammar {
    fn flags(&self, verb: Verb) -> Vec<Flag> {
        let flag = |arg: &Arg| {
            Some(Flag {
                name: arg.get_long()?.to_owned(),
                takes: takes(arg),
                value: value(arg),
                help: arg.get_help().map(ToString::to_string).unwrap_or_default(),
            })
        };
        self.of_verb(verb).filter_map(flag).collect()
    }

    fn check(&self, verb: Verb, words: &[String]) -> Result<(), WordFault> {
        let line = self.line(verb, words.iter().cloned());
        self.root.clone().try_get_matches_from(line).map(drop).map_err(|error| word_fault(&error))
    }

    fn check_value(&self, verb: Verb, flag: &str, value: &str) -> Result<(), String> {
        match (verb, flag) {
            (Verb::Load, "fail-if") => gate(value),
            (Verb::Load, "suite") => listed("suite", &load::suite_names(), value),
            (Verb::Load, "group") => listed("group", &load::group_names(), value),
            (Verb::Probe, "expect-body") if value.is_empty() => {
                Err("it can't fail: an empty text is in every body".to_owned())
            }
            (Verb::Probe, "expect-body-regex") if matches_everything(value) => {
                Err("it can't fail: it matches every body".to_owned())
            }
            _ => self.check_alone(verb, flag, value),
        }
    }

    fn check_together(&self, verb: Verb, words: &[String]) -> Result<(), WordFault> {
        let Some(error) = asking::refused(&self.line(verb, words.iter().cloned())) else { return Ok(()) };
        let is_named = |flag: &&str| error.doing.split(' ').any(|word| word.strip_prefix("--") == Some(flag));
        let flags = words.iter().map(|word| flag_name(word));
        let flag = flags.into_iter().find(|flag| is_named(&flag.as_str()));
        Err(WordFault { flag, says: error.what })
    }

    fn duration(&self, text: &str) -> Result<Duration, String> {
        duration(text)
    }
}

fn takes(arg: &Arg) -> Takes {
    match arg.get_action() {
        ArgAction::SetTrue | ArgAction::SetFalse | ArgAction::Count => Takes::Nothing,
        ArgAction::Append => Takes::Many,
        _ => Takes::One,
    }
}

fn value(arg: &Arg) -> FlagValue {
    let words: Vec<String> =
        arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let named = arg.get_value_parser().type_id();
    if takes(arg) == Takes::Nothing {
        FlagValue::Of(ValueKind::Text)
    } else if !words.is_empty() {
        FlagValue::OneOf(words)
    } else if Role::of(arg) == Some(Role::Output) {
        FlagValue::Of(ValueKind::Output)
    } else if Role::of(arg) == Some(Role::Input) && named == TypeId::of::<PathBuf>() {
        FlagValue::Of(ValueKind::Input)
    } else if named == TypeId::of::<Duration>() {
        FlagValue::Of(ValueKind::Time)
    } else {
        FlagValue::Of(ValueKind::Text)
    }
}

fn matches_everything(regex: &str) -> bool {
    Regex::new(regex).is_ok_and(|regex| ["", "x", "\n0"].into_iter().all(|body| regex.is_match(body)))
}

fn gate(text: &str) -> Result<(), String> {
    let gate: Gate = text.parse().map_err(|error: crate::load::gate::GateError| error.to_string())?;
    match (gate.can_fail(), gate.can_pass()) {
        (false, _) => Err("it can't fail: the figure never has such a value".to_owned()),
        (_, false) => Err("it always fails: every value of the figure is such a value".to_owned()),
        _ => Ok(()),
    }
}

fn listed(what: &str, names: &[String], value: &str) -> Result<(), String> {
    let is_known = names.iter().any(|name| name.eq_ignore_ascii_case(value));
    if is_known {
        Ok(())
    } else {
        Err(format!("there is no {what} of this name; `esp-https load --help` lists them"))
    }
}

/// What clap says, without the value: that may be a secret.
fn word_fault(error: &clap::Error) -> WordFault {
    let context = |kind| error.get(kind).map(words_of).unwrap_or_default();
    let flags: Vec<String> = context(ContextKind::InvalidArg).iter().map(|word| flag_name(word)).collect();
    let prior: Vec<String> = context(ContextKind::PriorArg).iter().map(|word| flag_name(word)).collect();
    let says = match error.kind() {
        ErrorKind::InvalidValue => format!("expected one of {}", context(ContextKind::ValidValue).join(", ")),
        ErrorKind::ValueValidation => {
            error.source().map_or_else(|| "this is no value for it".to_owned(), ToString::to_string)
        }
        ErrorKind::ArgumentConflict => format!("it can't be used together with {}", prior.join(", ")),
        ErrorKind::MissingRequiredArgument => {
            format!("{} is missing, without which this can't be done", flags.join(", "))
        }
        _ => "the command does not take this".to_owned(),
    };
    WordFault { flag: flags.into_iter().next(), says }
}

fn words_of(value: &ContextValue) -> Vec<String> {
    match value {
        ContextValue::String(word) => vec![word.clone()],
        ContextValue::Strings(words) => words.clone(),
        _ => Vec::new(),
    }
}

/// `expect-version` of `--expect-version <VERSION>`.
fn flag_name(word: &str) -> String {
    let end = word.find([' ', '=']).unwrap_or(word.len());
    word.get(..end).unwrap_or_default().trim_start_matches('-').to_owned()
}

#[cfg(test)]
mod tests;
