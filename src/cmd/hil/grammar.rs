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

use crate::{
    cli::{Cli, GateArgs, Role, duration},
    cmd::{load, probe},
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
        let target: &[&str] = if matches!(verb, Verb::Probe | Verb::Load) { &["127.0.0.1"] } else { &[] };
        let line = ["esp-https", verb.word()].into_iter().chain(target.iter().copied());
        let line = line.chain(words.iter().map(String::as_str));
        self.root.clone().try_get_matches_from(line).map(drop).map_err(|error| word_fault(&error))
    }

    fn check_value(&self, verb: Verb, flag: &str, value: &str) -> Result<(), String> {
        let expect = |args: GateArgs| probe::check_gate(&args).map_err(|error| error.what);
        let text = || Some(value.to_owned());
        let path = || Some(self.folder.join(value)).filter(|path| path.is_file());
        match (verb, flag) {
            (Verb::Load, "fail-if") => gate(value),
            (Verb::Load, "suite") => listed("suite", &load::suite_names(), value),
            (Verb::Load, "group") => listed("group", &load::group_names(), value),
            (Verb::Probe, "expect-version") => {
                expect(GateArgs { expect_version: text(), ..GateArgs::default() })
            }
            (Verb::Probe, "expect-suite") => expect(GateArgs { expect_suite: text(), ..GateArgs::default() }),
            (Verb::Probe, "expect-group") => expect(GateArgs { expect_group: text(), ..GateArgs::default() }),
            (Verb::Probe, "policy") => expect(GateArgs { policy: path(), ..GateArgs::default() }),
            (Verb::Probe, "baseline") => expect(GateArgs { baseline: path(), ..GateArgs::default() }),
            _ => Ok(()),
        }
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
