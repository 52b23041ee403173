//! The files that a command line names, found by the types of its flags: a new flag is among them without more.

use std::{
    any::TypeId,
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, ValueHint};

use super::RequestBody;

/// A file that the command writes. `-` is standard output; a file of that name is `./-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile(pub PathBuf);

impl From<OsString> for OutputFile {
    fn from(path: OsString) -> Self {
        Self(path.into())
    }
}

/// A file that the command line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// What names it: the flag, e.g. `--html`, or the file itself.
    pub name: String,
    /// The path as given.
    pub path: PathBuf,
    /// What it is to the command.
    pub role: Role,
}

/// What a file is to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is read.
    Input,
    /// It is written.
    Output,
}

impl Role {
    /// What a flag's files are; `None` for a flag that names none, or a folder.
    #[must_use]
    pub fn of(arg: &Arg) -> Option<Self> {
        let named = arg.get_value_parser().type_id();
        if named == TypeId::of::<OutputFile>() {
            Some(Self::Output)
        } else if named == TypeId::of::<PathBuf>() && arg.get_value_hint() != ValueHint::DirPath
            || named == TypeId::of::<RequestBody>()
        {
            Some(Self::Input)
        } else {
            None
        }
    }
}

/// The files that the command line names, of all of its flags.
#[must_use]
pub fn named_files(command: &Command, matches: &ArgMatches) -> Vec<NamedFile> {
    let mut files: Vec<_> = command.get_arguments().flat_map(|arg| files_of(arg, matches)).collect();
    let (mut command, mut matches) = (command, matches);
    while let Some((name, below)) = matches.subcommand()
        && let Some(verb) = command.find_subcommand(name)
    {
        (command, matches) = (verb, below);
        // A global flag is the root's already.
        let own = command.get_arguments().filter(|arg| !arg.is_global_set());
        files.extend(own.flat_map(|arg| files_of(arg, matches)));
    }
    files
}

fn files_of(arg: &Arg, matches: &ArgMatches) -> Vec<NamedFile> {
    // A command that we run has our standard output.
    if arg.is_last_set() && matches.get_raw(arg.get_id().as_str()).is_some() {
        return vec![NamedFile { name: "COMMAND".to_owned(), path: STDOUT.into(), role: Role::Output }];
    }
    let Some(role) = Role::of(arg) else { return Vec::new() };
    let named = |path: PathBuf| NamedFile { name: name(arg, &path), path, role };
    paths(arg, role, matches).into_iter().map(named).collect()
}

fn paths(arg: &Arg, role: Role, matches: &ArgMatches) -> Vec<PathBuf> {
    let id = arg.get_id().as_str();
    match role {
        Role::Input => {
            let given = matches.try_get_many::<PathBuf>(id).ok().flatten().into_iter().flatten().cloned();
            given.chain(body_file(id, matches)).collect()
        }
        Role::Output => {
            let given = matches.try_get_many::<OutputFile>(id).ok().flatten();
            given.into_iter().flatten().map(|file| file.0.clone()).collect()
        }
    }
}

/// The file that the body of a request is read from.
fn body_file(id: &str, matches: &ArgMatches) -> Option<PathBuf> {
    match matches.try_get_one::<RequestBody>(id) {
        Ok(Some(RequestBody::File(path))) => Some(path.clone()),
        _ => None,
    }
}

fn name(arg: &Arg, path: &Path) -> String {
    arg.get_long().map_or_else(|| path.display().to_string(), |long| format!("--{long}"))
}

/// Standard output, as a file's name.
const STDOUT: &str = "-";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn named(words: &str) -> Vec<(String, String, Role)> {
        let matches = Cli::command().try_get_matches_from(words.split(' ')).unwrap();
        let files = named_files(&Cli::command(), &matches).into_iter();
        files.map(|file| (file.name, file.path.display().to_string(), file.role)).collect()
    }

    #[test]
    fn every_file_of_a_command_line_is_found_once() {
        use Role::{Input, Output};
        let own = |name: &str, path: &str, role| (name.to_owned(), path.to_owned(), role);
        assert_eq!(
            named("x probe host -o r.json --cert c.pem --pcap p --junit j"),
            [
                own("--output", "r.json", Output),
                own("--cert", "c.pem", Input),
                own("--pcap", "p", Output),
                own("--junit", "j", Output)
            ]
        );
        assert_eq!(
            named("x load merge a b -o c"),
            [own("--output", "c", Output), own("a", "a", Input), own("b", "b", Input)]
        );
        assert_eq!(named("x certgen --out-dir d"), [], "a folder is no file");
        assert_eq!(
            named("x load h -d @body -o r"),
            [own("--output", "r", Output), own("--data", "body", Input)]
        );
        assert_eq!(named("x load h -d body"), [], "a text is no file");
        assert_eq!(named("x emulate -- true -o x"), [own("COMMAND", "-", Output)]);
    }

    /// A new flag with a path is either an [`OutputFile`], or added here after a look at what is done with the file.
    #[test]
    fn a_path_that_is_no_output_is_known_to_be_read_only() {
        let known = [
            "baseline",
            "cacert",
            "cert",
            "client_ca",
            "client_cert",
            "client_key",
            "data",
            "expect_body_exactly",
            // Of `certgen fleet`, which replaces it by itself with its gaps filled in.
            "file",
            "files",
            "image",
            "key",
            "manifest",
            "passphrase_file",
            "policy",
            "scenario",
            "target_file",
            "wifi_password_file",
        ];
        let mut commands = vec![Cli::command()];
        while let Some(command) = commands.pop() {
            for arg in command.get_arguments().filter(|arg| Role::of(arg) == Some(Role::Input)) {
                assert!(known.contains(&arg.get_id().as_str()), "{} {arg}", command.get_name());
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
