//! All boards at once: a thread each, their events to one place, one result.

use std::{collections::BTreeSet, io, ops::ControlFlow, thread, time::Duration};

use tokio::{
    select,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use super::{
    explain,
    plan::{Asked, FlashPlan},
    show::{EARLIER_TABLE, HALF_WRITTEN, show},
    stopped,
};
use crate::{
    cmd::runtime,
    device::{
        flash::{
            error::FlashError,
            job::{Event, Job, Scope, Supply, Wait},
            outcome::{FlashNoteCode, Flashed, FlashedBoard},
        },
        serial::log::SerialLog,
    },
    error::{Error, Result},
    interrupt::{Interrupts, Signal},
    note::Note,
    report::{Console, ProgressLines},
    stop::Stop,
};

/// The boards of one run.
pub(super) struct Session {
    plan: FlashPlan,
    supply: Supply,
    scope: Scope,
    stop: Stop,
    reported: Reported,
}

/// Whether the result is written: once, and with `--monitor` before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reported {
    NotYet,
    Done,
}

/// What a board's thread reports.
enum BoardMessage {
    Happened(Event),
    Ended(std::result::Result<(), FlashError>),
}

/// What ended the work.
enum SessionEnd {
    /// All boards are done.
    Done,
    /// A signal.
    Signal(Signal),
    /// The reader of the monitored board's output is gone.
    Unread,
}

impl Session {
    /// `stop` is set by the first signal.
    pub(super) fn new(plan: FlashPlan, supply: Supply, scope: Scope, stop: Stop) -> Self {
        Self { plan, supply, scope, stop, reported: Reported::NotYet }
    }

    /// Flashes them, shows it, reports. What was done is reported whatever ends it.
    pub(super) async fn run(
        mut self,
        flashed: &mut Flashed,
        interrupts: &mut Interrupts,
        console: &mut Console,
    ) -> Result<()> {
        let boards = std::mem::take(&mut self.plan.boards);
        let names: Vec<String> = boards.iter().map(|board| board.port.path.clone()).collect();
        let (sender, mut messages) = unbounded_channel();
        for (index, board) in boards.into_iter().enumerate() {
            let log = board.log.as_ref().map(|log| SerialLog::path(log).to_owned());
            flashed.boards.push(FlashedBoard::new(board.port.clone(), log));
            let job = self.plan.job(board, self.supply.clone(), self.scope.clone());
            self.start(job, index, &sender).map_err(runtime::failed)?;
        }
        drop(sender);
        let mut progress = console.progress_lines(&names);
        match self.follow(flashed, &mut messages, &mut progress, interrupts, console).await? {
            SessionEnd::Done => {
                drop(progress);
                self.report(flashed, console)
            }
            SessionEnd::Unread => Ok(()),
            SessionEnd::Signal(signal) => {
                self.finish_threads(flashed, &mut messages, &mut progress, interrupts, console).await;
                drop(progress);
                self.interrupted(flashed, signal, console)
            }
        }
    }

    async fn follow(
        &mut self,
        flashed: &mut Flashed,
        messages: &mut UnboundedReceiver<(usize, BoardMessage)>,
        progress: &mut ProgressLines,
        interrupts: &mut Interrupts,
        console: &mut Console,
    ) -> Result<SessionEnd> {
        let mut running: BTreeSet<usize> = (0..flashed.boards.len()).collect();
        loop {
            let message = select! {
                biased;
                signal = interrupts.next() => return Ok(SessionEnd::Signal(signal)),
                message = messages.recv() => message,
            };
            let Some((index, message)) = message else { break };
            let ready = matches!(message, BoardMessage::Happened(Event::Ready(..)));
            if matches!(message, BoardMessage::Ended(_)) {
                running.remove(&index);
            }
            if take(flashed, index, message, progress, console).is_break() {
                return Ok(SessionEnd::Unread);
            }
            if ready && matches!(self.plan.wait, Wait::Monitor(_)) {
                // The report first, then what the board says until Ctrl-C.
                console.result(flashed, None)?;
                self.reported = Reported::Done;
            }
        }
        for (index, board) in flashed.boards.iter_mut().enumerate() {
            if running.contains(&index) {
                let doing = format!("flashing the board at {}", board.port.path);
                board.error = Some(runtime::ended_without_result(doing));
            }
        }
        Ok(SessionEnd::Done)
    }

    fn start(
        &self,
        job: Job,
        index: usize,
        sender: &UnboundedSender<(usize, BoardMessage)>,
    ) -> io::Result<()> {
        let (stop, sender) = (self.stop.clone(), sender.clone());
        thread::Builder::new().spawn(move || {
            // Nobody is left to tell when the receiver is gone.
            let tell = |event| drop(sender.send((index, BoardMessage::Happened(event))));
            let ended = job.run(&stop, &tell);
            drop(sender.send((index, BoardMessage::Ended(ended))));
        })?;
        Ok(())
    }

    /// Waits a moment for the boards' threads, which begin nothing more. The log of a board is whole then, and it is known
    /// how far each board got. A bootloader that is in the middle of a command can't be waited for: the process ends, and
    /// the board stays in its bootloader. A second signal ends the waiting.
    async fn finish_threads(
        &self,
        flashed: &mut Flashed,
        messages: &mut UnboundedReceiver<(usize, BoardMessage)>,
        progress: &mut ProgressLines,
        interrupts: &mut Interrupts,
        console: &Console,
    ) {
        if flashed.boards.iter().any(FlashedBoard::is_unfinished) {
            progress.note("stopping: nothing more is begun");
        }
        let rest = async {
            while let Some((index, message)) = messages.recv().await {
                let _ = take(flashed, index, message, progress, console);
            }
        };
        let _ = timeout(THREADS_END_WITHIN, interrupts.or(rest)).await;
    }

    fn interrupted(&self, flashed: &Flashed, signal: Signal, console: &mut Console) -> Result<()> {
        let error = stopped::by(flashed, signal);
        if self.reported == Reported::NotYet {
            console.result(flashed, Some(&error))?;
        }
        Err(error)
    }

    fn report(&self, flashed: &mut Flashed, console: &mut Console) -> Result<()> {
        if let Supply::ByMac(rows) = &self.supply {
            let seen: BTreeSet<_> =
                flashed.boards.iter().filter_map(|board| board.chip.as_ref().map(|chip| chip.mac)).collect();
            flashed.not_seen = rows.keys().filter(|mac| !seen.contains(mac)).copied().collect();
        }
        let error = match (self.plan.asked, flashed.boards.as_slice()) {
            (Asked::One, [board]) => board.error.as_ref().map(Error::duplicate),
            (_, boards) => explain::of_several(boards),
        };
        if self.reported == Reported::NotYet {
            console.result(flashed, error.as_ref())?;
        }
        error.map_or(Ok(()), Err)
    }
}

/// Records a message and shows it. Breaks when the reader of the output is gone.
fn take(
    flashed: &mut Flashed,
    index: usize,
    message: BoardMessage,
    progress: &mut ProgressLines,
    console: &Console,
) -> ControlFlow<()> {
    let Some(board) = flashed.boards.get_mut(index) else { return ControlFlow::Continue(()) };
    match message {
        BoardMessage::Happened(event) => {
            if matches!(event, Event::EarlierTable) {
                let text = format!("the board at {} {EARLIER_TABLE}", board.port.path);
                flashed.notes.push(Note { code: FlashNoteCode::EarlierTable, text });
            }
            if matches!(event, Event::HalfWritten) {
                let text = format!("the board at {} {HALF_WRITTEN}", board.port.path);
                flashed.notes.push(Note { code: FlashNoteCode::HalfWritten, text });
            }
            let shown = show(&event, index, board, progress, console);
            board.apply(&event);
            shown
        }
        BoardMessage::Ended(ended) => {
            progress.clear(index);
            // The run has one error for all boards that were stopped.
            if let Err(error) = ended
                && !matches!(error, FlashError::Stopped)
            {
                board.ended_by(&error);
                board.error = Some(explain::flash(error, board));
            }
            ControlFlow::Continue(())
        }
    }
}

/// How long the boards' threads may take to stop.
const THREADS_END_WITHIN: Duration = Duration::from_millis(500);
