//! `esp-https completions` and `esp-https man` on the command line.

use clap::{Args, ValueEnum};

/// `esp-https completions`.
#[derive(Debug, Clone, Copy, Args)]
#[command(before_help = COMPLETIONS_EXAMPLES)]
pub struct CompletionsArgs {
    /// The shell that is to complete what is typed
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: ShellArg,
}

/// Shells that can complete a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShellArg {
    /// GNU bash, 4.4 or newer
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
    /// PowerShell
    Powershell,
    /// Elvish
    Elvish,
}

/// `esp-https man`.
#[derive(Debug, Clone, Args)]
#[command(before_help = MAN_EXAMPLES)]
pub struct ManArgs {
    /// The command whose page is wanted, as in `load merge`; without it, the page of esp-https itself
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Print the names of all pages, one a line
    #[arg(long, conflicts_with = "command")]
    pub list: bool,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  source <(esp-https completions bash)    a line for ~/.bashrc
  source <(esp-https completions zsh)     a line for ~/.zshrc, after compinit
  esp-https completions fish > ~/.config/fish/completions/esp-https.fish
  esp-https completions powershell >> $PROFILE
";

const MAN_EXAMPLES: &str = "\
Examples:
  esp-https man | man -l -          read the manual page of esp-https
  esp-https man probe | man -l -    and that of a command
  esp-https man probe > esp-https-probe.1
";
