//! A folder for each subcommand, with the same files in each: `plan` (from arguments to what is to be done), `run` (does
//! it), `explain` (its errors, for a person) and `mod` (the way in). Nothing but `main` imports these.

mod board_fault;
mod cert_advice;
mod cert_fault;
mod certgen;
mod completions;
mod discover;
mod doctor;
mod emulate;
mod firmware;
mod flash;
mod help;
mod hil;
mod init;
mod junit;
mod load;
mod man;
mod monitor;
mod pair;
mod peer_fault;
mod peer_files;
mod ports;
mod probe;
mod provisioning_fault;
mod request;
mod request_fault;
mod runtime;

pub use self::{
    completions::{VARIABLE as COMPLETIONS_VARIABLE, with_candidates},
    help::with_accepted_values,
};

use std::{ffi::OsStr, path::Path};

use crate::{cert::pem::is_private_key, cli::Command, error::Result, hil::grammar::Grammar, report::Console};

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
        Command::Discover(args) => discover::run(args, console),
        Command::Doctor(args) => doctor::run(args, console),
        Command::Hil(args) => hil::run(args, console),
        Command::Init(args) => init::run(args, console),
        Command::Completions(args) => completions::run(*args, console),
        Command::Man(args) => man::run(args, console),
    }
}

/// The fields that a scenario of `hil` may have, whose paths count from this folder: the flags of the commands.
#[must_use]
pub fn scenario_grammar(folder: &Path) -> impl Grammar + use<> {
    hil::grammar(folder)
}

/// The first word of the command line, or variable that names something to us, that is a private key instead. It must be
/// asked for before anything reads these, which would repeat it in an error.
#[must_use]
pub fn misplaced_key() -> Option<String> {
    let is_key = |text: &OsStr| is_private_key(text.as_encoded_bytes());
    if std::env::args_os().any(|word| is_key(&word)) {
        return Some("one of the arguments".to_owned());
    }
    let holds_key = |name: &&&str| std::env::var_os(name).is_some_and(|value| is_key(&value));
    NAMING_VARIABLES.iter().find(holds_key).map(|name| format!("the variable {name}"))
}

/// The variables whose values errors and prompts repeat. Any other variable of the user's may hold a key.
const NAMING_VARIABLES: [&str; 4] =
    ["ESPFLASH_PORT", "ESPFLASH_BAUD", "ESP_HTTPS_WIFI_SSID", "ESP_HTTPS_CACHE_DIR"];
