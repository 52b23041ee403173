//! `esp-https emulate`.

mod command;
mod explain;
mod identity;
mod plan;
mod run;

use self::{command::UserCommand, identity::EmulatedIdentity, plan::EmulatePlan, run::Session};
use super::{cert_fault::note_odd_files, pair, ports::serial_log, runtime};
use crate::{
    cli::EmulateArgs,
    error::Result,
    interrupt::{Interrupts, Signal},
    output::{Output, Purpose, Use},
    report::Console,
};

/// Reads what the board is to get, as far as that is named, to find what is wrong with it before a run.
///
/// # Errors
/// What is wrong.
pub(super) fn check_args(args: &EmulateArgs) -> Result<()> {
    identity::check_args(args)
}

/// Runs `esp-https emulate`. Without a command it always ends with an error, since a board that serves is ended by Ctrl-C only.
pub(super) fn run(args: &EmulateArgs, console: &mut Console) -> Result<()> {
    runtime::run(emulate(args, console))
}

async fn emulate(args: &EmulateArgs, console: &mut Console) -> Result<()> {
    let mut interrupts = runtime::interrupts()?;
    let mut session = Session::new();
    let command = UserCommand::of(&args.command)?;
    let (mut plan, identity) = match interrupts.or(prepare(args, console)).await {
        Ok(prepared) => prepared?,
        Err(signal) => return Err(session.stopped_by(signal)),
    };
    let outcome = match &command {
        None => interrupts.or(session.run(&mut plan, &identity, console)).await,
        Some(command) => {
            with_command(command, &mut session, &mut plan, &identity, &mut interrupts, console).await
        }
    };
    session.switch_off().await;
    outcome.unwrap_or_else(|signal| Err(session.stopped_by(signal)))
}

/// Runs the command with the board, and reports on both when it has ended. Signals that come then are the command's.
async fn with_command(
    command: &UserCommand,
    session: &mut Session,
    plan: &mut EmulatePlan,
    identity: &EmulatedIdentity,
    interrupts: &mut Interrupts,
    console: &mut Console,
) -> std::result::Result<Result<()>, Signal> {
    let mut board = match interrupts.or(session.serve(plan, identity, console)).await? {
        Ok(board) => board,
        Err(error) => return Ok(Err(error)),
    };
    let (ended, error) = command.run(&board, session, interrupts, console).await;
    session.switch_off().await;
    if let Some(ended) = &ended {
        console.pass_on(ended.exit_code);
    }
    board.command = ended;
    let reported = console.result(&board, error.as_ref());
    Ok(error.map_or(reported, Err))
}

/// Opens and reads the files that the arguments name. A pipe may block, so this happens in another thread.
async fn prepare(args: &EmulateArgs, console: &mut Console) -> Result<(EmulatePlan, EmulatedIdentity)> {
    pair::claim(args.cert.as_deref(), console)?;
    if let Some(folder) = &args.firmware_dir {
        console.reads("--firmware-dir", folder, Use::ReadsFolder)?;
    }
    if let Some(folder) = &args.site {
        console.reads("--site", folder, Use::ReadsFolder)?;
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
