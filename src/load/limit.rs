//! Searches for a device's limits. Increases its sessions, then its handshakes and requests a second, until it fails, a gate
//! fails, or the rate does not rise any more; then waits for the device to recover. Every step is a run of the one worker loop;
//! those that decide are repeated (`limit/saturation.rs`).

mod data;
mod passes;
mod saturation;

pub use self::data::{
    Beyond, Certainty, EndedBy, FirstFailure, LimitKind, Limits, OwnLimit, Recovery, SaturationPoint,
    SearchResult, SearchStep, Sessions, Spread, Victim,
};

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    client::Client,
    engine::{EngineError, FinishedRun},
    failure::{Class, Failure, Stage},
    plan::{LoadPlan, Mode, StatDuty},
    schedule::{Schedule, StopRule},
    shortage::Shortage,
    summary::Rate,
};
use crate::duration::micros;

/// So many sessions a search tries at most, unless it is told otherwise.
pub const DEFAULT_SESSIONS: u32 = 64;

/// What a search drives: real or simulated.
pub trait StepRunner {
    /// A connection slot's client.
    type Client: Client;

    /// A client of its own for slot `index`.
    fn client(&self, index: usize) -> Self::Client;

    /// One run of the worker loop.
    fn run(&mut self, plan: LoadPlan) -> impl Future<Output = Result<FinishedRun, EngineError>>;

    /// Whether a step is good enough, errors apart.
    fn passes(&self, mode: Mode, plan: &LoadPlan, outcome: &FinishedRun) -> Gated;

    /// Whoever watches learns what is being tried.
    fn tell(&mut self, attempt: &Attempt);
}

/// Whether a step passed the gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gated {
    /// All passed.
    Passed,
    /// One failed.
    Failed,
}

/// What is being tried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Attempt {
    /// To hold this many sessions.
    Sessions(usize),
    /// A step of load.
    Step {
        /// The mode.
        mode: Mode,
        /// Connections at once.
        connections: usize,
        /// The rate; `None` as fast as answers come.
        per_s: Option<f64>,
    },
    /// To reach the device again.
    Recovery,
}

/// What bounds a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most sessions that are tried.
    pub sessions: usize,
    /// How long a step lasts at least.
    pub step: Duration,
    /// How long the device may take to recover.
    pub recovery: Duration,
    /// After this time nothing is begun but to wait for the recovery.
    pub longest: Duration,
}

/// A search under way.
struct Search<'a, R> {
    runner: &'a mut R,
    bounds: &'a Bounds,
    limits: &'a mut Limits,
    /// When its time is up.
    until: Instant,
}

/// Searches; `limits` has what was found so far, also when the search is given up.
///
/// # Errors
/// [`EngineError`].
pub async fn search<R: StepRunner>(
    runner: &mut R,
    bounds: &Bounds,
    limits: &mut Limits,
) -> Result<(), EngineError> {
    let until = Instant::now() + bounds.longest;
    let mut search = Search { runner, bounds, limits, until };
    let sessions = search.most_sessions().await;
    search.limits.sessions = Some(sessions);
    if search.limits.recovery.is_some() {
        return Ok(());
    }
    // What this machine can't hold open it can't load with either.
    if sessions.most > 0 && search.limits.own_limit.is_none() {
        // The requests get what the handshakes leave, and at least half of what is left now.
        let half = Instant::now() + until.saturating_duration_since(Instant::now()) / 2;
        search.limits.handshakes =
            saturation::point(&mut search, Mode::Handshake, sessions.most, half).await?;
        search.limits.requests = saturation::point(&mut search, Mode::Request, sessions.most, until).await?;
    }
    search.limits.recovery = search.recovery(bounds.recovery).await;
    Ok(())
}

impl<R: StepRunner> Search<'_, R> {
    /// Adds sessions one by one until one fails, and once more when the device has recovered. If it does not, that is the
    /// end of the search, and `limits` says so.
    async fn most_sessions(&mut self) -> Sessions {
        let mut confirmed: Option<usize> = None;
        loop {
            let (most, failure) = self.hold().await;
            let Some((failure, victim)) = failure else {
                return Sessions { most: most.max(confirmed.unwrap_or_default()), beyond: None };
            };
            let Failure { class, stage, .. } = failure;
            let first = FirstFailure { class, stage, connections: most + 1, rate: None };
            self.limits.first_failure.get_or_insert(first);
            let beyond = Some(Beyond { class, stage, victim });
            match confirmed {
                // A failure that does not come again was none of the limit.
                Some(before) if most <= before => return Sessions { most: before, beyond },
                _ => confirmed = Some(most),
            }
            // A device that has not taken one session yet is not there, or not a device.
            let patience =
                if most == 0 { self.bounds.recovery.min(FIRST_PATIENCE) } else { self.bounds.recovery };
            let recovered = self.recovery(patience).await;
            if recovered.is_none_or(|recovered| recovered.after_us.is_none()) {
                self.limits.recovery = recovered;
                return Sessions { most, beyond };
            }
        }
    }

    /// Opens sessions until one fails or the time is up; returns how many answered at once, and the failure. One of this
    /// machine ends it too, and is none of the device's.
    async fn hold(&mut self) -> (usize, Option<(Failure, Victim)>) {
        let mut held: Vec<Held<R::Client>> = Vec::new();
        let (mut answered, mut failure) = (0, None);
        while held.len() < self.bounds.sessions {
            if Instant::now() >= self.until {
                self.limits.time_up = true;
                break;
            }
            self.runner.tell(&Attempt::Sessions(held.len() + 1));
            failure = reopen(&mut held).await;
            if failure.is_some() {
                break;
            }
            let mut newcomer = self.runner.client(held.len());
            if let Err(error) = newcomer.open().await {
                failure = Some((error, Victim::Newcomer));
                break;
            }
            held.push(Held { client: newcomer, standing: Standing::Held });
            failure = failing(&mut held).await;
            if failure.is_some() {
                break;
            }
            answered = held.len();
        }
        for session in &mut held {
            session.client.close().await;
        }
        (answered, failure.filter(|(failure, _)| !self.note_own_limit(*failure, answered + 1)))
    }

    /// Takes note of a failure of this machine; whether it is one.
    fn note_own_limit(&mut self, failure: Failure, connections: usize) -> bool {
        if failure.is_ours() {
            let shortage = failure.shortage.unwrap_or(Shortage::Other);
            self.limits.own_limit.get_or_insert(OwnLimit { shortage, connections });
        }
        failure.is_ours()
    }

    /// One step; says what ends the search, if this step does.
    async fn step(
        &mut self,
        mode: Mode,
        connections: usize,
        rate: Option<f64>,
        lasts: Duration,
    ) -> Result<(SearchStep, Option<EndedBy>), EngineError> {
        self.runner.tell(&Attempt::Step { mode, connections, per_s: rate });
        let schedule = rate.map_or(Schedule::AsAnswered, |per_s| Schedule::Steady { per_s });
        let stop = StopRule { count: None, duration: Some(lasts) };
        let plan =
            LoadPlan { unit: mode.unit(), connections, schedule, stop, grace: GRACE, stat: StatDuty::None };
        let outcome = self.runner.run(plan).await?;
        let step = summed_up(mode, &plan, &outcome);
        self.limits.steps.push(step);
        if let Some(shortage) = outcome.totals.shortage() {
            self.limits.own_limit.get_or_insert(OwnLimit { shortage, connections });
            return Ok((step, Some(EndedBy::OwnLimit)));
        }
        if let Some(tally) = outcome.totals.first_failure() {
            let Failure { class, stage, .. } = tally.failure;
            self.limits.first_failure.get_or_insert(FirstFailure { class, stage, connections, rate });
            return Ok((step, Some(EndedBy::Errors)));
        }
        let verdict = match (self.runner.passes(mode, &plan, &outcome), step.rate_ratio) {
            (Gated::Failed, _) => Some(EndedBy::Gate),
            (Gated::Passed, Some(ratio)) if ratio < KEPT_UP => Some(EndedBy::RateNotReached),
            (Gated::Passed, _) => None,
        };
        Ok((step, verdict))
    }

    /// Waits until the device takes a connection and answers on it; `None` when this machine can make none.
    async fn recovery(&mut self, patience: Duration) -> Option<Recovery> {
        self.runner.tell(&Attempt::Recovery);
        let since = Instant::now();
        loop {
            let mut client = self.runner.client(0);
            let answer = match client.open().await {
                Ok(_) => client.ask().await.err().map(Failure::from),
                Err(failure) => Some(failure),
            };
            client.close().await;
            match answer {
                None => return Some(Recovery { after_us: Some(micros(since.elapsed())) }),
                Some(failure) if self.note_own_limit(failure, 1) => return None,
                Some(_) if since.elapsed() >= patience => return Some(Recovery { after_us: None }),
                Some(_) => sleep(RECOVERY_PAUSE).await,
            }
        }
    }
}

/// A session that is held open.
struct Held<C> {
    client: C,
    standing: Standing,
}

/// Whether a session is to be there still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The server has said nothing else.
    Held,
    /// The server ended it together with its answer, as `Connection: close` says: no other session took its place.
    EndedInOrder,
}

/// Opens those again that the server ended in order, so that all are there before the next one comes.
async fn reopen<C: Client>(held: &mut [Held<C>]) -> Option<(Failure, Victim)> {
    for session in held.iter_mut().filter(|session| session.standing == Standing::EndedInOrder) {
        if let Err(failure) = session.client.open().await {
            return Some((failure, Victim::Older));
        }
        session.standing = Standing::Held;
    }
    None
}

/// Asks on every session; all must answer, the newest last.
async fn failing<C: Client>(held: &mut [Held<C>]) -> Option<(Failure, Victim)> {
    let newest = held.len().saturating_sub(1);
    for (index, session) in held.iter_mut().enumerate() {
        let victim = if index == newest { Victim::Newcomer } else { Victim::Older };
        if !session.client.is_open() {
            return Some((Failure::new(Class::ClosedEarly, Stage::Request), victim));
        }
        // A session that is given up is closed, whether that is noticed before the request or under it.
        if let Err(unanswered) = session.client.ask().await {
            return Some((unanswered.into(), victim));
        }
        if !session.client.is_open() {
            session.standing = Standing::EndedInOrder;
        }
    }
    None
}

fn summed_up(mode: Mode, plan: &LoadPlan, outcome: &FinishedRun) -> SearchStep {
    let FinishedRun { totals, own_delay, .. } = outcome;
    let seconds = totals.last_at.as_secs_f64();
    let per_s = if seconds > 0.0 { totals.completed as f64 / seconds } else { 0.0 };
    let rate = if let Schedule::Steady { per_s } = plan.schedule { Some(rounded(per_s)) } else { None };
    SearchStep {
        mode,
        connections: plan.connections,
        rate,
        per_s: rounded(per_s),
        completed: totals.completed,
        failed: totals.failed(),
        rate_ratio: Rate::new(plan.schedule, plan.stop, totals, None).map(|rate| rounded(rate.rate_ratio)),
        p50_us: totals.total.value_at_quantile(0.5),
        p99_us: totals.total.value_at_quantile(0.99),
        mean_wait_us: own_delay.mean_wait.map(micros),
        stolen_share: own_delay.stolen_share.map(rounded),
        idle_share: own_delay.idle_share.map(rounded),
        mean_lag_us: micros(totals.mean_lag()),
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

const KEPT_UP: f64 = 0.95;
const GRACE: Duration = Duration::from_secs(20);
const FIRST_PATIENCE: Duration = Duration::from_secs(5);
const RECOVERY_PAUSE: Duration = Duration::from_millis(500);
