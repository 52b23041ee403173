//! What the arguments ask for, checked before the board is asked for anything.

use std::{path::Path, time::Duration};

use crate::{
    cli::MonitorArgs,
    cmd::ports,
    device::{
        serial::{log::SerialLog, ports::PortInfo},
        watch::Start,
    },
    error::Result,
    output::{Output, Purpose, Use},
    report::Console,
};

/// Which board, and how long.
pub(super) struct MonitorPlan {
    pub(super) port: PortInfo,
    pub(super) log: Option<SerialLog>,
    /// Whether we restart the board first.
    pub(super) start: Start,
    pub(super) lock_timeout: Duration,
    pub(super) span: Span,
}

/// How long to listen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Span {
    UntilReady(Duration),
    For(Duration),
    UntilStopped,
}

impl MonitorPlan {
    /// Chooses the port and opens the log, for which a FIFO's reader is waited for.
    pub(super) fn new(args: &MonitorArgs, console: &mut Console) -> Result<Self> {
        let port = ports::select_one(args.port.as_deref())?;
        console.reads("the port", Path::new(&port.path), Use::TalksTo)?;
        let log = args.serial_log.as_ref().map(|file| Output::new("--serial-log", &file.0));
        log.iter().try_for_each(|log| console.check(log, Purpose::Log))?;
        let log = log.map(|log| ports::serial_log(&log, console)).transpose()?;
        let start = if args.reset { Start::Ours } else { Start::Unknown };
        Ok(Self { port, log, start, lock_timeout: args.lock_timeout, span: Span::of(args) })
    }
}

impl Span {
    fn of(args: &MonitorArgs) -> Self {
        match (args.until_ready, args.limit) {
            (true, limit) => Self::UntilReady(limit.unwrap_or(READY_WITHIN)),
            (false, Some(limit)) => Self::For(limit),
            (false, None) => Self::UntilStopped,
        }
    }
}

const READY_WITHIN: Duration = Duration::from_secs(30);
