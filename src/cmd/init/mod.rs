//! `esp-https init`.

mod explain;
mod plan;
mod run;

use self::plan::InitPlan;
use crate::{cli::InitArgs, error::Result, report::Console};

/// Runs `esp-https init`.
pub(super) fn run(args: &InitArgs, console: &mut Console) -> Result<()> {
    match InitPlan::new(args)? {
        InitPlan::List(listing) => console.result(&listing, None),
        InitPlan::Write(files) => run::write(&files, console),
    }
}
