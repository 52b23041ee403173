//! Does the steps of a scenario on a board: each command of ours in a process of its own, as a user would run it.

mod background;
mod check_serial;
mod child;
mod command;
mod device;
mod load;
mod peer;
mod power;
mod private;
mod serial;
mod verb;

pub(super) use self::{
    device::{BoardDevice, BoardRow, Device, EmulatedDevice},
    private::PrivateFolder,
};

use std::{
    path::{Path, PathBuf},
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use self::{child::How, serial::LogFollower};
use crate::{
    error::{Code, Fault},
    hil::{
        classify::{Served, is_unreachable},
        context::Context,
        grammar::Flag,
        kind::StepKind,
        log_event::{Blame, LogEvent},
        outcome::{BoardRun, StepError},
        planned::left_out,
        runner::{Attempt, Bench},
        scenario::Step,
        shown::{MadePair, line_without_secret},
    },
    interrupt::{Interrupts, Signal},
};

/// One board and all that the steps on it need.
pub(super) struct HilBench<'a> {
    pub(super) context: Context,
    device: Device,
    paths: Paths,
    interrupts: &'a mut Interrupts,
    log: LogFollower,
    since: Instant,
    /// The fields that each kind may have.
    fields: &'a dyn Fn(StepKind) -> Vec<Flag>,
    note: &'a dyn Fn(&str),
    /// The pairs that steps have made.
    made: Vec<MadePair>,
    /// The signal that ended a hook, for the attempt that would follow it.
    stopped: Option<Signal>,
}

/// Where a run reads and writes.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    /// This program.
    pub(super) program: PathBuf,
    /// The folder of the scenario.
    pub(super) scenario: PathBuf,
    /// The folder of this board's files; absolute.
    pub(super) out: PathBuf,
    /// What is in front of the names of files in the result: empty, or the board's folder with a slash.
    pub(super) prefix: String,
    /// What must not stay.
    pub(super) private: Rc<PrivateFolder>,
}

impl Paths {
    /// The serial log.
    pub(super) fn serial_log(&self) -> PathBuf {
        self.out.join("serial.log")
    }

    /// A file of a step: `02-handshake.json`.
    fn of_step(&self, index: usize, step: &Step, ending: &str) -> String {
        format!("{:02}-{}{ending}", index + 1, step.name)
    }
}

impl<'a> HilBench<'a> {
    /// A bench for one board. Must be called in a tokio runtime.
    pub(super) fn new(
        context: Context,
        device: Device,
        paths: Paths,
        interrupts: &'a mut Interrupts,
        since: Instant,
        fields: &'a dyn Fn(StepKind) -> Vec<Flag>,
        note: &'a dyn Fn(&str),
    ) -> std::io::Result<Self> {
        let log = LogFollower::start(&paths.serial_log(), since)?;
        let mut bench = Self {
            context,
            device,
            paths,
            interrupts,
            log,
            since,
            fields,
            note,
            made: Vec::new(),
            stopped: None,
        };
        bench.follow_port();
        Ok(bench)
    }

    /// Ends what runs.
    pub(super) async fn close(&mut self) {
        self.device.close().await;
    }

    /// A step that a signal or its time has ended, whatever its command says about that.
    fn cut(how: How, step: &Step, limit: Duration) -> Option<StepError> {
        match how {
            How::ByItself => None,
            How::TimeOver => Some(timed_out(step, limit)),
            How::Stopped(signal) => Some(stopped(step, signal)),
        }
    }

    /// Waits until a condition holds; `Err` with what ended the wait.
    async fn until(&mut self, limit: Duration, condition: impl Fn(&Self) -> bool) -> Result<(), How> {
        let since = Instant::now();
        while !condition(self) {
            if since.elapsed() >= limit {
                return Err(How::TimeOver);
            }
            if let Err(signal) = self.interrupts.or(sleep(MOMENT)).await {
                return Err(How::Stopped(signal));
            }
        }
        Ok(())
    }
}

impl Bench for HilBench<'_> {
    fn skips(&self, step: &Step) -> Option<String> {
        left_out(step.kind, self.device.kind())
    }

    async fn attempt(&mut self, step: &Step, index: usize, limit: Duration) -> Attempt {
        if let Some(signal) = self.stopped.take() {
            return failed(stopped(step, signal));
        }
        match step.kind {
            StepKind::Certgen => self.certgen(step, index, limit).await,
            StepKind::Flash => self.flash(step, index, limit).await,
            StepKind::Ready => self.ready(step, limit).await,
            StepKind::Probe | StepKind::Http => self.probe(step, index, limit).await,
            StepKind::Load => self.load(step, index, limit).await,
            StepKind::Soak => self.soak(step, index, limit).await,
            StepKind::Serial => self.serial(step, limit).await,
            StepKind::Restart => self.restart(step, index, limit).await,
            StepKind::Wait => self.wait(step, limit).await,
            StepKind::Run => self.command(step, index, limit).await,
        }
    }

    async fn events(&mut self, error: Option<&StepError>) -> Vec<LogEvent> {
        let has_serial = !matches!(self.device, Device::Address { .. });
        let patience = match error {
            Some(error) if has_serial && is_unreachable(error) => FAULT_PERIOD,
            Some(_) if has_serial => Duration::from_millis(300),
            _ => Duration::ZERO,
        };
        let is_told =
            |bench: &Self| bench.log.look(|log| log.events().iter().any(|event| event.blame != Blame::None));
        // Whatever ends the wait, what has come by then counts.
        let _ = self.until(patience, is_told).await;
        self.log.look(|log| log.take_events())
    }

    async fn recover(&mut self, command: &str) {
        if self.stopped.is_none() {
            self.stopped = recover(command, &self.paths.scenario, self.interrupts, self.note).await;
        }
    }

    fn served(&self) -> Served {
        let (is_lost, is_ready) = self.log.look(|log| (log.is_lost(), log.ready().is_some()));
        match self.context.served {
            _ if is_lost => Served::Lost,
            _ if is_ready => Served::Yes,
            told => told,
        }
    }

    fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    fn describe(&self, run: &mut BoardRun) {
        run.board = self.context.identity.clone();
        run.heap = self.log.look(|log| log.heap().to_vec());
        let has_log = self.paths.serial_log().is_file();
        run.serial_log = has_log.then(|| format!("{}serial.log", self.paths.prefix));
    }
}

/// Runs a hook of the lab in the folder of the scenario; the signal that ended it, if one did. Its own failure is only told.
pub(super) async fn recover(
    command: &str,
    folder: &Path,
    interrupts: &mut Interrupts,
    note: &dyn Fn(&str),
) -> Option<Signal> {
    note(&format!("the lab is at fault; running: {}", line_without_secret(command)));
    match child::run(child::shell(command, folder), HOOK_WITHIN, interrupts).await {
        Ok(ended) => {
            if ended.code() != Some(0) {
                note(&format!("the hook failed: {}", ended.last_words().join(" ")));
            }
            if let How::Stopped(signal) = ended.how { Some(signal) } else { None }
        }
        Err(error) => {
            note(&format!("the hook could not be started: {error}"));
            None
        }
    }
}

fn timed_out(step: &Step, limit: Duration) -> StepError {
    let what = format!("it did not end within {} s", limit.as_secs());
    StepError::new(
        Fault::Inconclusive,
        Code::HIL_TIMEOUT,
        format!("running the step \"{}\"", step.name),
        what,
    )
    .hint("raise timeout of the step, or max-time of the scenario")
}

fn stopped(step: &Step, signal: Signal) -> StepError {
    let doing = format!("running the step \"{}\"", step.name);
    StepError::new(Fault::Interrupted, Code::HIL_INTERRUPTED, doing, format!("by {}", signal.name()))
}

/// What prepares a step, or the error that the step ends with.
type StepResult<T> = Result<T, Box<StepError>>;

/// A step that failed before its command could run.
fn failed(error: impl Into<Box<StepError>>) -> Attempt {
    Attempt { error: Some(*error.into()), ..Attempt::default() }
}

/// The path as a word of a command line.
fn shown(path: &Path) -> String {
    path.display().to_string()
}

const MOMENT: Duration = Duration::from_millis(50);
/// A board that can't serve says so every 5 s.
const FAULT_PERIOD: Duration = Duration::from_secs(6);
const HOOK_WITHIN: Duration = Duration::from_secs(120);
