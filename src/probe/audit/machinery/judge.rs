//! What the attempts at one question amount to, sans I/O (no socket, no clock). A "no" is an alert, or more closes than chance
//! brings about, with a good handshake among them. The alert internal_error, which a device also sends for want of memory,
//! counts as a close does. Everything else that is not a "yes" is "can't tell".

use std::fmt;

use super::{exchange::Reply, flight::Flight, outcome::QuestionOutcome, pace::Pace};
use crate::probe::audit::skip::SkipReason;
use crate::tls::AlertClass;

/// What to do after an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Ask again.
    Again,
    /// Ask for a full handshake, then ask again: is it the question, or the server?
    CheckHealth,
    /// Enough is known.
    Done(QuestionOutcome),
}

/// Collects the attempts at one question.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    attempts: u32,
    closes: u32,
    silences: u32,
    failure_alerts: u32,
    broken: u32,
    plain_texts: u32,
    broken_off: u32,
    failures: u32,
    health: HealthSeen,
    last: Option<FailedAttempt>,
}

/// Whether the server was seen to be well since the first attempt at the question.
#[derive(Debug, Default, PartialEq, Eq)]
enum HealthSeen {
    #[default]
    NotChecked,
    Good,
}

/// An attempt that gave no answer to the question.
#[derive(Debug, Clone, PartialEq, Eq)]
enum FailedAttempt {
    BrokenOff,
    FailureAlert,
    Closed,
    Silent,
    Refused,
    PlainText(String),
    Broken(String),
}

impl fmt::Display for FailedAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenOff => f.write_str("it broke off after its hello"),
            Self::FailureAlert => f.write_str("its alert says that something in it failed"),
            Self::Closed => f.write_str("it closed or reset the connection without an answer"),
            Self::Silent => f.write_str("it did not answer in time"),
            Self::Refused => f.write_str("it refused the connection"),
            Self::PlainText(what) => write!(f, "the answer is not TLS: {what}"),
            Self::Broken(what) => write!(f, "the answer is not valid TLS: {what}"),
        }
    }
}

impl Judge {
    /// Considers one attempt.
    pub(crate) fn consider(&mut self, reply: Reply, pace: &Pace) -> Next {
        self.attempts += 1;
        let attempts = self.attempts;
        match reply {
            Reply::Accepted(flight) => Next::Done(QuestionOutcome::Accepted { flight, attempts }),
            Reply::BrokenOff(flight) => {
                self.failed(FailedAttempt::BrokenOff);
                self.after_a_broken_flight(flight)
            }
            Reply::Alert(alert) if alert.class() != AlertClass::Failure => {
                Next::Done(QuestionOutcome::Alert { alert, attempts })
            }
            Reply::Alert(alert) => {
                self.failed(FailedAttempt::FailureAlert);
                let no = QuestionOutcome::Alert { alert, attempts };
                self.after_a_failure(self.failure_alerts, no, pace)
            }
            Reply::Closed | Reply::Reset => {
                self.failed(FailedAttempt::Closed);
                self.after_a_failure(self.closes, QuestionOutcome::Closed { attempts }, pace)
            }
            Reply::Silent => {
                self.failed(FailedAttempt::Silent);
                self.after_silence()
            }
            Reply::Refused(_) => {
                self.failed(FailedAttempt::Refused);
                if attempts < MOST_ATTEMPTS { Next::Again } else { self.unknown() }
            }
            Reply::PlainText(what) => {
                self.failed(FailedAttempt::PlainText(what));
                if self.plain_texts < pace.closes_for_a_no() { Next::Again } else { self.unknown() }
            }
            Reply::Broken(what) => {
                self.failed(FailedAttempt::Broken(what));
                if self.broken < MOST_BROKEN { Next::Again } else { self.unknown() }
            }
        }
    }

    /// A full handshake succeeded since the last attempt.
    pub(crate) fn note_health(&mut self) {
        self.health = HealthSeen::Good;
    }

    /// Attempts that brought no answer.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// The server is gone: a question that it can't be asked is open, not skipped.
    pub(crate) fn unanswered(&self, why: &SkipReason) -> QuestionOutcome {
        let why = match &self.last {
            Some(last) => format!("{last}; {why}"),
            None => why.to_string(),
        };
        QuestionOutcome::Unknown { why, attempts: self.attempts }
    }

    /// What came says nothing about the question, and why.
    pub(crate) fn open(&self, why: String) -> QuestionOutcome {
        QuestionOutcome::Unknown { why, attempts: self.attempts + 1 }
    }

    /// For when the asking has to stop: skipped before the first attempt, and open, with the last failure, after it.
    pub(crate) fn given_up(&self, why: SkipReason) -> QuestionOutcome {
        match self.attempts {
            0 => QuestionOutcome::Skipped { why },
            _ => self.unanswered(&why),
        }
    }

    fn failed(&mut self, how: FailedAttempt) {
        self.failures += 1;
        match &how {
            FailedAttempt::BrokenOff => self.broken_off += 1,
            FailedAttempt::FailureAlert => self.failure_alerts += 1,
            FailedAttempt::Closed => self.closes += 1,
            FailedAttempt::Silent => self.silences += 1,
            FailedAttempt::PlainText(_) => self.plain_texts += 1,
            FailedAttempt::Broken(_) => self.broken += 1,
            FailedAttempt::Refused => {}
        }
        self.last = Some(how);
    }

    /// It is an acceptance, but what else the flight tells is better taken from a whole one.
    fn after_a_broken_flight(&self, flight: Box<Flight>) -> Next {
        if self.broken_off < MOST_BROKEN_OFF {
            return Next::Again;
        }
        Next::Done(QuestionOutcome::Accepted { flight, attempts: self.attempts })
    }

    /// A close, or an alert that tells of a failure in the server, of which there were so many by now: a no when that is more
    /// than chance brings about, and the server is well. Then the question is what makes it fail.
    fn after_a_failure(&self, count: u32, no: QuestionOutcome, pace: &Pace) -> Next {
        match self.health {
            HealthSeen::Good if count >= pace.closes_for_a_no() => Next::Done(no),
            _ if self.attempts >= MOST_ATTEMPTS => self.unknown(),
            HealthSeen::NotChecked if count >= FAILURES_BEFORE_CHECK => Next::CheckHealth,
            _ => Next::Again,
        }
    }

    fn after_silence(&self) -> Next {
        match self.health {
            _ if self.silences >= MOST_SILENCES => self.unknown(),
            HealthSeen::NotChecked => Next::CheckHealth,
            HealthSeen::Good => Next::Again,
        }
    }

    /// What the last failure was says why it can't be told.
    fn unknown(&self) -> Next {
        let why = self.last.as_ref().map(ToString::to_string).unwrap_or_default();
        Next::Done(QuestionOutcome::Unknown { why, attempts: self.attempts })
    }
}

const FAILURES_BEFORE_CHECK: u32 = 2;
const MOST_SILENCES: u32 = 3;
const MOST_BROKEN: u32 = 4;
const MOST_BROKEN_OFF: u32 = 8;
const MOST_ATTEMPTS: u32 = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::audit::item::{Section, Subject, Verdict};
    use crate::tls::AlertDescription;

    fn steady() -> Pace {
        let mut pace = Pace::default();
        (0..60).for_each(|_| pace.note_answer());
        pace
    }

    #[test]
    fn an_alert_is_a_no_at_once() {
        let alert = AlertDescription::PROTOCOL_VERSION;
        assert_eq!(
            Judge::default().consider(Reply::Alert(alert), &steady()),
            Next::Done(QuestionOutcome::Alert { alert, attempts: 1 })
        );
    }

    #[test]
    fn an_internal_error_is_a_no_only_when_there_are_more_than_chance_brings_about_in_a_server_that_is_well()
    {
        let (pace, alert) = (steady(), AlertDescription::INTERNAL_ERROR);
        let mut judge = Judge::default();
        assert_eq!(judge.consider(Reply::Alert(alert), &pace), Next::Again);
        assert_eq!(judge.consider(Reply::Alert(alert), &pace), Next::CheckHealth);
        assert_eq!(judge.consider(Reply::Alert(alert), &pace), Next::CheckHealth, "the handshake failed");
        judge.note_health();
        assert_eq!(
            judge.consider(Reply::Alert(alert), &pace),
            Next::Done(QuestionOutcome::Alert { alert, attempts: 4 })
        );
    }

    #[test]
    fn two_internal_errors_are_no_answer_of_a_server_that_sends_them_at_random() {
        let mut pace = steady();
        pace.note_failures(25);
        let mut judge = Judge::default();
        judge.note_health();
        let errors = (0..11).map(|_| judge.consider(Reply::Alert(AlertDescription::INTERNAL_ERROR), &pace));
        assert_eq!(errors.filter(|next| *next != Next::Again).count(), 0);
    }

    #[test]
    fn closes_are_a_no_only_with_a_good_handshake_between() {
        let pace = steady();
        let mut judge = Judge::default();
        assert_eq!(judge.consider(Reply::Closed, &pace), Next::Again);
        assert_eq!(judge.consider(Reply::Reset, &pace), Next::CheckHealth);
        judge.note_health();
        assert_eq!(judge.consider(Reply::Closed, &pace), Next::Again);
        assert_eq!(judge.consider(Reply::Closed, &pace), Next::Done(QuestionOutcome::Closed { attempts: 4 }));
    }

    #[test]
    fn refusals_and_silence_are_never_a_no() {
        let pace = steady();
        for reply in [Reply::Refused("refused".to_owned()), Reply::Silent] {
            let mut judge = Judge::default();
            let outcome = loop {
                match judge.consider(reply.clone(), &pace) {
                    Next::Done(outcome) => break outcome,
                    Next::CheckHealth => judge.note_health(),
                    Next::Again => {}
                }
            };
            assert!(matches!(outcome, QuestionOutcome::Unknown { .. }), "{outcome:?}");
        }
    }

    #[test]
    fn without_a_good_handshake_no_number_of_closes_is_a_no() {
        let pace = steady();
        let mut judge = Judge::default();
        let last = (0..MOST_ATTEMPTS).map(|_| judge.consider(Reply::Closed, &pace)).last().unwrap();
        assert!(!matches!(last, Next::Done(QuestionOutcome::Closed { .. })), "{last:?}");
    }

    fn broken() -> Reply {
        Reply::Broken("a Finished came where a ServerHello should".to_owned())
    }

    #[test]
    fn answers_that_are_not_tls_are_never_a_no_and_the_evidence_says_what_they_were() {
        let pace = steady();
        let mut judge = Judge::default();
        for _ in 1..MOST_BROKEN {
            assert_eq!(judge.consider(broken(), &pace), Next::Again);
        }
        let Next::Done(outcome) = judge.consider(broken(), &pace) else { panic!() };
        let subject = Subject::new(Section::Versions, "x", "x");
        let item = outcome.refusal(subject);
        assert_eq!((item.verdict, item.evidence.attempts), (Verdict::Inconclusive, MOST_BROKEN));
        insta::assert_snapshot!(item.evidence.says, @"the answer is not valid TLS: a Finished came where a ServerHello should");
    }

    #[test]
    fn closes_and_silence_do_not_count_as_answers_that_are_not_tls() {
        let pace = steady();
        let mut judge = Judge::default();
        assert_eq!(judge.consider(Reply::Closed, &pace), Next::Again);
        assert_eq!(judge.consider(Reply::Reset, &pace), Next::CheckHealth);
        assert_eq!(judge.consider(Reply::Silent, &pace), Next::CheckHealth);
        for _ in 1..MOST_BROKEN {
            assert_eq!(
                judge.consider(broken(), &pace),
                Next::Again,
                "it had {} failures before",
                judge.failures
            );
        }
        assert!(matches!(judge.consider(broken(), &pace), Next::Done(QuestionOutcome::Unknown { .. })));
    }

    #[test]
    fn what_stops_the_asking_is_told_together_with_the_last_failure() {
        let pace = steady();
        let mut judge = Judge::default();
        assert_eq!(
            judge.given_up(SkipReason::ConnectionLimit(9)),
            QuestionOutcome::Skipped { why: SkipReason::ConnectionLimit(9) }
        );
        judge.consider(broken(), &pace);
        for outcome in [judge.given_up(SkipReason::ServerGone), judge.unanswered(&SkipReason::ServerGone)] {
            let QuestionOutcome::Unknown { why, attempts: 1 } = outcome else { panic!("{outcome:?}") };
            insta::allow_duplicates! {
                insta::assert_snapshot!(why, @"the answer is not valid TLS: a Finished came where a ServerHello should; the server had stopped answering");
            }
        }
    }
}
