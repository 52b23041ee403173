//! How a step ended, and what a run's steps amount to.

use serde::{Deserialize, Serialize};

use crate::error::Fault;

/// How a step ended. The order is that of urgency: the worst state of the steps is the state of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It did what it should, and found nothing wrong.
    Passed,
    /// It was left out on purpose; `says` has the reason.
    Skipped,
    /// It was not run, because an earlier step had failed or the time was over.
    NotRun,
    /// It could not be told whether the firmware is right: exit code 3.
    CouldNotTell,
    /// The lab is at fault, and the result says nothing about the firmware: exit code 4.
    Lab,
    /// The scenario is at fault: it asks for something that can't be done. Exit code 2.
    Scenario,
    /// The firmware is at fault: a finding, a gate, a panic, a broken protocol. Exit code 1.
    Regression,
    /// A bug in esp-https: exit code 70.
    Bug,
    /// A signal ended it: exit code 130.
    Interrupted,
}

impl StepState {
    /// All of them, in their order.
    pub const ALL: [Self; 9] = [
        Self::Passed,
        Self::Skipped,
        Self::NotRun,
        Self::CouldNotTell,
        Self::Lab,
        Self::Scenario,
        Self::Regression,
        Self::Bug,
        Self::Interrupted,
    ];

    /// The worst of several; of none it is [`Self::Passed`].
    #[must_use]
    pub fn worst(states: impl IntoIterator<Item = Self>) -> Self {
        states.into_iter().max().unwrap_or(Self::Passed)
    }

    /// Whether something went wrong.
    #[must_use]
    pub fn is_failure(self) -> bool {
        self > Self::NotRun
    }

    /// The fault that the whole command ends with; `None` when it ends well.
    #[must_use]
    pub fn fault(self) -> Option<Fault> {
        match self {
            Self::Passed | Self::Skipped | Self::NotRun => None,
            Self::CouldNotTell => Some(Fault::Inconclusive),
            Self::Lab => Some(Fault::Environment),
            Self::Scenario => Some(Fault::Usage),
            Self::Regression => Some(Fault::Finding),
            Self::Bug => Some(Fault::Bug),
            Self::Interrupted => Some(Fault::Interrupted),
        }
    }

    /// For a person.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::NotRun => "not run",
            Self::CouldNotTell => "could not tell",
            Self::Lab => "lab",
            Self::Scenario => "scenario",
            Self::Regression => "regression",
            Self::Bug => "bug",
            Self::Interrupted => "interrupted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_state_decides_and_its_exit_code_is_the_one_of_the_design() {
        assert_eq!(
            StepState::worst([StepState::Lab, StepState::Regression, StepState::Passed]),
            StepState::Regression
        );
        assert_eq!(StepState::worst([StepState::NotRun, StepState::CouldNotTell]), StepState::CouldNotTell);
        assert_eq!(StepState::worst([]), StepState::Passed);
        let codes = StepState::ALL.map(|state| state.fault().map_or(0, Fault::exit_code));
        assert_eq!(codes, [0, 0, 0, 3, 4, 2, 1, 70, 130]);
        assert!(StepState::ALL.is_sorted());
    }
}
