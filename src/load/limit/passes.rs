//! Several passes of the same step, and what they tell together.

use super::{EndedBy, SearchStep, Spread};

/// The passes of one step that went well, at least one.
#[derive(Debug, Clone)]
pub(super) struct Passes {
    first: SearchStep,
    others: Vec<SearchStep>,
}

/// A rate that is tried: the passes that kept it up, and why the others did not.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    /// Units a second.
    pub(super) rate: f64,
    kept: Vec<SearchStep>,
    missed: Vec<EndedBy>,
}

impl Passes {
    pub(super) fn new(first: SearchStep) -> Self {
        Self { first, others: Vec::new() }
    }

    pub(super) fn push(&mut self, step: SearchStep) {
        self.others.push(step);
    }

    /// Whether more passes would tell more.
    pub(super) fn is_wanting(&self) -> bool {
        !self.is_stable() && self.all().count() < MOST_PASSES
    }

    /// The median of their units a second.
    pub(super) fn median(&self) -> f64 {
        median(&self.rates())
    }

    /// Whether the last two passes have hardly changed the median, and the middle half of all are close to each other.
    pub(super) fn is_stable(&self) -> bool {
        let mut rates = self.rates();
        let is_settled = is_settled(&rates);
        rates.sort_by(f64::total_cmp);
        let (quarter, count) = (rates.len() / 4, rates.len());
        let ends = rates.get(quarter).zip(rates.get(count.saturating_sub(1 + quarter)));
        is_settled && ends.is_some_and(|(low, high)| high - low <= median(&rates) * CLOSE)
    }

    /// The least and the most of their units a second.
    pub(super) fn spread(&self) -> Spread {
        let rates = self.rates();
        let least = rates.iter().copied().fold(f64::INFINITY, f64::min);
        Spread { least, most: rates.iter().copied().fold(0.0, f64::max), passes: rates.len() }
    }

    /// The pass in the middle.
    pub(super) fn middle(&self) -> SearchStep {
        let mut steps: Vec<SearchStep> = self.all().copied().collect();
        steps.sort_by(|one, other| one.per_s.total_cmp(&other.per_s));
        steps.get(steps.len() / 2).copied().unwrap_or(self.first)
    }

    /// Whether this machine was too busy in half of them or more.
    pub(super) fn is_starved(&self) -> bool {
        2 * self.all().filter(|step| step.is_starved()).count() >= self.all().count()
    }

    fn all(&self) -> impl Iterator<Item = &SearchStep> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn rates(&self) -> Vec<f64> {
        self.all().map(|step| step.per_s).collect()
    }
}

impl Trial {
    pub(super) fn new(rate: f64) -> Self {
        Self { rate, kept: Vec::new(), missed: Vec::new() }
    }

    pub(super) fn push(&mut self, passed: Result<SearchStep, EndedBy>) {
        match passed {
            Ok(step) => self.kept.push(step),
            Err(verdict) => self.missed.push(verdict),
        }
    }

    /// Whether one pass kept the rate up, or most of three tell whether it is.
    pub(super) fn is_plain(&self) -> bool {
        (self.missed.is_empty() && !self.kept.is_empty()) || self.is_confirmed()
    }

    /// Whether two passes agree.
    pub(super) fn is_confirmed(&self) -> bool {
        self.kept.len() >= MAJORITY || self.missed.len() >= MAJORITY
    }

    /// What speaks against the rate; `None` when most passes kept it up. Passes that were not made speak for nothing.
    pub(super) fn verdict(&self) -> Option<EndedBy> {
        let mut against = self.missed.iter().filter(|missed| **missed != EndedBy::TimeUp);
        if self.kept.len() > against.clone().count() {
            return None;
        }
        against.next_back().copied().or(Some(EndedBy::TimeUp))
    }

    /// The passes that kept it up.
    pub(super) fn kept(self) -> Option<Passes> {
        let mut steps = self.kept.into_iter();
        let mut passes = Passes::new(steps.next()?);
        steps.for_each(|step| passes.push(step));
        Some(passes)
    }
}

/// Whether the median is where it was before the last passes.
fn is_settled(rates: &[f64]) -> bool {
    let now = median(rates);
    let before = (1..=SETTLED).map(|fewer| rates.len().checked_sub(fewer).filter(|left| *left > 0));
    before
        .map(|left| left.and_then(|left| rates.get(..left)).map(median))
        .all(|before| before.is_some_and(|before| (before - now).abs() <= now * STABLE))
}

fn median(rates: &[f64]) -> f64 {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    let lower = sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    f64::midpoint(lower, upper)
}

/// Two of three.
const MAJORITY: usize = 2;
/// So many passes must have left the median where it is, within [`STABLE`].
const SETTLED: usize = 2;
const STABLE: f64 = 0.05;
/// How far the middle half may be apart.
const CLOSE: f64 = 0.15;
const MOST_PASSES: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::plan::Mode;

    fn step(per_s: f64, mean_wait_us: u64) -> SearchStep {
        SearchStep {
            mode: Mode::Request,
            connections: 1,
            rate: None,
            per_s,
            completed: 1,
            failed: 0,
            rate_ratio: None,
            p50_us: 1000,
            p99_us: 1,
            mean_wait_us: Some(mean_wait_us),
            stolen_share: None,
            idle_share: None,
            mean_lag_us: 0,
        }
    }

    fn passes(rates: &[f64]) -> Passes {
        let mut passes = Passes::new(step(rates[0], 0));
        rates[1..].iter().for_each(|rate| passes.push(step(*rate, 0)));
        passes
    }

    #[test]
    fn a_median_is_stable_when_two_more_passes_have_not_moved_it() {
        assert!(!passes(&[100.0]).is_stable() && !passes(&[100.0, 100.0]).is_stable());
        assert!(passes(&[100.0, 101.0, 99.0]).is_stable());
        assert!(!passes(&[120.0, 100.0, 101.0]).is_stable(), "the first was an outlier");
        let drifting = passes(&[190.0, 52.0, 70.0, 55.0, 75.0, 71.0, 72.0]);
        assert!(!drifting.is_stable(), "a median that stays, between passes that are far apart");
        let wild = passes(&[120.0, 100.0, 101.0, 99.0, 60.0, 100.0]);
        assert!(wild.is_stable(), "one that is far off moves a median little");
        assert_eq!((wild.median(), wild.spread()), (100.0, Spread { least: 60.0, most: 120.0, passes: 6 }));
        let unsteady: Vec<f64> = (0..9).map(|pass| if pass % 2 == 0 { 50.0 } else { 150.0 }).collect();
        assert!(!passes(&unsteady).is_stable() && !passes(&unsteady).is_wanting(), "it ends");
    }

    #[test]
    fn a_rate_is_kept_up_when_most_of_its_passes_keep_it_up() {
        let mut trial = Trial::new(5.0);
        assert_eq!((trial.is_plain(), trial.verdict()), (false, Some(EndedBy::TimeUp)));
        trial.push(Err(EndedBy::RateNotReached));
        assert_eq!((trial.is_plain(), trial.verdict()), (false, Some(EndedBy::RateNotReached)));
        trial.push(Ok(step(5.0, 0)));
        assert!(!trial.is_plain());
        trial.push(Ok(step(5.0, 0)));
        assert_eq!((trial.is_plain(), trial.is_confirmed(), trial.verdict()), (true, true, None));
        let mut early = Trial::new(5.0);
        early.push(Ok(step(5.0, 0)));
        early.push(Err(EndedBy::TimeUp));
        assert_eq!(early.verdict(), None, "what was not tried speaks for nothing");
    }

    #[test]
    fn passes_are_starved_when_half_of_them_are() {
        let mut passes = Passes::new(step(1.0, 101));
        assert!(passes.is_starved());
        passes.push(step(1.0, 0));
        assert!(passes.is_starved());
        passes.push(step(1.0, 0));
        assert!(!passes.is_starved());
    }
}
