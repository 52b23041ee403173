//! `esp-https emulate`.

mod explain;
mod identity;
mod plan;
mod run;

use self::{identity::EmulatedIdentity, plan::EmulatePlan, run::Session};
use super::{cert_fault::note_odd_files, pair, ports::serial_log, runtime};
use crate::{
    cli::EmulateArgs,
    error::Result,
    output::{Output, Purpose, Use},
    report::Console,
};

/// Runs `esp-https emulate`. It always ends with an error, since a board that serves is ended by Ctrl-C only.
pub(super) fn run(args: &EmulateArgs, console: &mut Console) -> Result<()> {
    runtime::run(emulate(args, console))
}

async fn emulate(args: &EmulateArgs, console: &mut Console) -> Result<()> {
    let mut interrupts = runtime::interrupts()?;
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
async fn prepare(args: &EmulateArgs, console: &mut Console) -> Result<(EmulatePlan, EmulatedIdentity)> {
    pair::claim(args.cert.as_deref(), console)?;
    if let Some(folder) = &args.firmware_dir {
        console.reads("--firmware-dir", folder, Use::ReadsFolder)?;
    }
    let log = args.serial_log.as_ref().map(|file| Output::new("--serial-log", &file.0));
    log.iter().try_for_each(|log| console.check(log, Purpose::Log))?;
    let given = args.clone();
    let mut plan = runtime::in_background(PREPARING, move || EmulatePlan::new(&given)).await?;
    let files = identity::IdentityFiles::of(args, console)?;
    let identity = runtime::in_background(PREPARING, move || EmulatedIdentity::read(&files)).await?;
    note_odd_files(identity.image.odd_files(), console);
    plan.log = log.map(|log| serial_log(&log, console)).transpose()?;
    Ok((plan, identity))
}

const PREPARING: &str = "preparing the emulated board";
