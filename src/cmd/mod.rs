//! One file a subcommand: arguments, a plan, the run, the report. Nothing else imports these.

mod board_fault;
mod cert_fault;
mod certgen;
mod emulate;
mod firmware;
mod flash;
mod interrupt;
mod load;
mod monitor;
mod pair;
mod peer_fault;
mod peer_files;
mod ports;
mod probe;
mod provisioning_fault;

use crate::{cli::Command, error::Result, report::Console};

/// Runs the command and reports its result on the console.
///
/// # Errors
/// What the command could not do; `main` renders it and takes the exit code from its fault.
pub fn run(command: &Command, console: &mut Console) -> Result<()> {
    match command {
        Command::Certgen(args) => certgen::run(args, console),
        Command::Flash(args) => flash::run(args, console),
        Command::Monitor(args) => monitor::run(args, console),
        Command::Emulate(args) => emulate::run(args, console),
        Command::Probe(args) => probe::run(args, console),
        Command::Load(args) => load::run(args, console),
    }
}
