//! All boards at once: a thread each, their events to one place, one result.

use std::{
    collections::BTreeSet,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    select,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use super::{explain, plan::Plan, show::show};
use crate::{
    cmd::interrupt::{Interrupts, Signal},
    device::{
        flash::{
            error::FlashError,
            job::{Event, Job, Scope, Supply, Wait},
        },
        serial::log::SerialLog,
    },
    error::{Error, Result},
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
    stop: Arc<AtomicBool>,
}

/// What a board's thread says.
enum Message {
    Happened(Event),
    Ended(std::result::Result<(), FlashError>),
}

impl Session {
    pub(super) fn new(plan: Plan, supply: Supply, scope: Scope) -> Self {
        Self { plan, supply, scope, stop: Arc::new(AtomicBool::new(false)) }
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
            self.start(job, track, &sender).map_err(explain::runtime)?;
        }
        drop(sender);
        let mut tracks = console.tracks(&names);
        let monitoring = matches!(self.plan.wait, Wait::Monitor(_));
        let stopped = loop {
            select! {
                biased;
                signal = interrupts.next() => break Some(signal),
                message = messages.recv() => {
                    let Some((track, message)) = message else { break None };
                    let ready = take(flashed, track, message, &mut tracks, console);
                    if ready && monitoring {
                        // The report first, then what the board says until Ctrl-C.
                        console.result(flashed, None)?;
                    }
                }
            }
        };
        if let Some(signal) = stopped {
            self.wind_up(flashed, &mut messages, &mut tracks, console).await;
            drop(tracks);
            return self.interrupted(flashed, signal, console);
        }
        drop(tracks);
        self.report(flashed, console)
    }

    fn start(&self, job: Job, track: usize, sender: &UnboundedSender<(usize, Message)>) -> io::Result<()> {
        let (stop, sender) = (Arc::clone(&self.stop), sender.clone());
        thread::Builder::new().spawn(move || {
            // Nobody is left to tell when the receiver is gone.
            let tell = |event| drop(sender.send((track, Message::Happened(event))));
            let ended = job.run(&stop, &tell);
            drop(sender.send((track, Message::Ended(ended))));
        })?;
        Ok(())
    }

    /// Lets boards that are only waited for end, so that their logs are whole. One that is being written can't be
    /// waited for: the process ends, and the board stays in its bootloader.
    async fn wind_up(
        &self,
        flashed: &mut Flashed,
        messages: &mut UnboundedReceiver<(usize, Message)>,
        tracks: &mut Tracks,
        console: &Console,
    ) {
        self.stop.store(true, Ordering::Relaxed);
        let rest = async {
            while let Some((track, message)) = messages.recv().await {
                take(flashed, track, message, tracks, console);
            }
        };
        let _ = timeout(WIND_UP, rest).await;
    }

    fn interrupted(&self, flashed: &Flashed, signal: Signal, console: &mut Console) -> Result<()> {
        let error = explain::stopped(flashed, signal);
        if !matches!(self.plan.wait, Wait::Monitor(_))
            || flashed.boards.iter().all(|board| board.ready.is_none())
        {
            console.result(flashed, Some(&error))?;
        }
        Err(error)
    }

    fn report(&self, flashed: &mut Flashed, console: &mut Console) -> Result<()> {
        if let Supply::ByMac(rows) = &self.supply {
            let there: BTreeSet<_> =
                flashed.boards.iter().filter_map(|board| board.chip.as_ref().map(|chip| chip.mac)).collect();
            flashed.not_connected = rows.keys().filter(|mac| !there.contains(mac)).copied().collect();
        }
        let error = match flashed.boards.as_slice() {
            [board] => board.error.as_ref().map(Error::twin),
            boards => explain::some_failed(boards),
        };
        console.result(flashed, error.as_ref())?;
        error.map_or(Ok(()), Err)
    }
}

/// Takes note of a message and shows it; returns whether a board has just become ready.
fn take(
    flashed: &mut Flashed,
    track: usize,
    message: Message,
    tracks: &mut Tracks,
    console: &Console,
) -> bool {
    let Some(board) = flashed.boards.get_mut(track) else { return false };
    match message {
        Message::Happened(event) => {
            let ready = matches!(event, Event::Ready(..));
            // Before it is ready, a board's words are progress; the line that says so is the first of the others.
            show(&event, track, board, tracks, console);
            board.apply(&event);
            ready
        }
        Message::Ended(ended) => {
            tracks.clear(track);
            if let Err(error) = ended {
                if let FlashError::NotServing { trouble, .. } = &error {
                    board.trouble = Some(trouble.clone());
                }
                board.error = Some(explain::flash(error, board));
            }
            false
        }
    }
}

/// How long boards that are waited for may take to stop.
const WIND_UP: Duration = Duration::from_millis(500);
