//! What the arguments ask for, checked before anything takes time.

use std::path::{Path, PathBuf};

use espflash::connection::{ResetAfterOperation, ResetBeforeOperation};

use super::explain;
use crate::{
    cli::{AfterArg, BeforeArg, FlashArgs, LoaderArgs},
    cmd::ports::{self, Every},
    device::{
        chip::Chip,
        flash::{
            job::{Erase, Job, OldRevision, Scope, Skip, Supply, Wait},
            loader::Verify,
            options::{BootloaderOptions, Stub},
        },
        mac::Mac,
        serial::{log::SerialLog, ports::PortInfo},
    },
    error::Result,
    output::{Destination, DestinationKind, Output, Place, Purpose, Use},
    report::Console,
};

/// Whether one board was asked for, or any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Its own error ends the run.
    One,
    /// `--all`, a manifest, or several ports: each has its own error, and the run one of its own.
    Several,
}

/// Which boards, and how.
#[derive(Debug)]
pub(super) struct FlashPlan {
    pub(super) boards: Vec<BoardPlan>,
    pub(super) asked: Asked,
    options: BootloaderOptions,
    expect_mac: Option<Mac>,
    old_revision: OldRevision,
    erase: Erase,
    skip: Skip,
    verify: Verify,
    lock_timeout: std::time::Duration,
    pub(super) wait: Wait,
}

/// One board.
#[derive(Debug)]
pub(super) struct BoardPlan {
    pub(super) port: PortInfo,
    /// Where what it says is to go.
    log_output: Option<Output>,
    /// The same once it is open.
    pub(super) log: Option<SerialLog>,
}

impl FlashPlan {
    /// For boards with `chip`.
    pub(super) fn new(chip: &'static Chip, args: &FlashArgs) -> Result<Self> {
        let expect_mac = args.boards.expect_mac.as_deref().map(str::parse).transpose();
        let wait = wait(args);
        contradictions(args)?;
        let several = args.boards.all || args.boards.manifest.is_some() || args.boards.ports.len() > 1;
        if several && args.after.monitor {
            return Err(explain::monitor_one());
        }
        Ok(Self {
            boards: boards(args)?,
            asked: if several { Asked::Several } else { Asked::One },
            options: options(chip, &args.loader),
            expect_mac: expect_mac.map_err(explain::bad_mac)?,
            old_revision: if args.scope.force { OldRevision::Accept } else { OldRevision::Refuse },
            erase: if args.scope.erase { Erase::All } else { Erase::No },
            skip: if args.loader.no_skip { Skip::No } else { Skip::Unchanged },
            verify: if args.loader.no_verify { Verify::No } else { Verify::ReadBack },
            lock_timeout: args.boards.lock_timeout,
            wait,
        })
    }

    /// Records the ports, and the logs, which are checked.
    pub(super) fn claim(&self, console: &mut Console) -> Result<()> {
        for board in &self.boards {
            console.reads("the port", Path::new(&board.port.path), Use::TalksTo)?;
            if let Some(log) = &board.log_output {
                console.writes(log)?;
                console.check(log, Purpose::Log)?;
            }
        }
        Ok(())
    }

    /// Opens the logs, once all else is ready: a FIFO's reader is waited for.
    pub(super) fn open_logs(&mut self, console: &Console) -> Result<()> {
        for board in &mut self.boards {
            board.log = board.log_output.as_ref().map(|log| ports::serial_log(log, console)).transpose()?;
        }
        Ok(())
    }

    /// What to do with one of the boards.
    pub(super) fn job(&self, board: BoardPlan, supply: Supply, scope: Scope) -> Job {
        Job {
            port: board.port,
            log: board.log,
            supply,
            scope,
            options: self.options,
            expect_mac: self.expect_mac,
            old_revision: self.old_revision,
            erase: self.erase,
            skip: self.skip,
            verify: self.verify,
            lock_timeout: self.lock_timeout,
            wait: self.wait,
        }
    }
}

fn contradictions(args: &FlashArgs) -> Result<()> {
    let stays = matches!(args.loader.after, AfterArg::NoReset | AfterArg::NoResetNoStub);
    match (stays, args.after.monitor, &args.after.serial_log) {
        (true, true, _) => Err(explain::nothing_to_follow("--monitor")),
        (true, false, Some(_)) => Err(explain::nothing_to_follow("--serial-log")),
        _ => Ok(()),
    }
}

fn boards(args: &FlashArgs) -> Result<Vec<BoardPlan>> {
    if args.scope.save_image.is_some() {
        return Ok(Vec::new());
    }
    let every = args.boards.all || args.boards.manifest.is_some();
    let every = if every { Every::LikelyPort } else { Every::No };
    let ports = ports::select(&args.boards.ports, every)?;
    if args.loader.after == AfterArg::WatchdogReset
        && let Some(port) = ports.iter().find(|port| !port.is_in_the_chip())
    {
        return Err(explain::watchdog_reset(&port.path));
    }
    let log = args.after.serial_log.as_ref().map(|file| Output::new("--serial-log", &file.0));
    let sharing =
        if ports.len() == 1 { Sharing::Alone } else { log.as_ref().map_or(Ok(Sharing::Alone), sharing)? };
    let plan = |port: PortInfo| {
        let log_output = log.clone().map(|log| match sharing {
            Sharing::Alone => log,
            Sharing::Own => Output::new(log.flag.as_str(), &named_after(log.path(), &port.path)),
        });
        BoardPlan { port, log_output, log: None }
    };
    Ok(ports.into_iter().map(plan).collect())
}

/// Whose a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    /// It is taken as it is named: there is one board, or it is a device, where nothing is lost.
    Alone,
    /// Each board has a file of its own.
    Own,
}

/// What several boards do with one log.
fn sharing(log: &Output) -> Result<Sharing> {
    let kind = match &log.place {
        Place::Stdout => Some(DestinationKind::Fifo),
        Place::File(path) => Destination::of(path).ok().map(|destination| destination.kind),
    };
    match kind {
        Some(DestinationKind::Device) => Ok(Sharing::Alone),
        Some(DestinationKind::Fifo | DestinationKind::Opened) => Err(explain::one_log(log.path())),
        _ => Ok(Sharing::Own),
    }
}

fn options(chip: &'static Chip, args: &LoaderArgs) -> BootloaderOptions {
    let before = |arg| match arg {
        BeforeArg::DefaultReset => ResetBeforeOperation::DefaultReset,
        BeforeArg::NoReset => ResetBeforeOperation::NoReset,
        BeforeArg::NoResetNoSync => ResetBeforeOperation::NoResetNoSync,
        BeforeArg::UsbReset => ResetBeforeOperation::UsbReset,
    };
    BootloaderOptions {
        chip,
        before: args.before.map(before),
        after: match args.after {
            AfterArg::HardReset => ResetAfterOperation::HardReset,
            AfterArg::NoReset => ResetAfterOperation::NoReset,
            AfterArg::NoResetNoStub => ResetAfterOperation::NoResetNoStub,
            AfterArg::WatchdogReset => ResetAfterOperation::WatchdogReset,
        },
        stub: if args.no_stub { Stub::None } else { Stub::Use },
        baud: args.baud,
    }
}

/// A board that stays in its bootloader never gets ready.
fn wait(args: &FlashArgs) -> Wait {
    let stays = matches!(args.loader.after, AfterArg::NoReset | AfterArg::NoResetNoStub);
    let limit = args.after.wait_ready;
    match (args.after.no_wait || stays, args.after.monitor) {
        (true, _) => Wait::No,
        (false, true) => Wait::Monitor(limit),
        (false, false) => Wait::Ready(limit),
    }
}

/// `board.log` for `/dev/ttyACM0` is `board.ttyACM0.log`.
fn named_after(log: &Path, port: &str) -> PathBuf {
    let port: String = port.trim_start_matches("/dev/").replace('/', "-");
    let extension =
        log.extension().map_or(String::new(), |extension| format!(".{}", extension.to_string_lossy()));
    let stem = log.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
    log.with_file_name(format!("{stem}.{port}{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logs_of_several_boards_are_named_after_their_ports() {
        let named = |log, port| named_after(Path::new(log), port).display().to_string();
        assert_eq!(named("logs/board.log", "/dev/ttyACM0"), "logs/board.ttyACM0.log");
        assert_eq!(named("board", "/dev/pts/3"), "board.pts-3");
    }
}
