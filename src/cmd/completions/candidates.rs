//! What a shell is given to complete with where clap's definitions don't know it: ports, hosts, templates, suites and files.

use std::{any::TypeId, fs};

use clap::{Arg, Command, ValueHint};
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use crate::{
    cli::OutputFile,
    cmd::load::{group_names, suite_names},
    device::serial::ports::{PortInfo, list},
    system::folders::HOSTS,
    template::Template,
};

/// Where `emulate` serves unless it is told otherwise.
const EMULATED: &str = "127.0.0.1:8443";

/// Adds to the command line's definition what only this machine knows.
#[must_use]
pub fn with_candidates(command: Command) -> Command {
    let mut command = command.mut_args(with_own);
    let names: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, with_candidates);
    }
    command
}

fn with_own(arg: Arg) -> Arg {
    // A file that is written is a type of ours, whose hint clap does not know.
    if arg.get_value_parser().type_id() == TypeId::of::<OutputFile>() {
        return arg.value_hint(ValueHint::AnyPath);
    }
    match (arg.get_id().as_str(), value_name(&arg).as_str()) {
        (_, "HOST[:PORT]" | "HOST[:PORT][/PATH]") => arg.add(ArgValueCandidates::new(hosts)),
        ("target", "NAME|ADDRESS") => arg.add(ArgValueCandidates::new(targets)),
        ("port" | "ports", "PORT") if arg.get_value_parser().type_id() == TypeId::of::<String>() => {
            arg.add(ArgValueCandidates::new(ports))
        }
        ("name", "NAME") => arg.add(ArgValueCandidates::new(templates)),
        ("suite", _) => arg.add(ArgValueCandidates::new(|| plain(suite_names()))),
        ("group", _) => arg.add(ArgValueCandidates::new(|| plain(group_names()))),
        _ => arg,
    }
}

fn value_name(arg: &Arg) -> String {
    arg.get_value_names().and_then(<[_]>::first).map(ToString::to_string).unwrap_or_default()
}

fn plain<S: ToString>(names: impl IntoIterator<Item = S>) -> Vec<CompletionCandidate> {
    names.into_iter().map(|name| CompletionCandidate::new(name.to_string())).collect()
}

fn ports() -> Vec<CompletionCandidate> {
    let described = |port: PortInfo| CompletionCandidate::new(&port.path).help(Some(port.to_string().into()));
    list().into_iter().map(described).collect()
}

fn templates() -> Vec<CompletionCandidate> {
    let described = |template: &Template| {
        CompletionCandidate::new(template.name).help(Some(template.title().to_owned().into()))
    };
    Template::all().map(|all| all.iter().map(described).collect()).unwrap_or_default()
}

/// Targets that every scenario has, and hosts.
fn targets() -> Vec<CompletionCandidate> {
    let mut found = plain(["emulated", "board"]);
    found.extend(hosts());
    found
}

fn hosts() -> Vec<CompletionCandidate> {
    let known = fs::read_to_string(HOSTS).unwrap_or_default();
    let mut names = host_names(&known);
    names.push(EMULATED);
    plain(names)
}

/// The names in a file as hosts(5) describes it: an address, then names; `#` begins a comment.
fn host_names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for line in text.lines() {
        let entry = line.split('#').next().unwrap_or_default();
        // Groups of IPv6 addresses, which are no hosts, begin so in Debian's file.
        let is_host = |name: &&str| !name.starts_with("ip6-") && !names.contains(name);
        let found: Vec<&str> = entry.split_whitespace().skip(1).filter(is_host).collect();
        names.extend(found);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_hosts_are_read_from_the_system_s_file() {
        let text = "127.0.0.1\tlocalhost\n# a comment 10.0.0.1 x\n\n::1 localhost ip6-localhost\n192.168.1.7 kitchen kitchen.lan # oven\n10.0.0.9";
        assert_eq!(host_names(text), ["localhost", "kitchen", "kitchen.lan"]);
        assert!(host_names("").is_empty());
        assert!(host_names("\0\u{1}# \n#\n").is_empty());
    }
}
