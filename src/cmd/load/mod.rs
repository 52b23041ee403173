//! `esp-https load`.

mod device;
mod explain;
mod files;
mod limit;
mod merge;
mod plan;
mod repeated_load;
mod run;
mod shortcoming;
mod tickets;

pub(super) use self::plan::{group_names, suite_names};

use self::{files::Files, plan::Prepared, run::Run};
use super::{cert_fault::note_odd_files, junit::JunitFile, request, runtime};
use crate::{
    cli::{LoadArgs, LoadVerb},
    error::Result,
    load::remarks,
    report::{Console, Suite},
};

/// Reads what a run is to be, and the files that belong to it, to find what is wrong with them before a run.
///
/// # Errors
/// What is wrong.
pub(super) fn check_args(args: &LoadArgs) -> Result<()> {
    Prepared::new(args).map(drop)
}

/// Runs `esp-https load`.
pub(super) fn run(args: &LoadArgs, console: &mut Console) -> Result<()> {
    if let Some(LoadVerb::Merge(merge)) = &args.verb {
        let junit = JunitFile::new("load merge", merge.junit.as_ref(), console)?;
        let mut suites = Vec::new();
        let ended = merge::merge(merge, &mut suites, console);
        return junit.conclude(ended, &suites, console);
    }
    let junit = JunitFile::new("load", args.junit.as_ref(), console)?;
    let mut suites = Vec::new();
    let ended = runtime::run(load(args, &mut suites, console));
    junit.conclude(ended, &suites, console)
}

/// Loads and reports; adds the suite of the result to `suites`.
async fn load(args: &LoadArgs, suites: &mut Vec<Suite>, console: &mut Console) -> Result<()> {
    let mut interrupts = runtime::interrupts()?;
    request::claim_body("--data", args.request.data.as_ref(), console)?;
    let prepared = Prepared::new(args)?;
    note_odd_files(&prepared.odd_files, console);
    let mut files = Files::open(args, console)?;
    if args.find_limit {
        return limit::find(args, &prepared, &mut interrupts, suites, console, files).await;
    }
    let finished = Run::new(&prepared).run(&mut interrupts, console, &mut files).await?;
    let mut summary = finished.summary;
    summary.findings = remarks::findings(&summary);
    summary.warnings = remarks::warnings(&summary);
    summary.gates = prepared.gates.iter().map(|gate| gate.judge(&finished.totals, &summary)).collect();
    let error = finished.error.or_else(|| shortcoming::of_run(&summary, Some(&prepared.timeouts)));
    suites.push(Suite::of_run(&summary, error.as_ref()));
    console.result(&summary, error.as_ref())?;
    files.write_histograms(&summary, console)?;
    files.write(&summary, console)?;
    error.map_or(Ok(()), Err)
}
