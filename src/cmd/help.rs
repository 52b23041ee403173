//! What an option accepts, added to its help: the command line's own definitions know nothing of the project, and a list
//! that is typed a second time becomes wrong when the first one changes.

use clap::Command;

use super::load;
use crate::{device::board_variables::BOARD_VARIABLES, load::gate};

/// The command line's definition with the lists of accepted values in the help of its verbs.
#[must_use]
pub fn with_accepted_values(command: Command) -> Command {
    let figures = format!("What --fail-if accepts:\n{}", indented(&gate::accepted()));
    let names = format!(
        "Cipher suites of --suite:\n{}\n\nGroups of --group:\n{}",
        indented(&load::suite_names().join("\n")),
        indented(&load::group_names().join("\n"))
    );
    let variables: Vec<_> =
        BOARD_VARIABLES.iter().map(|(name, meaning)| format!("{name:<22}{meaning}")).collect();
    let variables = format!("Variables in the environment of COMMAND:\n{}", indented(&variables.join("\n")));
    let command = command.mut_subcommand("emulate", |emulate| emulate.after_help(variables));
    command.mut_subcommand("load", |load| {
        load.after_help(format!("{figures}\n\n{names}"))
            .mut_subcommand("merge", |merge| merge.after_help(figures))
    })
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn help(words: &[&str]) -> String {
        let mut command = with_accepted_values(Cli::command());
        command.build();
        let found = words.iter().fold(&mut command, |found, word| found.find_subcommand_mut(word).unwrap());
        found.render_help().to_string()
    }

    #[test]
    fn the_help_of_a_run_and_of_a_merge_list_what_a_gate_may_hold() {
        for words in [&["load"][..], &["load", "merge"]] {
            let help = help(words);
            for line in gate::accepted().lines() {
                assert!(
                    help.contains(&format!("\n  {line}\n")) || help.ends_with(&format!("\n  {line}")),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn examples_and_lists_fit_a_terminal_of_80_columns() {
        let mut commands = vec![with_accepted_values(Cli::command())];
        while let Some(command) = commands.pop() {
            let texts = [command.get_before_help(), command.get_after_help()];
            for line in
                texts.into_iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join("\n").lines()
            {
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }

    #[test]
    fn the_help_of_a_run_lists_the_suites_and_groups_that_can_be_offered() {
        let help = help(&["load"]);
        for name in load::suite_names().iter().chain(&load::group_names()) {
            assert!(help.contains(&format!("\n  {name}")), "{name}");
        }
        assert!(help.contains("\n  TLS_AES_128_GCM_SHA256\n") && help.contains("\n  x25519\n"), "{help}");
    }
}
