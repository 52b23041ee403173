//! How fast to ask: pauses and time limits, from what this server showed. No clock of its own.

use std::time::Duration;

/// What a server has shown about its pace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace {
    handshake: Option<Duration>,
    overload: u32,
    failures: u32,
    outcomes: u32,
}

impl Pace {
    /// A full handshake took this long.
    pub(crate) fn note_handshake(&mut self, took: Duration) {
        self.handshake = Some(self.handshake.map_or(took, |before| before.max(took)));
    }

    /// It answered: it has room.
    pub(crate) fn note_answer(&mut self) {
        self.overload = self.overload.saturating_sub(1);
        self.outcomes += 1;
    }

    /// It refused, reset, closed or kept silent: it may be busy.
    pub(crate) fn note_overload(&mut self) {
        self.overload = (self.overload + 1).min(MAX_OVERLOAD);
    }

    /// It has just shown that it is well: what went before was not overload.
    pub(crate) fn clear_overload(&mut self) {
        self.overload = 0;
    }

    /// So many attempts had failed on a question that was answered after all: that was no answer, but a failure.
    pub(crate) fn note_failures(&mut self, count: u32) {
        self.failures += count;
        self.outcomes += count;
    }

    /// How long to wait before the next connection: not at all while all is well.
    pub(crate) fn pause(&self) -> Duration {
        if self.overload == 0 {
            return Duration::ZERO;
        }
        let base = self.handshake.unwrap_or(SHORTEST_PAUSE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE / 4);
        (base * (1 << (self.overload - 1))).min(LONGEST_PAUSE)
    }

    /// How long an answer may take.
    pub(crate) fn answer_limit(&self) -> Duration {
        let generous = |took: Duration| {
            (took * 10 + Duration::from_secs(1)).clamp(LEAST_ANSWER_LIMIT, MOST_ANSWER_LIMIT)
        };
        self.handshake.map_or(MOST_ANSWER_LIMIT, generous)
    }

    /// How many closes in a row are a "no", given how often a connection fails here by chance: as many as chance brings
    /// about once in a million.
    pub(crate) fn closes_for_a_no(&self) -> u32 {
        let chance = f64::from(self.failures + 1) / f64::from(self.outcomes + 2);
        let needed = (ONCE_IN_A_MILLION.ln() / chance.min(MOST_CHANCE).ln()).ceil();
        // A number from 3 to 70 at most, by the clamps.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
        let needed = needed.clamp(f64::from(LEAST_CLOSES), 100.0) as u32;
        needed
    }
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(40);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);
const LEAST_ANSWER_LIMIT: Duration = Duration::from_secs(2);
const MOST_ANSWER_LIMIT: Duration = Duration::from_secs(12);
const MAX_OVERLOAD: u32 = 7;
const ONCE_IN_A_MILLION: f64 = 1e-6;
const LEAST_CLOSES: u32 = 3;
const MOST_CHANCE: f64 = 0.8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_well_is_asked_without_a_pause_and_one_that_refuses_ever_more_slowly() {
        let mut pace = Pace::default();
        pace.note_handshake(Duration::from_millis(500));
        assert_eq!(pace.pause(), Duration::ZERO);
        let pauses: Vec<_> = (0..5)
            .map(|_| {
                pace.note_overload();
                pace.pause().as_millis()
            })
            .collect();
        assert_eq!(pauses, [500, 1000, 2000, 3000, 3000]);
        (0..5).for_each(|_| pace.note_answer());
        assert_eq!(pace.pause(), Duration::ZERO);
    }

    #[test]
    fn the_answer_limit_follows_the_slowest_handshake() {
        let mut pace = Pace::default();
        assert_eq!(pace.answer_limit(), MOST_ANSWER_LIMIT);
        pace.note_handshake(Duration::from_millis(500));
        assert_eq!(pace.answer_limit(), Duration::from_secs(6));
        pace.note_handshake(Duration::from_millis(3));
        assert_eq!(pace.answer_limit(), Duration::from_secs(6), "the slowest counts");
    }

    #[test]
    fn the_more_connections_fail_by_chance_the_more_closes_a_no_needs() {
        let mut pace = Pace::default();
        (0..60).for_each(|_| pace.note_answer());
        assert_eq!(pace.closes_for_a_no(), 4);
        pace.note_failures(25);
        assert_eq!(pace.closes_for_a_no(), 12);
        assert!(0.3_f64.powi(12) < 1e-6);
    }
}
