//! `esp-https discover`.

mod explain;
mod plan;
mod run;

use self::plan::DiscoverPlan;
use super::{cert_fault::note_odd_files, runtime};
use crate::{cli::DiscoverArgs, error::Result, report::Console};

/// Runs `esp-https discover`.
pub(super) fn run(args: &DiscoverArgs, console: &mut Console) -> Result<()> {
    let mut odd_files = Vec::new();
    let plan = DiscoverPlan::new(args, &mut odd_files)?;
    note_odd_files(&odd_files, console);
    runtime::run(run::discover(plan, console))
}
