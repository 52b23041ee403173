//! `esp-https doctor`.

mod explain;
mod plan;
mod run;

use self::plan::DoctorPlan;
use super::runtime;
use crate::{cli::DoctorArgs, error::Result, report::Console};

/// Runs `esp-https doctor`.
pub(super) fn run(args: &DoctorArgs, console: &mut Console) -> Result<()> {
    runtime::run(doctor(args, console))
}

async fn doctor(args: &DoctorArgs, console: &mut Console) -> Result<()> {
    let interrupts = runtime::interrupts()?;
    match DoctorPlan::new(args, interrupts.stop(), console)? {
        DoctorPlan::Clean => run::clean(console),
        DoctorPlan::Check { verbs, surroundings, asked } => {
            run::check(&verbs, surroundings, asked, interrupts, console).await
        }
    }
}
