//! `esp-https certgen`.

use crate::{
    cli::CertgenArgs,
    error::{Error, Fault, Result},
    report::Console,
};

/// Runs `esp-https certgen`.
pub(super) fn run(_args: &CertgenArgs, _console: &mut Console) -> Result<()> {
    Err(Error::new(Fault::Bug, "not_implemented", "running certgen", "not implemented"))
}
