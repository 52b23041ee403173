//! The same load once more, without a result: whether the device loses heap again.

use std::{future::pending, time::Duration};

use super::{plan::Prepared, run::Make};
use crate::{
    client::request::Repetition,
    load::{
        engine,
        plan::{Asks, LoadPlan, StatDuty},
        schedule::{Schedule, StopRule},
    },
};

/// Load that may be made once more.
pub(super) struct RepeatedLoad {
    plan: LoadPlan,
    threads: usize,
    make: Make,
}

impl RepeatedLoad {
    /// Of `plan`; `None` where its request may not be sent again, because that does something each time.
    pub(super) fn new(prepared: &Prepared, plan: LoadPlan, make: &Make) -> Option<Self> {
        let harmless =
            plan.unit.asks == Asks::Nothing || prepared.request.method.repetition() == Repetition::Harmless;
        harmless.then(|| Self { plan, threads: prepared.threads, make: Make::clone(make) })
    }

    /// Makes up to `units` units, as fast as they are answered and for a limited time; returns how many ended.
    pub(super) async fn run(&self, units: u64) -> Option<u64> {
        let stop = StopRule { count: Some(units), duration: Some(LONGEST) };
        let plan = LoadPlan { schedule: Schedule::AsAnswered, stop, stat: StatDuty::None, ..self.plan };
        let make = Make::clone(&self.make);
        let outcome = engine::run(plan, self.threads, make, &mut |_| {}, pending()).await.ok()?;
        Some(outcome.totals.completed + outcome.totals.failed())
    }
}

/// Nobody waits longer than this for being told a first use from a leak.
const LONGEST: Duration = Duration::from_secs(30);
