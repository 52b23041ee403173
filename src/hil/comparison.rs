//! What has become of the figures of an older run, as data.

use serde::{Deserialize, Serialize};

use super::state::StepState;

/// A run beside an older one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The document of the older run, as a path.
    pub file: String,
    /// When the older run started, as it says.
    pub started: String,
    /// The version of esp-https that made it.
    pub version: String,
    /// How many figures both runs have.
    pub compared: u64,
    /// What differs by more than the tolerance, by board and step, in the order of the run.
    pub changes: Vec<Change>,
    /// What could not be compared, in sentences.
    pub not_compared: Vec<String>,
}

/// A figure that is not what it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The board's name.
    pub board: String,
    /// The step's name.
    pub step: String,
    /// Which figure.
    pub measure: Measure,
    /// The finding's name, where it is one.
    pub finding: Option<String>,
    /// What it was; null for a finding.
    pub was: Option<Amount>,
    /// What it is; null for a finding.
    pub is: Option<Amount>,
    /// By how much it differs from what it was, in percent of that; null where it was 0, and for a finding.
    pub percent: Option<f64>,
    /// How much worse it might have been, in percent; null where nothing is.
    pub tolerance_percent: Option<f64>,
    /// What the change means.
    pub verdict: ChangeVerdict,
}

/// What a change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeVerdict {
    /// It is for the worse, and the firmware's doing.
    Regression,
    /// It is for the worse, and the doing of this machine or of the lab; it decides nothing.
    Lab,
    /// It is for the better.
    Better,
}

/// A figure, in the unit that its measure's name ends with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Amount {
    /// A count, a time in microseconds, a size in bytes.
    Whole(u64),
    /// Anything else.
    Real(f64),
}

impl Amount {
    /// For arithmetic.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Real(value) => value,
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How long the step took, in microseconds.
    DurationUs,
    /// How long a handshake took, in microseconds: the median of a load.
    HandshakeUs,
    /// How long a request took until its answer was complete, in microseconds: the median of a load.
    RequestUs,
    /// From the start of the board to READY, in microseconds.
    ReadyUs,
    /// Units of load that succeeded in a second.
    Rate,
    /// Units of load that failed, in percent of all.
    FailedPercent,
    /// The least heap that the board had free, in bytes.
    HeapMin,
    /// How often the board restarted by itself.
    Restarts,
    /// A finding that the older run did not have, or that is gone.
    Finding,
}

impl Comparison {
    /// What the comparison adds to the state of the run. Figures of which none is in both runs tell nothing.
    #[must_use]
    pub fn state(&self) -> StepState {
        if self.of(ChangeVerdict::Regression).next().is_some() {
            StepState::Regression
        } else if self.compared == 0 {
            StepState::CouldNotTell
        } else {
            StepState::Passed
        }
    }

    /// The changes with this meaning.
    pub fn of(&self, verdict: ChangeVerdict) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.verdict == verdict)
    }
}
