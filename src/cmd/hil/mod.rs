//! `esp-https hil`.

mod asking;
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

use std::path::Path;

use self::{find::ScenarioFile, grammar::ClapGrammar};
use super::runtime;
use crate::{
    cli::{HilArgs, HilVerb},
    error::Result,
    hil::grammar::Grammar,
    report::Console,
};

/// The fields of a scenario.
pub(super) fn grammar(folder: &Path) -> impl Grammar + use<> {
    ClapGrammar::new(folder)
}

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
