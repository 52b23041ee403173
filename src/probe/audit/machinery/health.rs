//! Is the server still as well as it was? Full handshakes before, after and between the questions.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::{
    probe::audit::{item::ItemId, skip::SkipReason},
    tls::AlertDescription,
};

/// The effect of the questions on a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The verdict.
    pub state: HealthState,
    /// The time of a full handshake before the questions; null when there was none.
    pub before_us: Option<u64>,
    /// The time of a full handshake after them; null when there was none.
    pub after_us: Option<u64>,
    /// All checks in their order, the first and the last included.
    pub checks: Vec<HealthCheck>,
    /// The question after which the server stopped answering; null unless it did.
    pub last_question: Option<ItemId>,
}

/// A verdict on a server's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HealthState {
    /// It answers as before.
    Unharmed,
    /// It answers, and takes more than twice as long as before.
    Slower,
    /// It stopped answering.
    Gone,
    /// It could not be told: no handshake before or after.
    Unknown,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthCheck {
    /// How many questions had been asked.
    pub after_questions: u32,
    /// The time of the handshake; null when it did not succeed.
    pub handshake_us: Option<u64>,
    /// How it ended.
    pub outcome: HealthCheckOutcome,
}

/// How a check ended. Prints, and serialises, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HealthCheckOutcome {
    /// By a full handshake.
    FullHandshake,
    /// By the request for a client certificate that was not given.
    CertificateRequested,
    /// By an alert.
    Alert(AlertDescription),
    /// By another answer that is no handshake.
    Failed(String),
    /// It was not made.
    NotMade(SkipReason),
}

impl Default for Health {
    fn default() -> Self {
        Self {
            state: HealthState::Unknown,
            before_us: None,
            after_us: None,
            checks: Vec::new(),
            last_question: None,
        }
    }
}

impl Health {
    /// Draws the conclusion, when no more checks come.
    pub(crate) fn conclude(&mut self) {
        self.state = match (self.last_question, self.before_us, self.after_us) {
            (Some(_), ..) => HealthState::Gone,
            (None, Some(before), Some(after)) if after > SLOWER * before.max(NOISE_US) => HealthState::Slower,
            (None, Some(_), Some(_)) => HealthState::Unharmed,
            // One that refuses us by the same alert before and after is as it was.
            (None, None, None) if self.checks.len() > 1 && self.all_the_same() => HealthState::Unharmed,
            (None, ..) => HealthState::Unknown,
        };
    }

    fn all_the_same(&self) -> bool {
        self.checks.windows(2).all(|pair| pair[0].outcome == pair[1].outcome)
    }
}

impl fmt::Display for HealthCheckOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FullHandshake => f.write_str("full handshake"),
            Self::CertificateRequested => f.write_str("reached its request for a client certificate"),
            Self::Alert(alert) => write!(f, "alert {}", alert.name()),
            Self::Failed(how) => f.write_str(how),
            Self::NotMade(why) => why.fmt(f),
        }
    }
}

impl Serialize for HealthCheckOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const SLOWER: u64 = 2;
/// Below this, a handshake's time says more about this machine than about the server.
const NOISE_US: u64 = 50_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn concluded(
        before_us: Option<u64>,
        after_us: Option<u64>,
        last_question: Option<ItemId>,
    ) -> HealthState {
        let mut health = Health { before_us, after_us, last_question, ..Health::default() };
        health.conclude();
        health.state
    }

    #[test]
    fn more_than_twice_the_time_is_slower_and_no_time_is_not_known() {
        assert_eq!(concluded(Some(512_000), Some(498_000), None), HealthState::Unharmed);
        assert_eq!(concluded(Some(512_000), Some(1_100_000), None), HealthState::Slower);
        assert_eq!(concluded(Some(900), Some(90_000), None), HealthState::Unharmed, "this machine's noise");
        assert_eq!(concluded(Some(512_000), None, None), HealthState::Unknown);
        assert_eq!(concluded(Some(512_000), None, Some(ItemId::FIRST_CHECK)), HealthState::Gone);
    }

    #[test]
    fn a_server_that_refuses_us_as_before_is_unharmed() {
        let check = |alert| HealthCheck {
            after_questions: 0,
            handshake_us: None,
            outcome: HealthCheckOutcome::Alert(alert),
        };
        let mut health = Health {
            checks: vec![
                check(AlertDescription::CERTIFICATE_REQUIRED),
                check(AlertDescription::CERTIFICATE_REQUIRED),
            ],
            ..Health::default()
        };
        health.conclude();
        assert_eq!(health.state, HealthState::Unharmed);
        health.checks.push(check(AlertDescription::ACCESS_DENIED));
        health.conclude();
        assert_eq!(health.state, HealthState::Unknown);
    }
}
