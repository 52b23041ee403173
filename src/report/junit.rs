//! Results as JUnit XML: a suite a server, board or run; a case for whatever can pass or fail in it.

mod flash;
mod load;
mod probe;
mod writer;

pub(super) use self::writer::timestamp;
pub use self::writer::{Case, CaseOutcome, Suite, junit};

use crate::error::{Error, Fault};

impl CaseOutcome {
    /// How something ended that ended with this error: a finding is a failure, and what could not be told an error.
    #[must_use]
    pub fn of(error: Option<&Error>) -> Self {
        let says = |error: &Error| format!("{} ({})", error.what, error.code);
        match error {
            None => Self::Passed,
            Some(error) if error.fault == Fault::Finding => Self::Failed(says(error)),
            Some(error) => Self::Error(says(error)),
        }
    }
}
