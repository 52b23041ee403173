//! `esp-https hil`.

mod bench;
mod check;
mod explain;
mod find;
mod grammar;
mod older;
mod out;
mod plan;
mod progress;
mod reports;
mod run;
mod target;

use self::find::ScenarioFile;
use super::runtime;
use crate::{
    cli::{HilArgs, HilVerb},
    error::Result,
    report::Console,
};

/// Runs `esp-https hil`.
pub(super) fn run(args: &HilArgs, console: &mut Console) -> Result<()> {
    match &args.verb {
        Some(HilVerb::Check(check)) => check::check(&ScenarioFile::find(check.scenario.as_deref())?, console),
        Some(HilVerb::Plan(plan)) => {
            let file = ScenarioFile::find(plan.scenario.as_deref())?;
            plan::plan(&file, plan.target.target.as_deref(), console)
        }
        None => {
            let file = ScenarioFile::find(args.scenario.as_deref())?;
            runtime::run(run::run(args, &file, console))
        }
    }
}
