//! `esp-https certgen`.

mod ca;
mod clock;
mod explain;
mod fleet;
mod fleet_fault;
mod inspect;
mod issuer;
mod key;
mod maker;
mod passphrase;
mod plan;
mod renew;
mod run;
mod workers;

use crate::{
    cli::{CertgenArgs, CertgenVerb},
    error::Result,
    report::Console,
};

/// Runs `esp-https certgen`.
pub(super) fn run(args: &CertgenArgs, console: &mut Console) -> Result<()> {
    match &args.verb {
        None => run::run(args, console),
        Some(CertgenVerb::Ca(args)) => ca::run(args, console),
        Some(CertgenVerb::Fleet(args)) => fleet::run(args, console),
        Some(CertgenVerb::Inspect(args)) => inspect::run(args, console),
        Some(CertgenVerb::Renew(args)) => renew::run(args, console),
    }
}

/// Reads what is asked for, to find what is wrong with it before a run.
///
/// # Errors
/// What is wrong.
pub(super) fn check_args(args: &CertgenArgs) -> Result<()> {
    plan::request(args).map(drop)
}
