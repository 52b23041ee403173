//! `esp-https probe`.

use crate::{
    cli::ProbeArgs,
    error::{Error, Fault, Result},
    report::Console,
};

/// Runs `esp-https probe`.
pub(super) fn run(_args: &ProbeArgs, _console: &mut Console) -> Result<()> {
    Err(Error::new(Fault::Bug, "not_implemented", "running probe", "not implemented"))
}
