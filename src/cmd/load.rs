//! `esp-https load`.

mod device;
mod explain;
mod limit;
mod prepare;
mod request;
mod run;

use std::io;

use tokio::runtime;

use self::{prepare::Prepared, run::Run};
use super::interrupt::Interrupts;
use crate::{
    cli::LoadArgs,
    error::{Error, Fault, Result},
    load::{remarks, summary::Summary},
    report::Console,
};

/// Runs `esp-https load`.
pub(super) fn run(args: &LoadArgs, console: &mut Console) -> Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)?;
    let outcome = runtime.block_on(load(args, console));
    // A name service that does not answer can't be cancelled, and must not keep the person waiting.
    runtime.shutdown_background();
    outcome
}

async fn load(args: &LoadArgs, console: &mut Console) -> Result<()> {
    let mut interrupts = Interrupts::listen().map_err(no_runtime)?;
    let prepared = Prepared::new(args)?;
    if args.find_limit {
        return limit::find(args, &prepared, &mut interrupts, console).await;
    }
    let finished = Run::new(&prepared).run(&mut interrupts, console).await?;
    let mut summary = finished.summary;
    summary.findings = remarks::findings(&summary);
    summary.warnings = remarks::warnings(&summary);
    summary.gates = prepared.gates.iter().map(|gate| gate.judge(&finished.totals, &summary)).collect();
    conclude(&summary, finished.interrupted, console)
}

/// Shows the summary, and says by the error what the exit code is to be.
fn conclude(summary: &Summary, interrupted: Option<Error>, console: &mut Console) -> Result<()> {
    let error = interrupted.or_else(|| explain::shortcoming(summary));
    console.result(summary, error.as_ref())?;
    error.map_or(Ok(()), Err)
}

fn no_runtime(error: io::Error) -> Error {
    Error::new(Fault::Environment, "load.runtime", "preparing to load", error.to_string()).source(error)
}
