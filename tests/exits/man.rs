//! `man` and `completions`.

use crate::bench::Exits;

#[test]
fn every_exit_of_man_has_a_valid_document() {
    let mut exits = Exits::of("man");
    exits.ends(0, "-", "");
    exits.ends(0, "-", "--list");
    exits.ends(0, "-", "load merge");
    exits.ends(0, "-", "load-merge");
    exits.ends(2, "man.unknown_page", "prob");
    exits.ends(2, "usage.command_line", "b?ytes");
    exits.ends(2, "usage.command_line", "--list probe");
    exits.are_all_valid(7);
}

#[test]
fn every_exit_of_completions_has_a_valid_document() {
    let mut exits = Exits::of("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        exits.ends(0, "-", shell);
    }
    exits.ends(2, "usage.command_line", "");
    exits.ends(2, "usage.command_line", "csh");
    exits.are_all_valid(7);
}
