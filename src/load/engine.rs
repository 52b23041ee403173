//! A run on this machine's cores: a thread and a current-thread runtime for each, and one that listens to them.

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
    plan::Plan,
    sample::{Interval, Totals},
    shard::{Order, ShardError, shard},
    worker::Run,
};
use crate::os_error::in_words;

/// A finished run.
#[derive(Debug)]
pub struct Outcome {
    /// What was counted and timed.
    pub totals: Totals,
    /// How long it lasted.
    pub elapsed: Duration,
    /// Why it ended.
    pub ended: Ended,
    /// On how many threads it ran.
    pub threads: usize,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Its units or its time were used up.
    Done,
    /// It was told to.
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

enum Message {
    Told(Box<Interval>),
    Ended(Box<Totals>),
    Failed(EngineError),
}

/// Runs `plan` with the clients that `make` makes for each slot, on the runtime of the thread that drives it. Shows
/// `watch` about each second what happened; ends early when `interrupt` does.
///
/// # Errors
/// [`EngineError`].
pub async fn run<C: Client + 'static>(
    plan: Plan,
    threads: usize,
    make: Arc<dyn Fn(usize) -> C + Send + Sync>,
    watch: &mut dyn FnMut(&Interval),
    interrupt: impl Future<Output = ()>,
) -> Result<Outcome, EngineError> {
    let run = Arc::new(Run::new(plan));
    let threads = threads.clamp(1, plan.connections.max(1));
    let (orders, listen) = watch::channel(Order::Go);
    let (say, hear) = mpsc::unbounded_channel();
    // All of them before the first connection: the connections may take the last file descriptor there is.
    let build = |_| runtime::Builder::new_current_thread().enable_all().build();
    let runtimes: Vec<Runtime> =
        (0..threads).map(build).collect::<io::Result<_>>().map_err(EngineError::Thread)?;
    let mut shards = Vec::with_capacity(threads);
    for (number, runtime) in runtimes.into_iter().enumerate() {
        let slots: Vec<usize> = (number..plan.connections).step_by(threads).collect();
        let spawned = start(runtime, Arc::clone(&run), slots, Arc::clone(&make), listen.clone(), say.clone());
        shards.push(spawned.map_err(EngineError::Thread)?);
    }
    drop(say);
    let heard = listen_to(&run, hear, &orders, watch, interrupt, threads).await;
    for shard in shards {
        // Its figures came before; a panic in it shows as their absence.
        let _ = shard.join();
    }
    let (totals, ended) = heard?;
    Ok(Outcome { totals, elapsed: run.now(), ended, threads })
}

/// One thread of the run.
fn start<C: Client + 'static>(
    runtime: Runtime,
    run: Arc<Run>,
    slots: Vec<usize>,
    make: Arc<dyn Fn(usize) -> C + Send + Sync>,
    orders: watch::Receiver<Order>,
    say: mpsc::UnboundedSender<Message>,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("load".to_owned()).spawn(move || {
        let work = || {
            runtime.block_on(async {
                let clients = slots.into_iter().map(|slot| (slot, make(slot))).collect();
                // Nobody is left to tell when the listener is gone.
                let tell = |interval| drop(say.send(Message::Told(Box::new(interval))));
                shard(run, clients, orders, tell).await.map_err(EngineError::Shard)
            })
        };
        let last = work().map_or_else(Message::Failed, |totals| Message::Ended(Box::new(totals)));
        drop(say.send(last));
    })
}

/// What the listener has heard so far.
struct Heard<'a> {
    totals: Totals,
    second: Interval,
    /// How many shards have told about this second.
    told: usize,
    /// How many shards have not ended.
    left: usize,
    futility_watch: FutilityWatch,
    ended: Ended,
    watch: &'a mut dyn FnMut(&Interval),
}

impl Heard<'_> {
    /// Takes one message; says whether the run has no point any more.
    fn take(&mut self, message: Message) -> Result<Point, EngineError> {
        match message {
            Message::Told(interval) => {
                self.second.add(&interval);
                self.told += 1;
            }
            Message::Ended(theirs) => {
                self.totals.add(&theirs);
                self.left -= 1;
            }
            Message::Failed(error) => return Err(error),
        }
        // A second is over when all shards that are left have told about it.
        if self.told >= self.left.max(1) { self.turn() } else { Ok(Point::Left) }
    }

    fn turn(&mut self) -> Result<Point, EngineError> {
        let next = Interval::new(Duration::ZERO).map_err(|_| EngineError::Lost)?;
        let second = std::mem::replace(&mut self.second, next);
        self.told = 0;
        (self.watch)(&second);
        let futile = self.futility_watch.is_futile(&second) && self.ended == Ended::Done;
        Ok(if futile { Point::None } else { Point::Left })
    }
}

/// Whether a run has a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Point {
    Left,
    None,
}

async fn listen_to(
    run: &Run,
    mut hear: mpsc::UnboundedReceiver<Message>,
    orders: &watch::Sender<Order>,
    watch: &mut dyn FnMut(&Interval),
    interrupt: impl Future<Output = ()>,
    threads: usize,
) -> Result<(Totals, Ended), EngineError> {
    let mut heard = Heard {
        totals: Totals::new().map_err(|_| EngineError::Lost)?,
        second: Interval::new(Duration::ZERO).map_err(|_| EngineError::Lost)?,
        told: 0,
        left: threads,
        futility_watch: FutilityWatch::new(run.plan.connections),
        ended: Ended::Done,
        watch,
    };
    let mut interrupt = std::pin::pin!(interrupt);
    loop {
        let reason = select! {
            message = hear.recv() => match message {
                Some(message) => match heard.take(message) {
                    Ok(Point::Left) => continue,
                    Ok(Point::None) => Ended::Futile,
                    Err(error) => {
                        orders.send_replace(Order::Stop);
                        return Err(error);
                    }
                },
                None => break,
            },
            () = &mut interrupt, if heard.ended != Ended::Interrupted => Ended::Interrupted,
        };
        heard.ended = reason;
        orders.send_replace(Order::Stop);
    }
    if !heard.second.is_empty() {
        heard.turn()?;
    }
    if heard.left == 0 { Ok((heard.totals, heard.ended)) } else { Err(EngineError::Lost) }
}

/// Watches for a run that has no point, or none any more.
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
        self.failures += second.failed();
        let quiet = second.at.saturating_sub(self.last_success);
        let hopeless = !self.succeeded && self.failures >= FUTILE_FAILURES * self.connections;
        let long = quiet >= FUTILE_TIME && self.failures >= self.connections.min(FUTILE_FAILURES);
        (hopeless && quiet >= HOPELESS_TIME) || long
    }
}

/// So many failures a slot, and no success ever, make a run futile.
const FUTILE_FAILURES: u64 = 5;
const HOPELESS_TIME: Duration = Duration::from_secs(3);
/// And so does this time without a success, if anything failed in it: twice a small device's handshake, and some.
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
