//! `esp-https emulate`.

mod explain;
mod identity;
mod plan;
mod session;

use self::{identity::Identity, plan::Plan, session::Session};
use super::interrupt::Interrupts;
use crate::{cli::EmulateArgs, error::Result, report::Console};

/// Runs `esp-https emulate`. It always ends with an error, since a board that serves is ended by Ctrl-C only.
pub(super) fn run(args: &EmulateArgs, console: &mut Console) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(explain::runtime)?;
    runtime.block_on(emulate(args, console))
}

async fn emulate(args: &EmulateArgs, console: &mut Console) -> Result<()> {
    let mut interrupts = Interrupts::listen().map_err(explain::runtime)?;
    let mut plan = Plan::new(args)?;
    let identity = Identity::of(args, console)?;
    let mut session = Session::default();
    let outcome = interrupts.or(session.run(&mut plan, &identity, console)).await;
    session.switch_off().await;
    outcome.unwrap_or_else(|signal| Err(session.stopped_by(signal)))
}
