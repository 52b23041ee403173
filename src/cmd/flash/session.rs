//! All boards at once: a thread each, their events to one place, one result.

use std::{collections::BTreeSet, io, ops::ControlFlow, thread, time::Duration};

use tokio::{
    select,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use super::{
    explain,
    plan::{Asked, Plan},
    show::show,
    stopped,
};
use crate::{
    cmd::runtime,
    device::{
        flash::{
            error::FlashError,
            job::{Event, Job, Scope, Supply, Wait},
        },
        serial::log::SerialLog,
        stop::Stop,
    },
    error::{Error, Result},
    interrupt::{Interrupts, Signal},
    report::{
        Console, Tracks,
        flash::outcome::{Flashed, FlashedBoard},
    },
};

/// The boards of one run.
pub(super) struct Session {
    plan: Plan,
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

/// What a board's thread says.
enum Message {
    Happened(Event),
    Ended(std::result::Result<(), FlashError>),
}

/// What ended the work.
enum End {
    /// All boards are done.
    Done,
    /// A signal.
    Signal(Signal),
    /// Nobody reads any more what a monitored board says.
    Unread,
}

impl Session {
    /// `stop` is the word that the first signal gives.
    pub(super) fn new(plan: Plan, supply: Supply, scope: Scope, stop: Stop) -> Self {
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
        for (track, board) in boards.into_iter().enumerate() {
            let log = board.log.as_ref().map(|log| SerialLog::path(log).to_owned());
            flashed.boards.push(FlashedBoard::new(board.port.clone(), log));
            let job = self.plan.job(board, self.supply.clone(), self.scope.clone());
            self.start(job, track, &sender).map_err(runtime::failed)?;
        }
        drop(sender);
        let mut tracks = console.tracks(&names);
        match self.follow(flashed, &mut messages, &mut tracks, interrupts, console).await? {
            End::Done => {
                drop(tracks);
                self.report(flashed, console)
            }
            End::Unread => Ok(()),
            End::Signal(signal) => {
                self.wind_up(flashed, &mut messages, &mut tracks, interrupts, console).await;
                drop(tracks);
                self.interrupted(flashed, signal, console)
            }
        }
    }

    async fn follow(
        &mut self,
        flashed: &mut Flashed,
        messages: &mut UnboundedReceiver<(usize, Message)>,
        tracks: &mut Tracks,
        interrupts: &mut Interrupts,
        console: &mut Console,
    ) -> Result<End> {
        let mut running: BTreeSet<usize> = (0..flashed.boards.len()).collect();
        loop {
            let message = select! {
                biased;
                signal = interrupts.next() => return Ok(End::Signal(signal)),
                message = messages.recv() => message,
            };
            let Some((track, message)) = message else { break };
            let ready = matches!(message, Message::Happened(Event::Ready(..)));
            if matches!(message, Message::Ended(_)) {
                running.remove(&track);
            }
            if take(flashed, track, message, tracks, console).is_break() {
                return Ok(End::Unread);
            }
            if ready && matches!(self.plan.wait, Wait::Monitor(_)) {
                // The report first, then what the board says until Ctrl-C.
                console.result(flashed, None)?;
                self.reported = Reported::Done;
            }
        }
        for (track, board) in flashed.boards.iter_mut().enumerate() {
            if running.contains(&track) {
                let doing = format!("flashing the board at {}", board.port.path);
                board.error = Some(runtime::ended_without_result(doing));
            }
        }
        Ok(End::Done)
    }

    fn start(&self, job: Job, track: usize, sender: &UnboundedSender<(usize, Message)>) -> io::Result<()> {
        let (stop, sender) = (self.stop.clone(), sender.clone());
        thread::Builder::new().spawn(move || {
            // Nobody is left to tell when the receiver is gone.
            let tell = |event| drop(sender.send((track, Message::Happened(event))));
            let ended = job.run(&stop, &tell);
            drop(sender.send((track, Message::Ended(ended))));
        })?;
        Ok(())
    }

    /// Lets the boards' threads end, which begin nothing more: a board that is waited for has its log whole then, and of
    /// the others it is known how far they got. A bootloader that is at something can't be waited for: the process ends,
    /// and the board stays in its bootloader. A second signal ends the waiting.
    async fn wind_up(
        &self,
        flashed: &mut Flashed,
        messages: &mut UnboundedReceiver<(usize, Message)>,
        tracks: &mut Tracks,
        interrupts: &mut Interrupts,
        console: &Console,
    ) {
        if flashed.boards.iter().any(FlashedBoard::is_unfinished) {
            tracks.note("stopping: nothing more is begun");
        }
        let rest = async {
            while let Some((track, message)) = messages.recv().await {
                let _ = take(flashed, track, message, tracks, console);
            }
        };
        let _ = timeout(WIND_UP, interrupts.or(rest)).await;
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
            (_, boards) => explain::some_failed(boards),
        };
        if self.reported == Reported::NotYet {
            console.result(flashed, error.as_ref())?;
        }
        error.map_or(Ok(()), Err)
    }
}

/// Takes note of a message and shows it. Breaks when nobody reads what it shows.
fn take(
    flashed: &mut Flashed,
    track: usize,
    message: Message,
    tracks: &mut Tracks,
    console: &Console,
) -> ControlFlow<()> {
    let Some(board) = flashed.boards.get_mut(track) else { return ControlFlow::Continue(()) };
    match message {
        Message::Happened(event) => {
            let shown = show(&event, track, board, tracks, console);
            board.apply(&event);
            shown
        }
        Message::Ended(ended) => {
            tracks.clear(track);
            // The run has one error for all boards that were stopped.
            if let Err(error) = ended
                && !matches!(error, FlashError::Stopped)
            {
                if let FlashError::NotServing { trouble, .. } = &error {
                    board.trouble = Some(trouble.clone());
                }
                board.error = Some(explain::flash(error, board));
            }
            ControlFlow::Continue(())
        }
    }
}

/// How long the boards' threads may take to stop.
const WIND_UP: Duration = Duration::from_millis(500);
