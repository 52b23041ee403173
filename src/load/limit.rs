//! Searches for a device's limits. Increases its sessions, then its handshakes and requests a second, until it fails, a gate
//! fails, or the rate does not rise any more; then waits for the device to recover. Every step is a run of the one worker loop.

mod data;

pub use self::data::{
    Beyond, EndedBy, FirstFailure, LimitKind, Limits, Recovery, SaturationPoint, SearchResult, SearchStep,
    Sessions, Victim,
};

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    client::Client,
    engine::{EngineError, FinishedRun},
    failure::{Class, Failure, Stage},
    plan::{LoadPlan, Mode, StatDuty},
    sample::Totals,
    schedule::{Schedule, StopRule},
    summary::Rate,
};
use crate::duration::micros;

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
    let sessions = most_sessions(runner, bounds, limits).await;
    limits.sessions = Some(sessions);
    if limits.recovery.is_some() {
        return Ok(());
    }
    if sessions.most > 0 {
        limits.handshakes = saturation_point(runner, Mode::Handshake, sessions.most, bounds, limits).await?;
        limits.requests = saturation_point(runner, Mode::Request, sessions.most, bounds, limits).await?;
    }
    limits.recovery = Some(recovery(runner, bounds.recovery).await);
    Ok(())
}

/// Adds sessions one by one until one fails, and once more when the device has recovered. If it does not, that is the
/// end of the search, and `limits` says so.
async fn most_sessions<R: StepRunner>(runner: &mut R, bounds: &Bounds, limits: &mut Limits) -> Sessions {
    let mut confirmed: Option<usize> = None;
    loop {
        let (most, failure) = hold(runner, bounds.sessions).await;
        let Some((failure, victim)) = failure else { return Sessions { most, beyond: None } };
        let first =
            FirstFailure { class: failure.class, stage: failure.stage, connections: most + 1, rate: None };
        limits.first_failure.get_or_insert(first);
        let beyond = Some(Beyond { class: failure.class, stage: failure.stage, victim });
        match confirmed {
            // A failure that does not come again was none of the limit.
            Some(before) if most <= before => return Sessions { most: before, beyond },
            _ => confirmed = Some(most),
        }
        // A device that has not taken one session yet is not there, or not a device.
        let patience = if most == 0 { bounds.recovery.min(FIRST_PATIENCE) } else { bounds.recovery };
        let recovered = recovery(runner, patience).await;
        if recovered.after_us.is_none() {
            limits.recovery = Some(recovered);
            return Sessions { most, beyond };
        }
    }
}

/// Opens sessions until one fails; returns how many answered at once, and the failure.
async fn hold<R: StepRunner>(runner: &mut R, most: usize) -> (usize, Option<(Failure, Victim)>) {
    let mut held: Vec<R::Client> = Vec::new();
    let (mut answered, mut failure) = (0, None);
    while held.len() < most {
        runner.tell(&Attempt::Sessions(held.len() + 1));
        let mut newcomer = runner.client(held.len());
        if let Err(error) = newcomer.open().await {
            failure = Some((error, Victim::Newcomer));
            break;
        }
        held.push(newcomer);
        failure = failing(&mut held).await;
        if failure.is_some() {
            break;
        }
        answered = held.len();
    }
    for client in &mut held {
        client.close().await;
    }
    (answered, failure)
}

/// Asks on every session; all must answer, the newest last.
async fn failing<C: Client>(held: &mut [C]) -> Option<(Failure, Victim)> {
    let newest = held.len().saturating_sub(1);
    for (index, client) in held.iter_mut().enumerate() {
        let victim = if index == newest { Victim::Newcomer } else { Victim::Older };
        if !client.is_open() {
            return Some((Failure::new(Class::ClosedEarly, Stage::Request), victim));
        }
        if let Err(failure) = client.ask().await {
            return Some((failure, victim));
        }
    }
    None
}

/// Steps up connections as fast as answers come, then the rate with the best number of them.
async fn saturation_point<R: StepRunner>(
    runner: &mut R,
    mode: Mode,
    sessions: usize,
    bounds: &Bounds,
    limits: &mut Limits,
) -> Result<Option<SaturationPoint>, EngineError> {
    let mut best: Option<SearchStep> = None;
    let mut ended_by = EndedBy::NoMoreSteps;
    for connections in levels(sessions) {
        let (step, verdict) = step(runner, mode, connections, None, bounds.step, limits).await?;
        if let Some(verdict) = verdict {
            ended_by = verdict;
            break;
        }
        if best.is_none_or(|best| step.per_s > best.per_s * GROWTH) {
            best = Some(step);
        }
    }
    let Some(best) = best else { return Ok(None) };
    let SearchStep { per_s, connections, p50_us, p99_us, .. } = best;
    let mut saturation_point =
        SaturationPoint { per_s, connections, steady_per_s: None, p50_us, p99_us, ended_by };
    for share in RATE_SHARES {
        let rate = best.per_s * share;
        let lasts = bounds.step.max(Duration::from_secs_f64(UNITS_A_STEP / rate)).min(LONGEST_STEP);
        let (step, verdict) = step(runner, mode, sessions, Some(rate), lasts, limits).await?;
        match verdict {
            None => saturation_point.steady_per_s = Some(step.rate.unwrap_or(step.per_s)),
            Some(verdict) => {
                saturation_point.ended_by = verdict;
                break;
            }
        }
    }
    Ok(Some(saturation_point))
}

/// One step; says what ends the search, if this step does.
async fn step<R: StepRunner>(
    runner: &mut R,
    mode: Mode,
    connections: usize,
    rate: Option<f64>,
    lasts: Duration,
    limits: &mut Limits,
) -> Result<(SearchStep, Option<EndedBy>), EngineError> {
    runner.tell(&Attempt::Step { mode, connections, per_s: rate });
    let schedule = rate.map_or(Schedule::AsAnswered, |per_s| Schedule::Steady { per_s });
    let stop = StopRule { count: None, duration: Some(lasts) };
    let plan =
        LoadPlan { unit: mode.unit(), connections, schedule, stop, grace: GRACE, stat: StatDuty::None };
    let outcome = runner.run(plan).await?;
    let step = summed_up(mode, &plan, &outcome.totals);
    limits.steps.push(step);
    if let Some(tally) = outcome.totals.first_failure() {
        let Failure { class, stage } = tally.failure;
        limits.first_failure.get_or_insert(FirstFailure { class, stage, connections, rate });
        return Ok((step, Some(EndedBy::Errors)));
    }
    let verdict = match (runner.passes(mode, &plan, &outcome), step.rate_ratio) {
        (Gated::Failed, _) => Some(EndedBy::Gate),
        (Gated::Passed, Some(ratio)) if ratio < KEPT_UP => Some(EndedBy::RateNotReached),
        (Gated::Passed, _) => None,
    };
    Ok((step, verdict))
}

fn summed_up(mode: Mode, plan: &LoadPlan, totals: &Totals) -> SearchStep {
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
    }
}

/// Waits until the device takes a connection and answers on it.
async fn recovery<R: StepRunner>(runner: &mut R, patience: Duration) -> Recovery {
    runner.tell(&Attempt::Recovery);
    let since = Instant::now();
    loop {
        let mut client = runner.client(0);
        let answers = client.open().await.is_ok() && client.ask().await.is_ok();
        client.close().await;
        if answers {
            return Recovery { after_us: Some(micros(since.elapsed())) };
        }
        if since.elapsed() >= patience {
            return Recovery { after_us: None };
        }
        sleep(RECOVERY_PAUSE).await;
    }
}

/// 1, 2, 3, 4, 6, 8, 12, .. and the most itself.
fn levels(most: usize) -> Vec<usize> {
    let mut levels = Vec::new();
    let mut level = 1;
    while level < most {
        levels.push(level);
        level = match level {
            0..4 => level + 1,
            level if level.is_power_of_two() => level / 2 * 3,
            level => level / 3 * 4,
        };
    }
    levels.push(most);
    levels
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// More connections must bring more than the noise to count as better.
const GROWTH: f64 = 1.03;
/// Of what came as fast as answers came.
const RATE_SHARES: [f64; 7] = [0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5];
const KEPT_UP: f64 = 0.95;
const UNITS_A_STEP: f64 = 12.0;
const LONGEST_STEP: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(20);
const FIRST_PATIENCE: Duration = Duration::from_secs(5);
const RECOVERY_PAUSE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_are_close_at_first_and_end_with_the_most() {
        assert_eq!(levels(1), [1]);
        assert_eq!(levels(4), [1, 2, 3, 4]);
        assert_eq!(levels(20), [1, 2, 3, 4, 6, 8, 12, 16, 20]);
    }
}
