//! Whether a command has been told to stop: a signal sets it, and whoever works on a board asks before each step.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether to stop. Its clones share one value, which stays set.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Says to stop: from now on nothing new is begun.
    pub fn give(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it has been said.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
