//! The flags that name files, by clap's definitions.

use clap::{Command, CommandFactory as _};
use esp_https::cli::{Cli, Role};

/// A flag of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flag {
    /// The words that name the command, e.g. `load merge`.
    pub(crate) verb: String,
    /// The flag, e.g. `--html`; for a file that no flag names, what clap calls it.
    pub(crate) name: String,
}

/// Each command with its flags of this role, the global ones included.
pub(crate) fn all(role: Role) -> Vec<Flag> {
    let root = Cli::command();
    let global = names(&root, role);
    let mut flags = Vec::new();
    let mut below: Vec<(String, &Command)> =
        root.get_subcommands().map(|verb| (verb.get_name().to_owned(), verb)).collect();
    while let Some((verb, command)) = below.pop() {
        let own = names(command, role);
        flags.extend(global.iter().chain(&own).map(|name| Flag { verb: verb.clone(), name: name.clone() }));
        below.extend(command.get_subcommands().map(|more| (format!("{verb} {}", more.get_name()), more)));
    }
    flags
}

fn names(command: &Command, role: Role) -> Vec<String> {
    let flags = command.get_arguments().filter(|arg| Role::of(arg) == Some(role));
    flags.map(|arg| arg.get_long().map_or(arg.get_id().to_string(), |long| format!("--{long}"))).collect()
}

#[test]
fn the_flags_are_found() {
    let outputs = all(Role::Output);
    for (verb, name) in
        [("certgen", "--output"), ("flash", "--save-image"), ("load", "--series"), ("load merge", "--output")]
    {
        assert!(outputs.contains(&Flag { verb: verb.to_owned(), name: name.to_owned() }), "{verb} {name}");
    }
    assert!(!outputs.iter().any(|flag| flag.name == "--out-dir"), "a folder");
}
