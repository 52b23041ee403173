//! Has a command read its arguments as it does before it does anything else, and nothing more: no board, no server and no file to be
//! written is touched.

use clap::Parser as _;

use crate::{
    cli::{Cli, Command},
    cmd::{certgen, emulate, flash, load, probe},
    error::Error,
};

/// What the command says about these arguments; `None` when it would begin with its work. What clap says about them is another matter.
pub(super) fn refused(line: &[String]) -> Option<Error> {
    let cli = Cli::try_parse_from(line).ok()?;
    let checked = match &cli.command {
        Command::Certgen(args) => certgen::check_args(args),
        Command::Flash(args) => flash::check_args(args),
        Command::Emulate(args) => emulate::check_args(args),
        Command::Probe(args) => probe::check_args(args),
        Command::Load(args) => load::check_args(args),
        _ => Ok(()),
    };
    checked.err()
}
