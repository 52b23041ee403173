//! `esp-https emulate`.

mod explain;
mod identity;
mod plan;
mod session;

use self::{identity::Identity, plan::Plan, session::Session};
use super::{cert_fault::note_odd_files, pair, ports::serial_log};
use crate::interrupt::{Interrupts, in_background};
use crate::{
    cli::EmulateArgs,
    error::Result,
    output::{Output, Purpose, Use},
    report::Console,
};

/// Runs `esp-https emulate`. It always ends with an error, since a board that serves is ended by Ctrl-C only.
pub(super) fn run(args: &EmulateArgs, console: &mut Console) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(explain::runtime)?;
    runtime.block_on(emulate(args, console))
}

async fn emulate(args: &EmulateArgs, console: &mut Console) -> Result<()> {
    let mut interrupts = Interrupts::listen().map_err(explain::runtime)?;
    let mut session = Session::new();
    let (mut plan, identity) = match interrupts.or(prepare(args, console)).await {
        Ok(prepared) => prepared?,
        Err(signal) => return Err(session.stopped_by(signal)),
    };
    let outcome = interrupts.or(session.run(&mut plan, &identity, console)).await;
    session.switch_off().await;
    outcome.unwrap_or_else(|signal| Err(session.stopped_by(signal)))
}

/// Opens and reads what the arguments name. A pipe among it may keep us waiting, so that happens beside this thread.
async fn prepare(args: &EmulateArgs, console: &mut Console) -> Result<(Plan, Identity)> {
    pair::claim(args.cert.as_deref(), console)?;
    if let Some(folder) = &args.firmware_dir {
        console.reads("--firmware-dir", folder, Use::ReadsFolder)?;
    }
    let log = args.serial_log.as_ref().map(|file| Output::new("--serial-log", &file.0));
    log.iter().try_for_each(|log| console.check(log, Purpose::Log))?;
    let given = args.clone();
    let plan = in_background(move || Plan::new(&given)).map_err(explain::runtime)?;
    let mut plan = plan.await.map_err(explain::lost)??;
    let sources = identity::Sources::of(args, console)?;
    let identity = in_background(move || Identity::read(&sources)).map_err(explain::runtime)?;
    let identity = identity.await.map_err(explain::lost)??;
    note_odd_files(identity.image.odd_files(), console);
    plan.log = log.map(|log| serial_log(&log, console)).transpose()?;
    Ok((plan, identity))
}
