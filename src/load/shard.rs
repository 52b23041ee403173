//! One thread's share of a run: its workers, on the runtime that it is called in. Simulated clients run here in simulated
//! time.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use hdrhistogram::CreationError;
use tokio::{
    select,
    sync::watch,
    task::{JoinSet, LocalSet},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};

use super::{
    client::Client,
    due_timer::{DueTimer, Timing},
    failure::{Class, Failure, Stage},
    interval::Interval,
    sample::{Recorder, Totals},
    worker::{Run, Shared, UnderWay, Worker},
};

/// What a run is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Go on.
    Go,
    /// Stop now; what is under way counts for nothing.
    Stop,
}

/// Why a shard ended.
enum ShardEnd {
    Done,
    Deadline,
    Ordered,
    Panicked,
}

/// Why a shard has no figures.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// No histogram can be made: a bug.
    #[error("no histogram can be made: {0:?}")]
    Histogram(CreationError),
    /// A worker panicked: a bug.
    #[error("a worker panicked")]
    Panicked,
}

/// Lets the workers of `clients`, each with the number of its slot, work until they are done, the grace after the
/// plan's time is over, or `orders` say stop. Tells each second what happened.
///
/// # Errors
/// [`ShardError`].
pub async fn shard<C: Client + 'static>(
    run: Arc<Run>,
    clients: Vec<(usize, C)>,
    mut orders: watch::Receiver<Order>,
    timing: Timing,
    mut tell: impl FnMut(Interval),
) -> Result<Totals, ShardError> {
    let recorder = Recorder::new().map_err(ShardError::Histogram)?;
    let recorder: Shared = Rc::new(RefCell::new(recorder));
    let (local, timer) = (LocalSet::new(), DueTimer::new(timing));
    let mut workers = JoinSet::new();
    let mut under_way = Vec::with_capacity(clients.len());
    for (index, client) in clients {
        let worker = Worker::new(Arc::clone(&run), client, Rc::clone(&recorder), timer.clone(), index);
        under_way.push(worker.under_way());
        workers.spawn_local_on(worker.work(), &local);
    }
    let watched = watch_over(&run, &recorder, &mut workers, &mut orders, &mut tell);
    let driven = async {
        select! {
            end = watched => end,
            // It never ends.
            () = timer.drive() => ShardEnd::Panicked,
        }
    };
    let end = local.run_until(driven).await;
    cut_off(&run, &recorder, &under_way, &end);
    workers.abort_all();
    let last = recorder.borrow_mut().tell(run.now());
    tell(last);
    let totals = recorder.borrow().totals.clone();
    if matches!(end, ShardEnd::Panicked) { Err(ShardError::Panicked) } else { Ok(totals) }
}

async fn watch_over(
    run: &Run,
    recorder: &Shared,
    workers: &mut JoinSet<()>,
    orders: &mut watch::Receiver<Order>,
    tell: &mut impl FnMut(Interval),
) -> ShardEnd {
    let begun = Instant::now();
    let mut beat = interval_at(begun + BEAT, BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_tell = begun + TELL_PERIOD;
    let mut clock = None;
    loop {
        if clock.is_none() {
            clock = run.start();
            next_tell = clock.map_or(next_tell, |start| start + TELL_PERIOD);
        }
        let limit = run.plan.stop.duration.map(|duration| duration + run.plan.grace);
        let end = run.start().zip(limit).map(|(start, limit)| start + limit);
        select! {
            joined = workers.join_next() => match joined {
                None => return ShardEnd::Done,
                Some(Ok(())) => {}
                Some(Err(_)) => return ShardEnd::Panicked,
            },
            due = beat.tick() => {
                let now = Instant::now();
                let mut recorder = recorder.borrow_mut();
                recorder.totals.lag = recorder.totals.lag.max(now - due);
                recorder.totals.lags.0 += now - due;
                recorder.totals.lags.1 += 1;
                if now >= next_tell {
                    next_tell += TELL_PERIOD;
                    tell(recorder.tell(run.now()));
                }
            }
            // Whoever gives the orders is gone with the run.
            _ = orders.wait_for(|order| *order == Order::Stop) => return ShardEnd::Ordered,
            () = sleep_until(end.unwrap_or(begun)), if end.is_some() => return ShardEnd::Deadline,
        }
    }
}

/// Units that are under way when the time is over have failed; when the run is stopped they are neither.
fn cut_off(run: &Run, recorder: &Shared, under_way: &[UnderWay], end: &ShardEnd) {
    let mut recorder = recorder.borrow_mut();
    for began in under_way.iter().filter_map(|began| began.get()) {
        match end {
            ShardEnd::Done | ShardEnd::Panicked => {}
            ShardEnd::Deadline => {
                let failure = Failure::new(Class::Deadline, Stage::Request);
                recorder.failed(failure, began.elapsed(), run.now());
            }
            ShardEnd::Ordered => recorder.totals.cut += 1,
        }
    }
}

/// How often the event loop's own lag is measured.
const BEAT: Duration = Duration::from_millis(20);
/// How often a shard tells what happened.
const TELL_PERIOD: Duration = Duration::from_secs(1);
