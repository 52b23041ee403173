//! The fields of a scenario, taken from the definitions of the command line.

use std::{
    any::TypeId,
    error::Error as _,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{
    Arg, ArgAction, Command, CommandFactory as _, Parser as _,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{
    cli::{self, Cli, Role, duration},
    cmd::{load, probe, request},
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
    /// Has the command itself read this one flag, as it would before it does anything. What needs other flags is not looked at.
    fn check_alone(&self, verb: Verb, flag: &str, value: &str) -> Result<(), String> {
        let is_file = FILES.contains(&flag);
        let value = if is_file { self.folder.join(value).display().to_string() } else { value.to_owned() };
        let line = ["esp-https", verb.word(), "127.0.0.1", &format!("--{flag}={value}")];
        let Ok(cli) = Cli::try_parse_from(line) else { return Ok(()) };
        let checked = match &cli.command {
            _ if is_file && !Path::new(&value).is_file() => Ok(()),
            cli::Command::Probe(args) => probe::check_args(args),
            cli::Command::Load(args) => request::request(&args.request, "/").map(drop),
            _ => Ok(()),
        };
        checked.map_err(|error| error.what)
    }
}

/// The files that are read to find what is wrong with them.
const FILES: [&str; 2] = ["policy", "baseline"];

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
        match (verb, flag) {
            (Verb::Load, "fail-if") => gate(value),
            (Verb::Load, "suite") => listed("suite", &load::suite_names(), value),
            (Verb::Load, "group") => listed("group", &load::group_names(), value),
            // A file's content is the command's own business.
            _ if value.starts_with('@') => Ok(()),
            _ => self.check_alone(verb, flag, value),
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

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::*;
    use crate::hil::{
        fault::ScenarioFault, grammar::fields_of, kind::StepKind, read, scenario::Scenario, schema::schema,
    };

    fn reading(text: &str) -> Result<Scenario, Vec<ScenarioFault>> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("here.toml"), "[negotiated]\nversions = [\"TLS 1.3\"]\n").unwrap();
        read(text, &ClapGrammar::new(folder.path()), folder.path(), "test")
    }

    /// The faults of a text as `LINE: ABOUT: SAYS`.
    fn faults(text: &str) -> Vec<String> {
        let faults = reading(text).expect_err("something is wrong");
        faults.iter().map(|fault| format!("{}: {}: {}", fault.line, fault.about, fault.says)).collect()
    }

    /// The schema is for editors, and what it says comes from the same definitions as what the reader takes.
    #[test]
    fn the_schema_of_scenarios_is_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/hil-scenario.json");
        let made = format!("{:#}\n", schema(&ClapGrammar::new(Path::new("."))));
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, &made).unwrap();
        }
        let is = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            is == made,
            "docs/schema/hil-scenario.json is not what the flags say; UPDATE_DOCS=1 writes it"
        );
    }

    /// A new flag of a command is a field without more.
    #[test]
    fn every_flag_of_a_command_is_a_field_or_left_out_on_purpose() {
        let grammar = ClapGrammar::new(Path::new("."));
        for kind in StepKind::ALL {
            let Some(verb) = kind.verb() else { continue };
            let fields = fields_of(kind, &grammar);
            let all = grammar.flags(verb);
            for flag in &all {
                let is_hidden = kind.hidden_flags().contains(&flag.name.as_str());
                assert!(
                    is_hidden
                        || fields.contains(flag)
                        || kind.own_fields().iter().any(|own| own.name == flag.name),
                    "{}",
                    flag.name
                );
            }
            for hidden in kind.hidden_flags() {
                assert!(
                    all.iter().any(|flag| flag.name == *hidden),
                    "{}: there is no --{hidden} to leave out",
                    verb.word()
                );
            }
        }
    }

    #[test]
    fn a_scenario_with_everything_in_it_is_read() {
        let scenario = reading(
            r#"
            name = "all"
            default-target = "desk"
            max-time = "5m"
            [target.desk]
            board = "/dev/ttyACM0"
            ssid = "lab"
            [target.emulator]
            emulated = true
            deterministic = true
            [target.far]
            address = "192.168.1.7"
            [lab]
            recover = "true"
            [[step]]
            certgen = { key = "p256", days = 30 }
            [[step]]
            flash = true
            [[step]]
            name = "handshake"
            retry = 2
            probe = { expect-version = "1.3", policy = "here.toml", audit = true, cert = "${certgen.cert}" }
            [[step]]
            http = { path = "/light", data = "{}", expect-status = 200 }
            [[step]]
            load = { requests = 5, fail-if = "error_rate>0.01" }
            [[step]]
            serial = "READY"
            [[step]]
            wait = 1
            [[step]]
            run = "true ${HOME} ${target.address}"
            always = true
            "#,
        );
        let scenario = scenario.unwrap();
        assert_eq!((scenario.steps.len(), scenario.lab.retries, scenario.steps[2].retry), (8, 1, Some(2)));
        assert_eq!(
            scenario.steps[2].fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(),
            ["expect-version", "policy", "audit", "cert"]
        );
    }

    #[test]
    fn every_kind_of_mistake_is_told_with_its_line_and_all_at_once() {
        let told = faults(
            "defualt-target = \"x\"\n\
             [[step]]\n\
             probe = { expect-version = \"9.9\", expect-grup = \"x\", audit = 1 }\n\
             [[step]]\n\
             frobnicate = {}\n\
             [[step]]\n\
             load = { fail-if = [\"error_rate>1\", \"foo>1\"], requests = 0, rate = 5, ramp = \"1:2\", cert = \"${later.cert}\" }\n\
             [[step]]\n\
             name = \"later\"\n\
             certgen = { days = \"${later.cert}\" }\n\
             [[step]]\n\
             serial = { expect = \"(\", reject = \"\" }\n\
             [[step]]\n\
             name = \"p\"\n\
             probe = { policy = \"missing.toml\", pcap = \"../x\", server-name = \"${nobody.x} ${later.cart}\" }\n\
             timeout = \"0s\"\n\
             always = \"yes\"\n\
             [[step]]\n\
             load = {}\n\
             probe = {}\n",
        );
        let has = |line: usize, about: &str, says: &str| {
            let beginning = format!("{line}: {about}: ");
            assert!(
                told.iter().any(|fault| fault.starts_with(&beginning) && fault.contains(says)),
                "{beginning}{says} is not in {told:#?}"
            );
        };
        has(1, "", "did you mean \"default-target\"?");
        has(3, "step 1, expect-version", "is not a known protocol version");
        has(3, "step 1", "did you mean \"expect-group\"?");
        has(3, "step 1, audit", "expected true or false");
        has(5, "step 2", "there is no key \"frobnicate\"");
        has(7, "step 3, fail-if", "so this is never true");
        has(7, "step 3, fail-if", "there is no figure `foo`");
        has(7, "step 3, requests", "expected a whole number, 1 or more");
        has(7, "step 3, rate", "can't be used together with ramp");
        has(7, "step \"load\", cert", "that step comes later, in line 8");
        has(10, "step \"later\", days", "a step can't refer to itself");
        has(12, "step 5, expect", "it is not a regular expression");
        has(12, "step 5, reject", "it matches every line");
        has(15, "step \"p\", policy", "there is no such file");
        has(15, "step \"p\", pcap", "in the folder of the run");
        has(15, "step \"p\", server-name", "${nobody.x}: there is no step of this name");
        has(15, "step \"p\", server-name", "${later.cart}: a step of the kind certgen has cert");
        has(16, "step \"p\", timeout", "must be more than 0");
        has(17, "step \"p\", always", "expected true or false");
        has(18, "step 7", "it can't be all of probe, load");
        assert_eq!(told.len(), 20, "{told:#?}");
    }

    #[test]
    fn a_gate_that_can_t_fail_or_can_t_pass_is_a_mistake() {
        for (gate, says) in [
            ("error_rate>1", "so this is never true"),
            ("rps<0", "it can't fail"),
            ("tls.p99<0ms", "it can't fail"),
            ("error_rate>=0", "it always fails"),
            ("rps>=0", "it always fails"),
        ] {
            let told = faults(&format!("[[step]]\nload = {{ fail-if = \"{gate}\" }}\n"));
            assert!(told[0].contains(says), "{gate}: {told:?}");
        }
        for gate in ["error_rate>0", "rps<=0", "device.leak<0", "error_rate>=1", "errors>0"] {
            reading(&format!("[[step]]\nload = {{ fail-if = \"{gate}\" }}\n")).expect(gate);
        }
    }

    #[test]
    fn a_key_that_is_named_by_mistake_is_not_repeated() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ = 1\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7=\n";
        for text in [key.to_owned(), key.replacen('-', "", 100), key.lines().nth(1).unwrap().to_owned()] {
            assert!(!faults(&text).concat().contains("MIIEv"), "{text}");
        }
    }

    #[test]
    fn a_scenario_that_is_cut_short_anywhere_is_read_or_refused() {
        let text = "name = \"a\"\n[lab]\nretries = 2\n[[step]]\nname = \"x\"\nprobe = { expect-version = \"1.3\", audit = true }\n[[step]]\nserial = { expect = [\"a\", \"b\"] }\n";
        for end in 0..text.len() {
            let _ = reading(&text[..end]);
        }
        reading(text).unwrap();
    }
}
