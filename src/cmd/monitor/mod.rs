//! `esp-https monitor`.

mod explain;
mod failure;
mod plan;
mod run;

use self::plan::MonitorPlan;
use super::runtime;
use crate::{cli::MonitorArgs, error::Result, report::Console};

/// Runs `esp-https monitor`.
pub(super) fn run(args: &MonitorArgs, console: &mut Console) -> Result<()> {
    let plan = MonitorPlan::new(args, console)?;
    runtime::run(run::monitor(plan, console))
}
