//! What the attempts at one question amount to, sans I/O. A "no" is an alert, or more closes in a row than chance brings
//! about, with a good handshake among them; the alert internal_error, which a device also sends for want of memory, only
//! when it comes again after a good handshake. Everything else that is not a "yes" is "can't tell".

use super::{exchange::Reply, flight::Flight, pace::Pace};
use crate::client::alert::{Alert, AlertClass};
use crate::probe::audit::item::{Evidence, Item, Subject, Verdict};

/// The outcome of a question, whatever it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server accepted the hello.
    Accepted { flight: Box<Flight>, attempts: u32 },
    /// The server said no by this alert.
    Alert { alert: Alert, attempts: u32 },
    /// The server closed the connection so often, being in good health, that it means no.
    Closed { attempts: u32 },
    /// It can't be told.
    Unknown { why: String, attempts: u32 },
    /// Not asked: a limit of ours.
    Skipped { why: String },
}

impl Outcome {
    /// The item of a question whose acceptance is a plain yes.
    pub(crate) fn item(&self, subject: Subject, accepted: impl FnOnce(&Flight) -> String) -> Item {
        match self {
            Self::Accepted { flight, attempts } => {
                subject.item(Verdict::Yes, Evidence::seen(accepted(flight), *attempts))
            }
            other => other.refusal(subject),
        }
    }

    /// The item of a question that was not accepted.
    pub(crate) fn refusal(&self, subject: Subject) -> Item {
        let (verdict, evidence) = match self {
            Self::Accepted { attempts, .. } => (Verdict::Yes, Evidence::seen("accepted", *attempts)),
            Self::Alert { alert, attempts } => (Verdict::No, Evidence::alert(*alert, *attempts)),
            Self::Closed { attempts } => {
                let says = format!("closed {attempts} times, with a good handshake between");
                (Verdict::No, Evidence::seen(says, *attempts))
            }
            Self::Unknown { why, attempts } => {
                (Verdict::Inconclusive, Evidence::seen(why.clone(), *attempts))
            }
            Self::Skipped { why } => (Verdict::Skipped, Evidence::known(why.clone())),
        };
        subject.item(verdict, evidence)
    }

    /// The acceptance, if it is one.
    pub(crate) fn flight(&self) -> Option<&Flight> {
        match self {
            Self::Accepted { flight, .. } => Some(flight),
            _ => None,
        }
    }

    /// Whether the server said no.
    pub(crate) fn is_no(&self) -> bool {
        matches!(self, Self::Alert { .. } | Self::Closed { .. })
    }
}

/// What to do after an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Ask again.
    Again,
    /// Ask for a full handshake, then ask again: is it the question, or the server?
    CheckHealth,
    /// Enough is known.
    Done(Outcome),
}

/// Collects the attempts at one question.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    attempts: u32,
    closes: u32,
    silences: u32,
    errors: u32,
    broken_off: u32,
    failures: u32,
    healthy: Health,
    last: &'static str,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Health {
    #[default]
    NotChecked,
    Good,
}

impl Judge {
    /// Considers one attempt.
    pub(crate) fn consider(&mut self, reply: Reply, pace: &Pace) -> Next {
        self.attempts += 1;
        let attempts = self.attempts;
        match reply {
            Reply::Accepted(flight) => Next::Done(Outcome::Accepted { flight, attempts }),
            // Accepted all the same, but what else the flight tells is better taken from a whole one.
            Reply::BrokenOff(flight) => {
                self.broken_off += 1;
                self.failed("it broke off after its hello");
                let is_enough = self.broken_off >= MOST_BROKEN_OFF;
                if is_enough { Next::Done(Outcome::Accepted { flight, attempts }) } else { Next::Again }
            }
            Reply::Alert(alert) if alert.class() != AlertClass::OutOfOrder => {
                Next::Done(Outcome::Alert { alert, attempts })
            }
            Reply::Alert(alert) => {
                self.errors += 1;
                self.failed("its alert says that something in it failed");
                self.after_an_error(alert)
            }
            Reply::Closed | Reply::Reset => {
                self.closes += 1;
                self.failed("closed or reset without an answer");
                self.after_a_close(pace)
            }
            Reply::Silent => {
                self.silences += 1;
                self.failed("no answer in time");
                self.after(self.silences, MOST_SILENCES)
            }
            Reply::Refused(_) => {
                self.failed("connection refused");
                if attempts < MOST_ATTEMPTS { Next::Again } else { self.unknown() }
            }
            Reply::Broken(what) => {
                self.failures += 1;
                let why = format!("the answer is not sound TLS: {what}");
                let is_enough = self.failures >= MOST_ERRORS;
                if is_enough { Next::Done(Outcome::Unknown { why, attempts }) } else { Next::Again }
            }
        }
    }

    /// A full handshake succeeded since the last attempt.
    pub(crate) fn note_health(&mut self) {
        self.healthy = Health::Good;
    }

    /// Attempts that brought no answer.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// The server is gone: a question that it can't be asked is open, not skipped.
    pub(crate) fn unanswered(&self, why: &str) -> Outcome {
        let why = if self.attempts == 0 { why.to_owned() } else { format!("{}; {why}", self.last) };
        Outcome::Unknown { why, attempts: self.attempts }
    }

    /// How many attempts there were, and what the last failure was: for when the asking has to stop.
    pub(crate) fn given_up(&self, why: &str) -> Outcome {
        match self.attempts {
            0 => Outcome::Skipped { why: why.to_owned() },
            attempts => Outcome::Unknown { why: format!("{}; {why}", self.last), attempts },
        }
    }

    fn failed(&mut self, how: &'static str) {
        self.failures += 1;
        self.last = how;
    }

    fn after_a_close(&mut self, pace: &Pace) -> Next {
        match self.healthy {
            Health::NotChecked if self.closes >= CLOSES_BEFORE_CHECK => Next::CheckHealth,
            Health::Good if self.closes >= pace.closes_for_a_no() => {
                Next::Done(Outcome::Closed { attempts: self.attempts })
            }
            _ if self.attempts >= MOST_ATTEMPTS => self.unknown(),
            _ => Next::Again,
        }
    }

    /// An alert that tells of trouble in the server is a no when it comes again after a good handshake: then the question
    /// is what troubles it.
    fn after_an_error(&self, alert: Alert) -> Next {
        match self.healthy {
            Health::NotChecked => Next::CheckHealth,
            Health::Good if self.errors > 1 => Next::Done(Outcome::Alert { alert, attempts: self.attempts }),
            Health::Good => Next::Again,
        }
    }

    fn after(&mut self, count: u32, most: u32) -> Next {
        match self.healthy {
            _ if count >= most => self.unknown(),
            Health::NotChecked => Next::CheckHealth,
            Health::Good => Next::Again,
        }
    }

    fn unknown(&self) -> Next {
        Next::Done(Outcome::Unknown { why: self.last.to_owned(), attempts: self.attempts })
    }
}

const CLOSES_BEFORE_CHECK: u32 = 2;
const MOST_SILENCES: u32 = 3;
const MOST_ERRORS: u32 = 4;
const MOST_BROKEN_OFF: u32 = 8;
const MOST_ATTEMPTS: u32 = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn steady() -> Pace {
        let mut pace = Pace::default();
        (0..60).for_each(|_| pace.note_answer());
        pace
    }

    #[test]
    fn an_alert_is_a_no_at_once() {
        let alert = Alert { code: 70 };
        assert_eq!(
            Judge::default().consider(Reply::Alert(alert), &steady()),
            Next::Done(Outcome::Alert { alert, attempts: 1 })
        );
    }

    #[test]
    fn an_internal_error_is_a_no_only_if_it_comes_again_after_a_good_handshake() {
        let (pace, alert) = (steady(), Alert { code: 80 });
        let mut judge = Judge::default();
        assert_eq!(judge.consider(Reply::Alert(alert), &pace), Next::CheckHealth);
        assert_eq!(judge.consider(Reply::Alert(alert), &pace), Next::CheckHealth, "the handshake failed");
        judge.note_health();
        assert_eq!(
            judge.consider(Reply::Alert(alert), &pace),
            Next::Done(Outcome::Alert { alert, attempts: 3 })
        );
    }

    #[test]
    fn closes_are_a_no_only_with_a_good_handshake_between() {
        let pace = steady();
        let mut judge = Judge::default();
        assert_eq!(judge.consider(Reply::Closed, &pace), Next::Again);
        assert_eq!(judge.consider(Reply::Reset, &pace), Next::CheckHealth);
        judge.note_health();
        assert_eq!(judge.consider(Reply::Closed, &pace), Next::Again);
        assert_eq!(judge.consider(Reply::Closed, &pace), Next::Done(Outcome::Closed { attempts: 4 }));
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
            assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
        }
    }

    #[test]
    fn without_a_good_handshake_no_number_of_closes_is_a_no() {
        let pace = steady();
        let mut judge = Judge::default();
        let last = (0..MOST_ATTEMPTS).map(|_| judge.consider(Reply::Closed, &pace)).last().unwrap();
        assert!(!matches!(last, Next::Done(Outcome::Closed { .. })), "{last:?}");
    }
}
