//! Manual pages, in the roff language of man(7).

use std::io;

use clap::Command;
use clap_mangen::{
    Man,
    roff::{Roff, roman},
};
use serde::Serialize;

/// A manual page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The page's name, e.g. `esp-https-load-merge`.
    pub name: String,
    /// Its section: 1, commands.
    pub section: u8,
    /// The page for man.
    pub roff: String,
}

/// The names of all pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageNames {
    /// In alphabetical order, the program's own first.
    pub pages: Vec<String>,
}

impl PageNames {
    /// The pages of a command and of all below it.
    #[must_use]
    pub fn new(command: &Command) -> Self {
        let mut pages: Vec<String> = all(command).into_iter().map(|(name, _)| name).collect();
        pages.sort_unstable();
        Self { pages }
    }
}

impl Page {
    /// The page of the command that is called `name`, e.g. `load-merge`, with or without the program's name before it; an empty name
    /// is the program's own. `None` when there is no such command.
    ///
    /// # Errors
    /// The page can't be made: a bug.
    pub fn new(command: &Command, name: &str) -> io::Result<Option<Self>> {
        let program = command.get_name();
        let name = if name.is_empty() { program } else { name };
        let wanted = [name.to_owned(), format!("{program}-{name}")];
        let found = all(command).into_iter().find(|(name, _)| wanted.contains(name));
        found.map(|(name, command)| page(name, command)).transpose()
    }
}

/// Each command with the name of its page, the program first.
fn all(command: &Command) -> Vec<(String, Command)> {
    let mut command = command.clone();
    command.build();
    let mut found = Vec::new();
    collect(&command, command.get_name(), &mut found);
    found
}

fn collect(command: &Command, name: &str, found: &mut Vec<(String, Command)>) {
    found.push((name.to_owned(), command.clone()));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        collect(below, &format!("{name}-{}", below.get_name()), found);
    }
}

fn page(name: String, command: Command) -> io::Result<Page> {
    let examples = command.get_before_help().cloned();
    let lists = command.get_after_help().cloned();
    let source = format!("esp-https {}", command.get_version().unwrap_or_default());
    let has_commands = command.has_subcommands();
    let man = Man::new(command.display_name(&name)).title(name.to_uppercase()).source(source);
    let mut roff = Vec::new();
    man.render_title(&mut roff)?;
    man.render_name_section(&mut roff)?;
    man.render_synopsis_section(&mut roff)?;
    man.render_description_section(&mut roff)?;
    if let Some(examples) = examples {
        verbatim("EXAMPLES", without_heading(&examples.to_string()), &mut roff)?;
    }
    if has_commands {
        man.render_subcommands_section(&mut roff)?;
    }
    man.render_options_section(&mut roff)?;
    if let Some(lists) = lists {
        verbatim("VALUES", &lists.to_string(), &mut roff)?;
    }
    let roff = String::from_utf8(roff).map_err(io::Error::other)?;
    Ok(Page { name, section: 1, roff })
}

/// The help's own heading says what the section's says already.
fn without_heading(text: &str) -> &str {
    text.strip_prefix("Examples:\n").unwrap_or(text)
}

/// Lines that are shown as they are.
fn verbatim(heading: &str, text: &str, out: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [heading]).control("nf", []);
    roff.text([roman(text.trim_end().to_owned() + "\n")]);
    roff.control("fi", []);
    roff.to_writer(out)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_page_is_found_by_either_name_and_an_empty_one_is_the_program_s() {
        let name = |wanted: &str| Page::new(&Cli::command(), wanted).unwrap().map(|page| page.name);
        assert_eq!(name("load-merge"), name("esp-https-load-merge"));
        assert_eq!(name("load-merge").as_deref(), Some("esp-https-load-merge"));
        assert_eq!(name(""), name("esp-https"));
        for unknown in ["merge", "load-", "esp-https-", "esp-https-esp-https", "-", "load merge"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_command_and_every_flag_has_its_place_in_a_page() {
        let command = Cli::command();
        let names = PageNames::new(&command).pages;
        assert!(names.len() > 10 && names[0] == "esp-https", "{names:?}");
        for name in names {
            let page = Page::new(&command, &name).unwrap().unwrap();
            assert_eq!((page.name.as_str(), page.section), (name.as_str(), 1));
            let (_, command) = all(&command).into_iter().find(|(found, _)| *found == name).unwrap();
            for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
                assert!(page.roff.contains(&flag.replace('-', "\\-")), "{name}: --{flag}");
            }
            assert_eq!(page.roff.contains("EXAMPLES"), command.get_before_help().is_some(), "{name}");
        }
    }
}
