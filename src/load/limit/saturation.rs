//! How many units a second a device takes in one mode: the number of connections that brings the most, and the highest rate
//! that is kept up. What decides is repeated, because one pass on a machine that does other things too tells little.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Certainty, EndedBy, SaturationPoint, Search, SearchStep, StepRunner,
    passes::{Passes, Trial},
    rounded,
};
use crate::load::{engine::EngineError, plan::Mode};

/// Steps up connections as fast as answers come, then the rate with the best number of them; begins no pass that would
/// end after `until`. `None` when not one pass went well.
///
/// # Errors
/// [`EngineError`].
pub(super) async fn point<R: StepRunner>(
    search: &mut Search<'_, R>,
    mode: Mode,
    sessions: usize,
    until: Instant,
) -> Result<Option<SaturationPoint>, EngineError> {
    let step = search.bounds.step;
    let mut passes = ModeSearch { search, mode, sessions, until, step };
    let (best, ended_by) = passes.best_level().await?;
    let Some(best) = best else { return Ok(None) };
    let (fastest, ended_by) = passes.repeat(best, ended_by).await?;
    if ended_by == EndedBy::OwnLimit {
        return Ok(Some(summed_up(&fastest, None, sessions, ended_by)));
    }
    let (kept, ended_by) = passes.highest_kept(fastest.median()).await?;
    Ok(Some(summed_up(&fastest, kept.as_ref(), sessions, ended_by)))
}

/// The passes of one mode.
struct ModeSearch<'s, 'a, R> {
    search: &'s mut Search<'a, R>,
    mode: Mode,
    sessions: usize,
    until: Instant,
    /// How long a pass lasts at least: as long as was asked for, or longer where no unit ends in that time.
    step: Duration,
}

impl<R: StepRunner> ModeSearch<'_, '_, R> {
    /// The number of connections that brings the most, by one pass each; and what ended the passes.
    async fn best_level(&mut self) -> Result<(Option<SearchStep>, EndedBy), EngineError> {
        let mut best: Option<SearchStep> = None;
        for connections in levels(self.sessions) {
            let step = match self.pass(connections, None).await? {
                Ok(step) => step,
                Err(verdict) => return Ok((best, verdict)),
            };
            if best.is_none_or(|best| step.per_s > best.per_s * GROWTH) {
                best = Some(step);
            }
        }
        Ok((best, EndedBy::NoMoreSteps))
    }

    /// Repeats a pass until the median of all of them is stable.
    async fn repeat(
        &mut self,
        first: SearchStep,
        ended_by: EndedBy,
    ) -> Result<(Passes, EndedBy), EngineError> {
        let mut passes = Passes::new(first);
        while passes.is_wanting() {
            match self.pass(first.connections, None).await? {
                Ok(step) => passes.push(step),
                Err(verdict) => return Ok((passes, verdict)),
            }
        }
        Ok((passes, ended_by))
    }

    /// The passes at the highest rate that most of its passes kept up, and what ended the rise.
    async fn highest_kept(&mut self, per_s: f64) -> Result<(Option<Passes>, EndedBy), EngineError> {
        let (mut kept, mut ended_by) = (Vec::new(), EndedBy::NoMoreSteps);
        for share in RATE_SHARES {
            let mut trial = Trial::new(per_s * share);
            while !trial.is_plain() && self.try_rate(&mut trial).await? {}
            match trial.verdict() {
                None => kept.push(trial),
                Some(verdict) => {
                    ended_by = verdict;
                    break;
                }
            }
        }
        while let Some(mut trial) = kept.pop() {
            while !trial.is_confirmed() && self.try_rate(&mut trial).await? {}
            match trial.verdict() {
                None => return Ok((trial.kept(), ended_by)),
                Some(verdict) => ended_by = verdict,
            }
        }
        Ok((None, ended_by))
    }

    /// One more pass at a rate; whether another one makes sense.
    async fn try_rate(&mut self, trial: &mut Trial) -> Result<bool, EngineError> {
        let passed = self.pass(self.sessions, Some(trial.rate)).await?;
        let goes_on = !matches!(passed, Err(EndedBy::TimeUp | EndedBy::OwnLimit));
        trial.push(passed);
        Ok(goes_on)
    }

    /// One pass; what ends the search in place of a step that went well.
    async fn pass(
        &mut self,
        connections: usize,
        rate: Option<f64>,
    ) -> Result<Result<SearchStep, EndedBy>, EngineError> {
        loop {
            let lasts = rate.map_or(self.step, |rate| self.step.max(long_enough_for(rate)));
            if Instant::now() + lasts > self.until {
                self.search.limits.time_up = true;
                return Ok(Err(EndedBy::TimeUp));
            }
            let (step, verdict) = self.search.step(self.mode, connections, rate, lasts).await?;
            // In so short a time not one unit ended, neither well nor badly: that is no rate.
            if step.completed == 0 && verdict.is_none() {
                self.step = self.step.saturating_mul(LONGER);
                continue;
            }
            return Ok(verdict.map_or(Ok(step), Err));
        }
    }
}

/// How long some units take at this rate, which may be as small as a number can be.
fn long_enough_for(rate: f64) -> Duration {
    Duration::try_from_secs_f64(UNITS_A_STEP / rate).unwrap_or(LONGEST_STEP).min(LONGEST_STEP)
}

/// What the passes show. A rate that was kept up came about, so the most is never below it.
fn summed_up(fastest: &Passes, kept: Option<&Passes>, sessions: usize, ended_by: EndedBy) -> SaturationPoint {
    let steady = kept.map(Passes::median);
    let (most, connections) = match kept {
        Some(kept) if kept.median() > fastest.median() => (kept, sessions),
        _ => (fastest, fastest.middle().connections),
    };
    let SearchStep { p50_us, p99_us, .. } = most.middle();
    let starved = fastest.is_starved() || kept.is_some_and(Passes::is_starved);
    SaturationPoint {
        per_s: rounded(most.median()),
        spread: most.spread(),
        connections,
        steady_per_s: steady.map(rounded),
        steady_spread: kept.map(Passes::spread),
        p50_us,
        p99_us,
        ended_by,
        certainty: match starved {
            true => Certainty::Starved,
            false if fastest.is_stable() => Certainty::Stable,
            false => Certainty::Unstable,
        },
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

/// More connections must bring more than the noise to count as better.
const GROWTH: f64 = 1.03;
/// Of what came as fast as answers came.
const RATE_SHARES: [f64; 7] = [0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5];
const UNITS_A_STEP: f64 = 12.0;
/// The longest that a pass is made for the sake of its rate.
const LONGEST_STEP: Duration = Duration::from_secs(60);
/// By how much a pass is made longer in which nothing ended.
const LONGER: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rate_is_too_small_for_a_step() {
        assert_eq!(long_enough_for(4.0), Duration::from_secs(3));
        for rate in [0.0, f64::MIN_POSITIVE, 1e-30, 0.001, -1.0, f64::NAN] {
            assert_eq!(long_enough_for(rate), LONGEST_STEP, "{rate}");
        }
        assert_eq!(long_enough_for(f64::INFINITY), Duration::ZERO);
    }

    #[test]
    fn the_levels_are_close_at_first_and_end_with_the_most() {
        assert_eq!(levels(1), [1]);
        assert_eq!(levels(4), [1, 2, 3, 4]);
        assert_eq!(levels(20), [1, 2, 3, 4, 6, 8, 12, 16, 20]);
    }
}
