//! A run on this machine's cores: a thread and a current-thread runtime for each, and one that collects their reports.

use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    runtime::{self, Runtime},
    select,
    sync::{mpsc, watch},
};

use super::{
    client::Client,
    due_timer::Timing,
    generator::{OwnDelay, ProcessorTicks, ThreadWait},
    interval::Interval,
    plan::LoadPlan,
    sample::Totals,
    shard::{Order, ShardError, shard},
    worker::Run,
};
use crate::os_error::in_words;

/// A finished run.
#[derive(Debug)]
pub struct FinishedRun {
    /// What was counted and timed.
    pub totals: Totals,
    /// How long it lasted.
    pub elapsed: Duration,
    /// Why it ended.
    pub ended: Ended,
    /// On how many threads it ran.
    pub threads: usize,
    /// How far this machine kept it from its processors.
    pub own_delay: OwnDelay,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Its units or its time were used up.
    Done,
    /// It was interrupted.
    Interrupted,
    /// Nothing succeeded, or nothing any more.
    Futile,
}

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A thread or its event loop can't be had.
    #[error("no thread can be started: {}", in_words(.0))]
    Thread(io::Error),
    /// A thread ended without its figures: a bug.
    #[error("a thread of the load ended without its figures")]
    Lost,
    /// The same, with its reason.
    #[error(transparent)]
    Shard(ShardError),
}

/// What a shard reports to the thread that started it.
enum ShardReport {
    Second(Box<Interval>),
    /// What it counted, and how long its thread waited for a processor.
    Finished {
        totals: Box<Totals>,
        waited: Option<ThreadWait>,
    },
    Failed(EngineError),
}

/// Runs `plan` with the clients that `make` makes for each slot, on the runtime of the thread that drives it. Shows
/// `watch` about each second what happened; ends early when `interrupt` does.
///
/// # Errors
/// [`EngineError`].
pub async fn run<C: Client + 'static>(
    plan: LoadPlan,
    threads: usize,
    make: Arc<dyn Fn(usize) -> C + Send + Sync>,
    watch: &mut dyn FnMut(&Interval),
    interrupt: impl Future<Output = ()>,
) -> Result<FinishedRun, EngineError> {
    let run = Arc::new(Run::new(plan));
    let ticks = ProcessorTicks::now();
    let threads = threads.clamp(1, plan.connections.max(1));
    let (orders, listen) = watch::channel(Order::Go);
    let (sender, reports) = mpsc::unbounded_channel();
    // All of them before the first connection: the connections may take the last file descriptor there is.
    let build = |_| runtime::Builder::new_current_thread().enable_all().build();
    let runtimes: Vec<Runtime> =
        (0..threads).map(build).collect::<io::Result<_>>().map_err(EngineError::Thread)?;
    let mut shards = Vec::with_capacity(threads);
    for (number, runtime) in runtimes.into_iter().enumerate() {
        let slots: Vec<usize> = (number..plan.connections).step_by(threads).collect();
        let spawned =
            start(runtime, Arc::clone(&run), slots, Arc::clone(&make), listen.clone(), sender.clone());
        shards.push(spawned.map_err(EngineError::Thread)?);
    }
    drop(sender);
    let collected = collect(&run, reports, &orders, watch, interrupt, threads).await;
    for shard in shards {
        // Its figures came before; a panic in it shows as their absence.
        let _ = shard.join();
    }
    let Collected { totals, ended, waited } = collected?;
    let since_begun = ProcessorTicks::now().zip(ticks);
    let own_delay = OwnDelay {
        mean_wait: waited.map(ThreadWait::mean),
        stolen_share: since_begun.map(|(now, before)| now.stolen_since(before)),
        idle_share: since_begun.map(|(now, before)| now.idle_since(before)),
    };
    Ok(FinishedRun { totals, elapsed: run.now(), ended, threads, own_delay })
}

/// What all shards reported.
struct Collected {
    totals: Totals,
    ended: Ended,
    /// How long all threads together waited for a processor; `None` where the system does not say.
    waited: Option<ThreadWait>,
}

/// One thread of the run.
fn start<C: Client + 'static>(
    runtime: Runtime,
    run: Arc<Run>,
    slots: Vec<usize>,
    make: Arc<dyn Fn(usize) -> C + Send + Sync>,
    orders: watch::Receiver<Order>,
    sender: mpsc::UnboundedSender<ShardReport>,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("load".to_owned()).spawn(move || {
        let work = || {
            runtime.block_on(async {
                let clients = slots.into_iter().map(|slot| (slot, make(slot))).collect();
                // Nobody needs the reports when the collector is gone.
                let tell = |interval| drop(sender.send(ShardReport::Second(Box::new(interval))));
                shard(run, clients, orders, Timing::System, tell).await.map_err(EngineError::Shard)
            })
        };
        let finished = |totals| ShardReport::Finished { totals: Box::new(totals), waited: ThreadWait::now() };
        let last = work().map_or_else(ShardReport::Failed, finished);
        drop(sender.send(last));
    })
}

/// What the shards have reported so far.
struct Collector<'a> {
    totals: Totals,
    second: Interval,
    /// How many shards have reported this second.
    reported: usize,
    /// How many shards have not ended.
    left: usize,
    futility_watch: FutilityWatch,
    ended: Ended,
    waited: Option<ThreadWait>,
    watch: &'a mut dyn FnMut(&Interval),
}

impl<'a> Collector<'a> {
    fn new(run: &Run, threads: usize, watch: &'a mut dyn FnMut(&Interval)) -> Result<Self, EngineError> {
        Ok(Self {
            totals: Totals::new().map_err(|_| EngineError::Lost)?,
            second: Interval::new(Duration::ZERO).map_err(|_| EngineError::Lost)?,
            reported: 0,
            left: threads,
            futility_watch: FutilityWatch::new(run.plan.connections),
            ended: Ended::Done,
            waited: Some(ThreadWait::default()),
            watch,
        })
    }

    /// Takes one report; returns whether anything can still come of the run.
    fn take(&mut self, report: ShardReport) -> Result<Prospect, EngineError> {
        match report {
            ShardReport::Second(interval) => {
                self.second.add(&interval);
                self.reported += 1;
            }
            ShardReport::Finished { totals, waited } => {
                self.totals.add(&totals);
                self.waited = self.waited.zip(waited).map(|(all, one)| all.and(one));
                self.left -= 1;
            }
            ShardReport::Failed(error) => return Err(error),
        }
        // A second is over when all shards that are left have reported about it.
        if self.reported >= self.left.max(1) { self.turn() } else { Ok(Prospect::Open) }
    }

    fn turn(&mut self) -> Result<Prospect, EngineError> {
        let next = Interval::new(Duration::ZERO).map_err(|_| EngineError::Lost)?;
        let second = std::mem::replace(&mut self.second, next);
        self.reported = 0;
        (self.watch)(&second);
        let futile = self.futility_watch.is_futile(&second) && self.ended == Ended::Done;
        Ok(if futile { Prospect::Futile } else { Prospect::Open })
    }
}

/// Whether anything can still come of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prospect {
    Open,
    Futile,
}

/// Collects what the shards report until all have ended.
async fn collect(
    run: &Run,
    mut reports: mpsc::UnboundedReceiver<ShardReport>,
    orders: &watch::Sender<Order>,
    watch: &mut dyn FnMut(&Interval),
    interrupt: impl Future<Output = ()>,
    threads: usize,
) -> Result<Collected, EngineError> {
    let mut collector = Collector::new(run, threads, watch)?;
    let mut interrupt = std::pin::pin!(interrupt);
    loop {
        let reason = select! {
            report = reports.recv() => match report {
                Some(report) => match collector.take(report) {
                    Ok(Prospect::Open) => continue,
                    Ok(Prospect::Futile) => Ended::Futile,
                    Err(error) => {
                        orders.send_replace(Order::Stop);
                        return Err(error);
                    }
                },
                None => break,
            },
            () = &mut interrupt, if collector.ended != Ended::Interrupted => Ended::Interrupted,
        };
        collector.ended = reason;
        orders.send_replace(Order::Stop);
    }
    if !collector.second.is_empty() {
        collector.turn()?;
    }
    let Collector { totals, ended, waited, left, .. } = collector;
    if left == 0 { Ok(Collected { totals, ended, waited }) } else { Err(EngineError::Lost) }
}

/// Notices a run in which nothing succeeds, or nothing any more.
struct FutilityWatch {
    connections: u64,
    failures: u64,
    last_success: Duration,
    succeeded: bool,
}

impl FutilityWatch {
    fn new(connections: usize) -> Self {
        Self { connections: connections as u64, failures: 0, last_success: Duration::ZERO, succeeded: false }
    }

    fn is_futile(&mut self, second: &Interval) -> bool {
        if second.completed > 0 {
            (self.failures, self.last_success, self.succeeded) = (0, second.at, true);
            return false;
        }
        self.failures += second.unsuccessful();
        let quiet = second.at.saturating_sub(self.last_success);
        let hopeless = !self.succeeded && self.failures >= FUTILE_FAILURES * self.connections;
        let long = quiet >= FUTILE_TIME && self.failures >= self.connections.min(FUTILE_FAILURES);
        (hopeless && quiet >= HOPELESS_TIME) || long
    }
}

/// So many failures a slot, and no success ever, make a run futile.
const FUTILE_FAILURES: u64 = 5;
const HOPELESS_TIME: Duration = Duration::from_secs(3);
/// And so does this time without a success, if anything failed in it: more than twice a small device's handshake.
const FUTILE_TIME: Duration = Duration::from_secs(40);

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at: u64, completed: u64, failed: u64) -> Interval {
        let mut interval = Interval::new(Duration::from_secs(at)).unwrap();
        interval.completed = completed;
        interval.failures = vec![(crate::load::failure::Class::Refused, failed)];
        interval
    }

    #[test]
    fn a_run_is_futile_when_nothing_ever_succeeds_and_later_when_nothing_does_any_more() {
        let mut dead = FutilityWatch::new(2);
        assert!(!dead.is_futile(&second(1, 0, 9)), "too few failures");
        assert!(!dead.is_futile(&second(2, 0, 9)), "too soon");
        assert!(dead.is_futile(&second(3, 0, 1)));
        let mut gone = FutilityWatch::new(2);
        assert!(!gone.is_futile(&second(1, 1, 0)));
        assert!(!gone.is_futile(&second(30, 0, 500)), "a device may reboot");
        assert!(gone.is_futile(&second(41, 0, 1)));
        let mut slow = FutilityWatch::new(1);
        assert!(!slow.is_futile(&second(100, 0, 0)), "nothing has failed");
    }
}
