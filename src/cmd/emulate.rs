//! `esp-https emulate`.

use crate::{
    cli::EmulateArgs,
    error::{Error, Fault, Result},
    report::Console,
};

/// Runs `esp-https emulate`.
pub(super) fn run(_args: &EmulateArgs, _console: &mut Console) -> Result<()> {
    Err(Error::new(Fault::Bug, "not_implemented", "running emulate", "not implemented"))
}
