//! The script by which a shell completes a command line: it asks the program itself, which so can name ports and hosts.

use std::io;

use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};
use serde::Serialize;

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
    /// PowerShell.
    Powershell,
    /// Elvish.
    Elvish,
}

/// What a shell has to read.
#[derive(Debug, Serialize)]
pub struct CompletionScript {
    /// The shell that reads it.
    pub shell: Shell,
    /// Its lines.
    pub script: String,
}

impl CompletionScript {
    /// The script for a program that is found on PATH by the name `program`. When the shell asks it, `variable` is set in its
    /// environment to the shell's name.
    ///
    /// # Errors
    /// The script can't be made: a bug.
    pub fn new(shell: Shell, program: &str, variable: &str) -> io::Result<Self> {
        let mut script = Vec::new();
        completer(shell).write_registration(variable, program, program, program, &mut script)?;
        let script = String::from_utf8(script).map_err(io::Error::other)?;
        Ok(Self { shell, script: format!("{}\n", script.trim()) })
    }
}

fn completer(shell: Shell) -> &'static dyn EnvCompleter {
    match shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Powershell => &Powershell,
        Shell::Elvish => &Elvish,
    }
}
