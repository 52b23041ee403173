//! `esp-https certgen`.

mod explain;
mod key;
mod plan;
mod run;

pub(super) use self::run::run;

use crate::{cli::CertgenArgs, error::Result};

/// Reads what is asked for, to find what is wrong with it before a run.
///
/// # Errors
/// What is wrong.
pub(super) fn check_args(args: &CertgenArgs) -> Result<()> {
    plan::request(args).map(drop)
}
