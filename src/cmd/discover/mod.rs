//! `esp-https discover`.

mod explain;
mod plan;
mod run;

use self::plan::DiscoverPlan;
use super::{cert_fault::note_odd_files, runtime};
use crate::{cli::DiscoverArgs, discover::Discovery, error::Result, report::Console};

/// Runs `esp-https discover`.
pub(super) fn run(args: &DiscoverArgs, console: &mut Console) -> Result<()> {
    runtime::run(discover(args, console))
}

async fn discover(args: &DiscoverArgs, console: &mut Console) -> Result<()> {
    let mut interrupts = runtime::interrupts()?;
    let args = args.clone();
    // A file may be a FIFO that nobody writes to.
    let read = runtime::in_background("reading the certificates", move || {
        let mut odd_files = Vec::new();
        Ok((DiscoverPlan::new(&args, &mut odd_files)?, odd_files))
    });
    let (plan, odd_files) =
        interrupts.or(read).await.map_err(|signal| explain::stopped(signal, &Discovery::default()))??;
    note_odd_files(&odd_files, console);
    run::discover(plan, interrupts, console).await
}
