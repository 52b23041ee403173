//! The one loop. What it does is data: the plan's unit, its schedule and its stop rule.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::{
    sync::Barrier,
    time::{Instant, sleep},
};

use super::{
    client::{Answered, Client, Unanswered},
    due_timer::DueTimer,
    failure::{Class, Failure},
    pacing::Backoff,
    plan::{After, Asks, LoadPlan, StatDuty},
    sample::{Done, Recorder},
    schedule::Budget,
};
use crate::duration::micros;

/// What all workers of a run share.
#[derive(Debug)]
pub struct Run {
    /// What to do.
    pub plan: LoadPlan,
    /// The units that are left.
    pub budget: Budget,
    start: OnceLock<Instant>,
    ready: Barrier,
}

/// What all workers of a thread share.
pub type Shared = Rc<RefCell<Recorder>>;

/// The loop of one connection slot.
pub struct Worker<C> {
    run: Arc<Run>,
    client: C,
    recorder: Shared,
    timer: DueTimer,
    backoff: Backoff,
    index: usize,
    start: Instant,
    stat: Option<Instant>,
    began: UnderWay,
}

/// When the unit that a worker is working on began; `None` between units.
pub type UnderWay = Rc<Cell<Option<Instant>>>;

/// A unit's place in the schedule.
#[derive(Debug, Clone, Copy)]
struct Turn {
    /// When it is due after the start; `None` in a closed loop.
    due: Option<Duration>,
}

impl Run {
    /// A run of `plan`. Its clock starts when all its workers are ready.
    #[must_use]
    pub fn new(plan: LoadPlan) -> Self {
        let ready = Barrier::new(plan.connections);
        Self { plan, budget: Budget::new(&plan.stop), start: OnceLock::new(), ready }
    }

    /// When its clock started; `None` while workers open connections.
    #[must_use]
    pub fn start(&self) -> Option<Instant> {
        self.start.get().copied()
    }

    /// The time since the start; 0 before it.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.start().map_or(Duration::ZERO, |start| start.elapsed())
    }

    /// Waits for all other workers; then the clock starts, for the first to get here.
    async fn begin(&self) -> Instant {
        self.ready.wait().await;
        *self.start.get_or_init(Instant::now)
    }
}

impl<C: Client> Worker<C> {
    /// The worker of slot `index`.
    pub fn new(run: Arc<Run>, client: C, recorder: Shared, timer: DueTimer, index: usize) -> Self {
        let (start, began) = (Instant::now(), UnderWay::default());
        Self { run, client, recorder, timer, backoff: Backoff::default(), index, start, stat: None, began }
    }

    /// Where the worker notes when the unit that is under way began, for whoever has to cut it off.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        Rc::clone(&self.began)
    }

    /// Gets ready, waits until all others are, and works until the schedule or the stop rule has no more units.
    pub async fn work(mut self) {
        self.get_ready().await;
        self.start = self.run.begin().await;
        let asks_stat = self.index == 0 && self.run.plan.stat == StatDuty::EachSecond;
        self.stat = asks_stat.then(|| self.start + STAT_PERIOD);
        while let Some(turn) = self.next_turn().await {
            let begun = Instant::now();
            self.began.set(Some(begun));
            let outcome = self.unit().await;
            self.began.set(None);
            self.note(turn, begun, outcome);
            self.clear_up().await;
            match outcome {
                // An error page is an answer, too, and no reason to slow down.
                Ok(()) | Err(Failure { class: Class::Http(_), .. }) => self.backoff.succeeded(),
                Err(_) => sleep(self.backoff.failed()).await,
            }
        }
        self.client.close().await;
        self.recorder.borrow_mut().travelled(self.client.traffic());
    }

    /// A connection that is kept is opened before the clock starts: it is no part of the first request's time. One
    /// that has to be opened later is part of the time of the request that needed it.
    async fn get_ready(&mut self) {
        if self.run.plan.unit.after == After::Keep {
            let begun = Instant::now();
            if let Err(failure) = self.connect().await {
                self.recorder.borrow_mut().failed(failure, begun.elapsed(), Duration::ZERO);
                self.run.budget.forgo();
                self.backoff.failed();
            }
        }
    }

    /// Takes the next unit, and waits until it is due.
    async fn next_turn(&mut self) -> Option<Turn> {
        let LoadPlan { schedule, stop, .. } = self.run.plan;
        let index = self.run.budget.take()?;
        if !schedule.is_open_loop() {
            let over = stop.duration.is_some_and(|duration| self.run.now() >= duration);
            return (!over).then_some(Turn { due: None });
        }
        let due = schedule.due(index).filter(|due| stop.duration.is_none_or(|duration| *due < duration))?;
        // A wait of no time would still let other tasks run first.
        if due > self.run.now() {
            self.timer.wait_until(self.start + due).await;
            let late = self.start.elapsed().saturating_sub(due);
            self.recorder.borrow_mut().totals.start_lag.saturating_record(micros(late));
        } else if stop.duration.is_some_and(|duration| self.run.now() >= duration) {
            return None;
        }
        Some(Turn { due: Some(due) })
    }

    /// One unit: connect if need be, ask if that belongs to it.
    async fn unit(&mut self) -> Result<(), Failure> {
        self.connect().await?;
        if self.run.plan.unit.asks == Asks::Request {
            let answered = self.ask().await?;
            self.recorder.borrow_mut().answered(&answered);
            if let Some(failure) = Failure::of_status(answered.status) {
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Asks, and once more on a new connection where a kept one has ended under the request, as other clients do (RFC 9112,
    /// section 9.3.1).
    async fn ask(&mut self) -> Result<Answered, Failure> {
        match self.client.ask().await {
            Ok(answered) => Ok(answered),
            Err(Unanswered::Failed(failure)) => Err(failure),
            Err(Unanswered::KeptEnded) => {
                self.recorder.borrow_mut().totals.repeated += 1;
                self.connect().await?;
                Ok(self.client.ask().await?)
            }
        }
    }

    /// What comes after a unit and is no part of its time: the device's figures, and the end of the connection.
    async fn clear_up(&mut self) {
        if self.stat.is_some_and(|due| due <= Instant::now()) && self.client.is_open() {
            self.ask_for_figures().await;
        }
        if self.run.plan.unit.after == After::Close {
            self.client.close().await;
        }
    }

    async fn connect(&mut self) -> Result<(), Failure> {
        if !self.client.is_open() {
            let opened = self.client.open().await?;
            self.recorder.borrow_mut().opened(&opened);
        }
        Ok(())
    }

    /// Asks the device for its figures, each second, on this connection: it may have no other to spare.
    async fn ask_for_figures(&mut self) {
        let stat = self.client.stat().await;
        self.stat = Some(Instant::now() + STAT_PERIOD);
        let mut recorder = self.recorder.borrow_mut();
        recorder.totals.stat_attempts += 1;
        recorder.interval.stat = stat;
    }

    fn note(&mut self, turn: Turn, begun: Instant, outcome: Result<(), Failure>) {
        let now = self.run.now();
        let begun = begun.saturating_duration_since(self.start);
        let mut recorder = self.recorder.borrow_mut();
        recorder.travelled(self.client.traffic());
        match outcome {
            Ok(()) => recorder.completed(Done::new(turn.due, begun, now), now),
            Err(failure) => recorder.failed(failure, now.saturating_sub(begun), now),
        }
    }
}

/// How often the device is asked for its figures.
const STAT_PERIOD: Duration = Duration::from_secs(1);
