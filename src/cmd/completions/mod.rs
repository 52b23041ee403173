//! `esp-https completions`.

mod candidates;

pub use self::candidates::with_candidates;

use crate::{
    cli::{CompletionsArgs, ShellArg},
    error::{Code, Error, Fault, Result},
    manual::completion::{CompletionScript, Shell},
    report::Console,
};

/// The variable by which a shell asks for candidates; its value is the shell's name.
pub const VARIABLE: &str = "ESP_HTTPS_COMPLETE";

/// Runs `esp-https completions`.
pub(super) fn run(args: CompletionsArgs, console: &mut Console) -> Result<()> {
    let script = CompletionScript::new(shell(args.shell), env!("CARGO_PKG_NAME"), VARIABLE);
    let script = script.map_err(|error| {
        Error::new(Fault::Bug, Code::MAN_TEXT, "making the script for the shell", error.to_string())
            .hint("please report this")
    })?;
    console.result(&script, None)
}

fn shell(arg: ShellArg) -> Shell {
    match arg {
        ShellArg::Bash => Shell::Bash,
        ShellArg::Zsh => Shell::Zsh,
        ShellArg::Fish => Shell::Fish,
        ShellArg::Powershell => Shell::Powershell,
        ShellArg::Elvish => Shell::Elvish,
    }
}
