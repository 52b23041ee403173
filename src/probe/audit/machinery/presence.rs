//! Is the server still there? It is in doubt when nothing has come from it for a while, and gone when a whole handshake then fails
//! as well: some servers close odd hellos without an alert, one after the other, and are well. No clock of its own.

use std::time::Duration;

use tokio::time::Instant;

/// When a server last answered, and what has failed since.
#[derive(Debug, Clone)]
pub(crate) struct Presence {
    last_answer: Instant,
    failed_since: u32,
    seen: Seen,
}

/// What is known of a server's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It answers, or may do so yet.
    There,
    /// It has not answered for long. A whole handshake decides.
    InDoubt,
    /// It does not answer any more.
    Gone,
}

/// By what the server was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// A hello of ours, which may be an odd one.
    Hello,
    /// A whole handshake.
    Handshake,
}

impl Presence {
    /// Of a server that is asked from now on.
    pub(crate) fn new(now: Instant) -> Self {
        Self { last_answer: now, failed_since: 0, seen: Seen::There }
    }

    /// It answered.
    pub(crate) fn note_answer(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// It refused, reset, closed or kept silent.
    pub(crate) fn note_failure(&mut self, by: By, now: Instant) -> Seen {
        self.failed_since += 1;
        if self.failed_since >= FAILURES_OF_THE_GONE && now - self.last_answer >= GONE_AFTER {
            self.seen = if by == By::Handshake { Seen::Gone } else { Seen::InDoubt };
        }
        self.seen
    }

    /// Whether a whole handshake has to decide.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.seen == Seen::InDoubt
    }

    /// How long an answer may take at most, so that it is noticed soon when a server is gone. The handshake that decides has
    /// all the time that handshakes of this server take.
    pub(crate) fn answer_limit(&self, now: Instant) -> Duration {
        match self.seen {
            Seen::There => NOTICED_WITHIN.saturating_sub(now - self.last_answer).max(LEAST_ANSWER_LIMIT),
            Seen::InDoubt | Seen::Gone => Duration::MAX,
        }
    }
}

/// A server that has not shown any sign of life for this long, though asked several times, is in doubt.
const GONE_AFTER: Duration = Duration::from_secs(12);
const FAILURES_OF_THE_GONE: u32 = 3;
const NOTICED_WITHIN: Duration = Duration::from_secs(14);
const LEAST_ANSWER_LIMIT: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    /// Failures by hellos, four seconds apart.
    fn failing_hellos(presence: &mut Presence, start: Instant) -> Vec<Seen> {
        (1..=4).map(|turn| presence.note_failure(By::Hello, start + turn * Duration::from_secs(4))).collect()
    }

    #[test]
    fn hellos_that_fail_leave_a_server_in_doubt_and_a_handshake_decides() {
        let start = Instant::now();
        let mut presence = Presence::new(start);
        let seen = failing_hellos(&mut presence, start);
        assert_eq!(seen, [Seen::There, Seen::There, Seen::InDoubt, Seen::InDoubt]);
        let later = start + Duration::from_secs(16);
        assert_eq!(presence.answer_limit(later), Duration::MAX, "the one that decides is not hurried");
        assert_eq!(presence.clone().note_failure(By::Handshake, later), Seen::Gone);
        presence.note_answer(later);
        assert!(!presence.is_in_doubt());
        assert_eq!(failing_hellos(&mut presence, later)[..2], [Seen::There, Seen::There]);
    }

    #[test]
    fn two_failures_or_a_short_time_are_no_proof() {
        let start = Instant::now();
        let mut presence = Presence::new(start);
        for _ in 0..2 {
            assert_eq!(presence.note_failure(By::Handshake, start + Duration::from_secs(60)), Seen::There);
        }
        let mut presence = Presence::new(start);
        let many = (0..50).map(|_| presence.note_failure(By::Handshake, start + Duration::from_secs(11)));
        assert!(many.into_iter().all(|seen| seen == Seen::There));
    }
}
