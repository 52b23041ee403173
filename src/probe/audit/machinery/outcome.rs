//! What a question brought, and what is reported of it.

use super::{flight::Flight, offer::Offer};
use crate::probe::audit::{
    item::{Evidence, Item, Subject, Verdict},
    skip::SkipReason,
};
use crate::tls::{AlertClass, AlertDescription, ProtocolVersion};

/// The outcome of a question, whatever it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QuestionOutcome {
    /// The server accepted the hello.
    Accepted { flight: Box<Flight>, attempts: u32 },
    /// The server said no by this alert.
    Alert { alert: AlertDescription, attempts: u32 },
    /// The server closed the connection so often, being in good health, that it means no.
    Closed { attempts: u32 },
    /// It can't be told.
    Unknown { why: String, attempts: u32 },
    /// Not asked.
    Skipped { why: SkipReason },
}

impl QuestionOutcome {
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
                let says =
                    format!("it closed the connection {attempts} times, with a good handshake between");
                (Verdict::No, Evidence::seen(says, *attempts))
            }
            Self::Unknown { why, attempts } => {
                (Verdict::Inconclusive, Evidence::seen(why.clone(), *attempts))
            }
            Self::Skipped { why } => return subject.skipped(why.clone()),
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

    /// The same, unless it is an acceptance of what `offer` did not offer in its version: then it tells nothing about what was
    /// asked, and a client would have to break the handshake off (RFC 8446, sections 4.1.3 and 4.1.4).
    pub(crate) fn within(self, offer: &Offer) -> Self {
        let Self::Accepted { flight, attempts } = &self else { return self };
        let hello = &flight.hello;
        let stray_group = hello.group().filter(|group| !offer.groups.contains(group));
        let what = if hello.version() != offer.version {
            None
        } else if !offer.suites.contains(&hello.suite) {
            Some(hello.suite.to_string())
        } else {
            stray_group.filter(|_| offer.version >= ProtocolVersion::TLS_1_3).map(|group| group.to_string())
        };
        match what {
            Some(what) => {
                Self::Unknown { why: format!("it chose {what}, which was not offered"), attempts: *attempts }
            }
            None => self,
        }
    }

    /// Whether the server refused a hello as such, and not what it offers.
    pub(crate) fn is_unread(&self) -> bool {
        matches!(self, Self::Alert { alert, .. } if alert.class() == AlertClass::ProtocolError)
    }

    /// Whether one attempt would have told: what failed before it was chance, and no answer.
    pub(crate) fn is_plain(&self) -> bool {
        match self {
            Self::Accepted { .. } => true,
            Self::Alert { alert, .. } => alert.class() != AlertClass::Failure,
            Self::Closed { .. } | Self::Unknown { .. } | Self::Skipped { .. } => false,
        }
    }

    /// Whether the server said no.
    pub(crate) fn is_no(&self) -> bool {
        matches!(self, Self::Alert { .. } | Self::Closed { .. })
    }
}
