//! The word to stop, which a signal gives and whoever works on a board asks for.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether to stop. Its clones are one and the same; once given, the word stays.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Gives the word: from now on nothing new is begun.
    pub fn give(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it has been given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
