//! TLS 1.3 at no price: suites, groups and their order by HelloRetryRequest (RFC 8446, section 4.1.4). Each retry names a
//! suite and a group; both are taken off the next offer, until the server refuses.

use crate::probe::audit::item::{Evidence, Item, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{asker::Asker, judge::Outcome, offer::Offer};
use crate::{
    client::{alert::AlertClass, handshake::Handshake},
    tls::{NamedGroup, ProtocolVersion, Suite},
};

/// What a server does in TLS 1.3.
#[derive(Debug, Default)]
pub(crate) struct Retries {
    pub(crate) items: Vec<Item>,
    pub(crate) accepted: bool,
    pub(crate) suites: Vec<Suite>,
    pub(crate) groups: Vec<NamedGroup>,
}

/// One of the two lists while it is found out.
#[derive(Debug, PartialEq, Eq)]
enum Extent {
    /// The server refused all others.
    Complete,
    /// It can't be told.
    Unknown(Outcome),
}

/// Asks all of it. `looked` is what a whole handshake negotiated, if there was one.
pub(crate) async fn ask(asker: &mut Asker<'_>, looked: Option<&Handshake>) -> Retries {
    let mut found = Retries::default();
    let outcome = asker.ask(VERSION, &Offer::tls13(asker.name())).await;
    found.accepted = chose(&outcome).is_some();
    found.items.push(version_item(&outcome, looked));
    if !found.accepted {
        let why = if outcome.is_no() { "no TLS 1.3 without a key share" } else { "TLS 1.3 can't be told" };
        let verdict = if found.items[0].verdict == Verdict::No {
            Verdict::NotApplicable
        } else {
            Verdict::Inconclusive
        };
        found.items.extend(
            [SUITES, SUITE_ORDER, GROUPS, GROUP_ORDER].map(|it| it.item(verdict, Evidence::known(why))),
        );
        return found;
    }
    found.take(&outcome);
    let (suites, groups) = found.walk(asker).await;
    let names = found.suites.iter().map(|suite| suite.name()).collect();
    found.items.push(list_item(SUITES, names, &suites));
    let names = found.groups.iter().map(ToString::to_string).collect();
    found.items.push(list_item(GROUPS, names, &groups));
    found.ask_order(asker).await;
    found
}

impl Retries {
    /// Takes suites and groups off the offer until the server refuses; returns how far that came.
    async fn walk(&mut self, asker: &mut Asker<'_>) -> (Extent, Extent) {
        let all = Offer::tls13(asker.name());
        // Both at once, while both lists last.
        let mut last = loop {
            let offer = self.rest(&all, Rest::Of, Rest::Of);
            if offer.suites.is_empty() || offer.groups.is_empty() {
                break None;
            }
            let outcome = asker.ask(SUITES, &offer).await;
            if !self.take(&outcome) {
                break Some(outcome);
            }
        };
        if let Some(outcome) = last.take().filter(|outcome| !outcome.is_no()) {
            return (Extent::Unknown(outcome.clone()), Extent::Unknown(outcome));
        }
        let had = self.groups.len();
        let groups = self.walk_one(asker, &all, GROUPS).await;
        // The refusal above was for want of a suite if a group was left.
        let suites = if self.groups.len() > had && self.suites.len() < all.suites.len() {
            Extent::Complete
        } else {
            self.walk_one(asker, &all, SUITES).await
        };
        (suites, groups)
    }

    async fn walk_one(&mut self, asker: &mut Asker<'_>, all: &Offer, which: Subject) -> Extent {
        loop {
            let offer = match which.id {
                id if id == SUITES.id => self.rest(all, Rest::Of, Rest::All),
                _ => self.rest(all, Rest::All, Rest::Of),
            };
            if offer.suites.is_empty() || offer.groups.is_empty() {
                return Extent::Complete;
            }
            let outcome = asker.ask(which, &offer).await;
            if !self.take(&outcome) {
                return if outcome.is_no() { Extent::Complete } else { Extent::Unknown(outcome) };
            }
        }
    }

    /// The offer less what is known already.
    fn rest(&self, all: &Offer, suites: Rest, groups: Rest) -> Offer {
        let mut offer = all.clone();
        if suites == Rest::Of {
            offer.suites.retain(|suite| !self.suites.contains(suite));
        }
        if groups == Rest::Of {
            offer.groups.retain(|group| !self.groups.contains(group));
        }
        offer
    }

    /// Notes a suite and a group that are new; whether either was.
    fn take(&mut self, outcome: &Outcome) -> bool {
        let Some((suite, group)) = chose(outcome) else { return false };
        let before = self.suites.len() + self.groups.len();
        if !self.suites.contains(&suite) {
            self.suites.push(suite);
        }
        if let Some(group) = group.filter(|group| !self.groups.contains(group)) {
            self.groups.push(group);
        }
        self.suites.len() + self.groups.len() > before
    }

    /// Whose order counts? The same offer backwards tells.
    async fn ask_order(&mut self, asker: &mut Asker<'_>) {
        if self.suites.len() < 2 && self.groups.len() < 2 {
            self.items.extend([SUITE_ORDER, GROUP_ORDER].map(|it| it.moot("there is one only")));
            return;
        }
        let mut offer = Offer::tls13(asker.name());
        offer.suites = self.suites.iter().rev().copied().collect();
        offer.groups = self.groups.iter().rev().copied().collect();
        let outcome = asker.ask(SUITE_ORDER, &offer).await;
        let chosen = chose(&outcome);
        let suite = order(&self.suites, chosen.map(|(suite, _)| suite));
        let group = order(&self.groups, chosen.and_then(|(_, group)| group));
        self.items.push(order_item(SUITE_ORDER, suite, &outcome, self.suites.len()));
        self.items.push(order_item(GROUP_ORDER, group, &outcome, self.groups.len()));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    All,
    Of,
}

fn chose(outcome: &Outcome) -> Option<(Suite, Option<NamedGroup>)> {
    let hello = &outcome.flight()?.hello;
    (hello.version() == ProtocolVersion::TLS_1_3).then(|| (hello.suite, hello.group()))
}

/// Whose order it is, from what was chosen of the list backwards.
pub(crate) fn order<T: PartialEq + Copy>(found: &[T], of_reversed: Option<T>) -> Option<&'static str> {
    match (of_reversed, found.first(), found.last()) {
        (Some(chosen), Some(first), _) if chosen == *first => Some("server"),
        (Some(chosen), _, Some(last)) if chosen == *last => Some("client"),
        _ => None,
    }
}

pub(crate) fn order_item(subject: Subject, order: Option<&str>, outcome: &Outcome, count: usize) -> Item {
    match (order, outcome) {
        _ if count < 2 => subject.moot("there is one only"),
        (Some(order), Outcome::Accepted { attempts, .. }) => {
            let says = format!(
                "of the list backwards it chose the {}",
                if order == "server" { "same" } else { "first" }
            );
            subject.with(Verdict::Yes, Value::Text(order.to_owned()), Evidence::seen(says, *attempts))
        }
        (None, Outcome::Accepted { attempts, .. }) => subject
            .item(Verdict::Inconclusive, Evidence::seen("of the list backwards it chose another", *attempts)),
        // Everything in this offer was accepted before.
        (_, outcome @ (Outcome::Alert { .. } | Outcome::Closed { .. })) => {
            let refused = outcome.refusal(subject);
            Item { verdict: Verdict::Inconclusive, ..refused }
        }
        (_, outcome) => outcome.refusal(subject),
    }
}

fn version_item(outcome: &Outcome, looked: Option<&Handshake>) -> Item {
    let negotiated = looked.is_some_and(|handshake| handshake.version == "TLS 1.3");
    match outcome {
        Outcome::Accepted { flight, attempts } if chose(outcome).is_none() => {
            let says = format!("it chose {}", flight.hello.version());
            VERSION.item(Verdict::No, Evidence::seen(says, *attempts))
        }
        Outcome::Accepted { flight, attempts } => {
            let what = if flight.hello.is_retry() { "HelloRetryRequest" } else { "ServerHello" };
            VERSION.item(Verdict::Yes, Evidence::seen(what, *attempts))
        }
        _ if negotiated => VERSION.item(Verdict::Yes, Evidence::known("the whole handshake negotiated it")),
        // It did not say that it lacks the version, but that it did not understand an offer without a key share.
        Outcome::Alert { alert, attempts } if alert.class() == AlertClass::Complaint => VERSION.item(
            Verdict::Inconclusive,
            Evidence {
                says: format!("alert {} to an offer without a key share", alert.name()),
                ..Evidence::alert(*alert, *attempts)
            },
        ),
        other => other.refusal(VERSION),
    }
}

fn list_item(subject: Subject, names: Vec<String>, extent: &Extent) -> Item {
    let count = names.len();
    match extent {
        Extent::Unknown(outcome) => {
            let open = outcome.refusal(subject);
            Item { value: Some(Value::List(names)), ..open }
        }
        Extent::Complete => {
            let says = format!("HelloRetryRequest for each of {count}, all others refused");
            subject.with(Verdict::Yes, Value::List(names), Evidence::known(says))
        }
    }
}

const VERSION: Subject = Subject { section: Section::Versions, id: "version.tls1_3", title: "TLS 1.3" };
const SUITES: Subject = Subject { section: Section::Tls13, id: "tls1_3.suites", title: "TLS 1.3 suites" };
const SUITE_ORDER: Subject =
    Subject { section: Section::Tls13, id: "tls1_3.suite_order", title: "whose order of suites" };
const GROUPS: Subject = Subject { section: Section::Tls13, id: "tls1_3.groups", title: "TLS 1.3 groups" };
const GROUP_ORDER: Subject =
    Subject { section: Section::Tls13, id: "tls1_3.group_order", title: "whose order of groups" };
