//! Makes the checks, or cleans the cache, and reports.

use std::time::{Duration, Instant};

use super::{explain, plan::Asked};
use crate::{
    device::{cache::Cache, cache_files::CacheNames},
    doctor::{
        Diagnosis,
        check::Verb,
        surroundings::{AskBoards, Surroundings},
    },
    error::Result,
    interrupt::Interrupts,
    report::Console,
};

/// Makes the checks that these commands need.
pub(super) async fn check(
    verbs: &[Verb],
    surroundings: Surroundings,
    asked: Asked,
    mut interrupts: Interrupts,
    console: &mut Console,
) -> Result<()> {
    let asks_boards = surroundings.boards == AskBoards::Yes;
    let step = asks_boards.then(|| console.step("asking the boards, which restarts them"));
    let made = interrupts.or(Diagnosis::make(verbs, surroundings)).await;
    let diagnosis = made.map_err(explain::stopped)?;
    if let Some(step) = step {
        step.done();
    }
    let error = explain::verdict(&diagnosis, asked);
    console.result(&diagnosis, error.as_ref())?;
    error.map_or(Ok(()), Err)
}

/// Removes from the cache what no version of this program uses.
pub(super) fn clean(console: &mut Console) -> Result<()> {
    let cache = Cache::locate(|name| std::env::var_os(name).map(Into::into))
        .map_err(|error| explain::no_cache(&error))?;
    let cleaned = cache.clean(&CacheNames::of_this_binary(), Instant::now() + COUNTING);
    let cleaned = cleaned.map_err(|error| explain::not_cleaned(&cache, error))?;
    console.result(&Diagnosis::cleaned(cache.root(), cleaned), None)
}

/// So long the sizes of what is in the cache are added up.
const COUNTING: Duration = Duration::from_secs(10);
