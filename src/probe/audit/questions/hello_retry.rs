//! TLS 1.3, at no cost to the server: suites, groups and their order by HelloRetryRequest (RFC 8446, section 4.1.4). Each retry names a
//! suite and a group; both are taken off the next offer, until the server refuses.

use super::Known;
use crate::probe::audit::item::{Evidence, Item, Order, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{asker::Asker, offer::Offer, outcome::QuestionOutcome};
use crate::{
    client::handshake::Handshake,
    tls::{AlertClass, NamedGroup, ProtocolVersion, Suite, cipher::CipherAlgorithm},
};

/// What a server does in TLS 1.3.
#[derive(Debug, Default)]
pub(crate) struct Retries {
    /// Whether it accepted the version without a key share.
    pub(crate) accepted: bool,
    pub(crate) suites: Vec<Suite>,
    pub(crate) groups: Vec<NamedGroup>,
}

/// How far one of the two lists has come.
#[derive(Debug, PartialEq, Eq)]
enum ListExtent {
    /// The server refused all others.
    Complete,
    /// It can't be told.
    Unknown(QuestionOutcome),
}

pub(super) const SUBJECTS: &[Subject] = &[VERSION, SUITES, GROUPS, SUITE_ORDER, GROUP_ORDER, NULL_TLS13];

/// Asks all of it.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let mut found = Retries::default();
    let outcome = asker.ask(VERSION, &Offer::tls13(asker.name())).await;
    found.accepted = chosen(&outcome).is_some();
    let version = version_item(&outcome, known.seen.map(|seen| &seen.handshake));
    let items = if found.accepted {
        found.note(&outcome);
        found.ask_lists(asker).await
    } else {
        not_accepted(&outcome, version.verdict)
    };
    known.items.push(version);
    known.items.extend(items);
    known.tls13 = found;
}

/// The items of a server that does not accept a hello of TLS 1.3 without a key share.
fn not_accepted(outcome: &QuestionOutcome, version: Verdict) -> Vec<Item> {
    let why = if outcome.is_no() { "no TLS 1.3 without a key share" } else { "TLS 1.3 can't be told" };
    if let QuestionOutcome::Unknown { .. } = outcome {
        return LISTS.map(|it| outcome.refusal(it)).to_vec();
    }
    let verdict = if version == Verdict::No { Verdict::NotApplicable } else { Verdict::Inconclusive };
    LISTS.map(|it| it.item(verdict, Evidence::known(why))).to_vec()
}

impl Retries {
    /// The items of suites and groups, and of their order.
    async fn ask_lists(&mut self, asker: &mut Asker<'_>) -> Vec<Item> {
        let (suites, groups) = self.find_both(asker).await;
        let mut items = vec![
            list_item(SUITES, self.suites.len(), Value::Suites(self.suites.clone()), &suites),
            list_item(GROUPS, self.groups.len(), Value::Groups(self.groups.clone()), &groups),
        ];
        items.extend(self.ask_order(asker).await);
        items.push(self.null_item(&items));
        items
    }

    /// Suites that do not encrypt (RFC 9150), from the list of suites.
    fn null_item(&self, items: &[Item]) -> Item {
        let null: Vec<_> = self.suites.iter().copied().filter(|suite| !suite.encrypts()).collect();
        let list = items.iter().find(|item| item.subject == SUITES);
        match list.filter(|list| list.verdict != Verdict::Yes) {
            _ if !null.is_empty() => {
                let says = format!("HelloRetryRequest with {}", null[0]);
                NULL_TLS13.with(Verdict::Yes, Value::Suites(null), Evidence::known(says))
            }
            Some(open) => NULL_TLS13.item(open.verdict, open.evidence.clone()),
            None => {
                NULL_TLS13.item(Verdict::No, Evidence::known("no suite of RFC 9150 is among those accepted"))
            }
        }
    }

    /// Takes suites and groups off the offer until the server refuses; returns how far that came.
    async fn find_both(&mut self, asker: &mut Asker<'_>) -> (ListExtent, ListExtent) {
        let all = Offer::tls13(asker.name());
        // Both at once, while both lists last.
        let mut last = loop {
            let offer = self.rest(&all, Offered::New, Offered::New);
            if offer.suites.is_empty() || offer.groups.is_empty() {
                break None;
            }
            let outcome = asker.ask(SUITES, &offer).await;
            if !self.note(&outcome) {
                break Some(outcome);
            }
        };
        if let Some(outcome) = last.take().filter(|outcome| !outcome.is_no()) {
            return (ListExtent::Unknown(outcome.clone()), ListExtent::Unknown(outcome));
        }
        let had = self.groups.len();
        let groups = self.find_one(asker, &all, GROUPS).await;
        // The refusal above was for want of a suite if a group was left.
        let suites = if self.groups.len() > had && self.suites.len() < all.suites.len() {
            ListExtent::Complete
        } else {
            self.find_one(asker, &all, SUITES).await
        };
        (suites, groups)
    }

    async fn find_one(&mut self, asker: &mut Asker<'_>, all: &Offer, which: Subject) -> ListExtent {
        loop {
            let offer = match which {
                SUITES => self.rest(all, Offered::New, Offered::All),
                _ => self.rest(all, Offered::All, Offered::New),
            };
            if offer.suites.is_empty() || offer.groups.is_empty() {
                return ListExtent::Complete;
            }
            let outcome = asker.ask(which, &offer).await;
            if !self.note(&outcome) {
                return if outcome.is_no() { ListExtent::Complete } else { ListExtent::Unknown(outcome) };
            }
        }
    }

    /// The offer less what is known already.
    fn rest(&self, all: &Offer, suites: Offered, groups: Offered) -> Offer {
        let mut offer = all.clone();
        if suites == Offered::New {
            offer.suites.retain(|suite| !self.suites.contains(suite));
        }
        if groups == Offered::New {
            offer.groups.retain(|group| !self.groups.contains(group));
        }
        offer
    }

    /// Notes a suite and a group that are new; whether either was.
    fn note(&mut self, outcome: &QuestionOutcome) -> bool {
        let Some((suite, group)) = chosen(outcome) else { return false };
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
    async fn ask_order(&self, asker: &mut Asker<'_>) -> [Item; 2] {
        if self.suites.len() < 2 && self.groups.len() < 2 {
            return [SUITE_ORDER, GROUP_ORDER].map(|it| it.not_applicable("it accepts one only"));
        }
        let mut offer = Offer::tls13(asker.name());
        offer.suites = backwards(&self.suites);
        offer.groups = self.groups.iter().rev().copied().collect();
        let outcome = asker.ask(SUITE_ORDER, &offer).await;
        let choice = chosen(&outcome);
        let suite = order(self.suites.first(), offer.suites.first(), choice.map(|(suite, _)| suite));
        let group = order(self.groups.first(), offer.groups.first(), choice.and_then(|(_, group)| group));
        [
            order_item(SUITE_ORDER, suite, &outcome, self.suites.len()),
            order_item(GROUP_ORDER, group, &outcome, self.groups.len()),
        ]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offered {
    /// All that there are.
    All,
    /// Those that the server has not chosen yet.
    New,
}

fn chosen(outcome: &QuestionOutcome) -> Option<(Suite, Option<NamedGroup>)> {
    let hello = &outcome.flight()?.hello;
    (hello.version() == ProtocolVersion::TLS_1_3).then(|| (hello.suite, hello.group()))
}

/// A list of suites backwards. Some servers choose ChaCha20, against their own order, whenever a client lists it first, so it does
/// not come first unless that would be the same offer again.
pub(super) fn backwards(suites: &[Suite]) -> Vec<Suite> {
    let plain: Vec<_> = suites.iter().rev().copied().collect();
    let (last, mut others): (Vec<_>, Vec<_>) = plain.iter().copied().partition(|suite| is_chacha20(*suite));
    others.extend(last);
    if others.first() == suites.first() { plain } else { others }
}

fn is_chacha20(suite: Suite) -> bool {
    suite.parts().is_some_and(|parts| parts.cipher.algorithm == CipherAlgorithm::ChaCha20)
}

/// Whose order it is, from what was chosen first, and what was chosen of another order and stood there first.
pub(super) fn order<T: PartialEq + Copy>(found: Option<&T>, first: Option<&T>, chosen: Option<T>) -> Order {
    match (chosen, found, first) {
        (Some(chosen), Some(found), _) if chosen == *found => Order::Server,
        (Some(chosen), _, Some(first)) if chosen == *first => Order::Client,
        _ => Order::Unknown,
    }
}

fn order_item(subject: Subject, order: Order, outcome: &QuestionOutcome, count: usize) -> Item {
    match (order, outcome) {
        _ if count < 2 => subject.not_applicable("it accepts one only"),
        (order, QuestionOutcome::Accepted { attempts, .. }) => {
            let which = match order {
                Order::Server => "the same",
                Order::Client => "the first",
                Order::Unknown => "another",
            };
            let evidence = Evidence::seen(format!("of the reversed list it chose {which}"), *attempts);
            match order {
                Order::Unknown => subject.item(Verdict::Inconclusive, evidence),
                order => subject.with(Verdict::Yes, Value::Order(order), evidence),
            }
        }
        // Everything in this offer was accepted before.
        (_, outcome @ (QuestionOutcome::Alert { .. } | QuestionOutcome::Closed { .. })) => {
            let refused = outcome.refusal(subject);
            Item { verdict: Verdict::Inconclusive, ..refused }
        }
        (_, outcome) => outcome.refusal(subject),
    }
}

fn version_item(outcome: &QuestionOutcome, looked: Option<&Handshake>) -> Item {
    let negotiated = looked.is_some_and(|handshake| handshake.version == ProtocolVersion::TLS_1_3);
    match outcome {
        QuestionOutcome::Accepted { flight, attempts } if chosen(outcome).is_none() => {
            let says = format!("it chose {}", flight.hello.version());
            VERSION.item(Verdict::No, Evidence::seen(says, *attempts))
        }
        QuestionOutcome::Accepted { flight, attempts } => {
            let what = if flight.hello.is_retry() { "HelloRetryRequest" } else { "ServerHello" };
            VERSION.item(Verdict::Yes, Evidence::seen(what, *attempts))
        }
        _ if negotiated => VERSION.item(Verdict::Yes, Evidence::known("the whole handshake negotiated it")),
        // It did not say that it lacks the version, but that it did not understand an offer without a key share.
        QuestionOutcome::Alert { alert, attempts } if alert.class() == AlertClass::ProtocolError => VERSION
            .item(
                Verdict::Inconclusive,
                Evidence {
                    says: format!("alert {} to an offer without a key share", alert.name()).into(),
                    ..Evidence::alert(*alert, *attempts)
                },
            ),
        other => other.refusal(VERSION),
    }
}

fn list_item(subject: Subject, count: usize, value: Value, extent: &ListExtent) -> Item {
    match extent {
        ListExtent::Unknown(outcome) => {
            let open = match outcome {
                // An answer in another version, or one that names nothing new, does not say that this is all.
                QuestionOutcome::Accepted { flight, attempts } => {
                    let says = format!("it then chose {} in {}", flight.hello.suite, flight.hello.version());
                    subject.item(Verdict::Inconclusive, Evidence::seen(says, *attempts))
                }
                other => other.refusal(subject),
            };
            Item { value: Some(value), ..open }
        }
        ListExtent::Complete => {
            let says = format!("HelloRetryRequest for each of {count}, all others refused");
            subject.with(Verdict::Yes, value, Evidence::known(says))
        }
    }
}

/// All but the version.
const LISTS: [Subject; 5] = [SUITES, GROUPS, SUITE_ORDER, GROUP_ORDER, NULL_TLS13];

pub(crate) const VERSION: Subject = Subject::new(Section::Versions, "version.tls1_3", "TLS 1.3");
pub(crate) const SUITES: Subject = Subject::new(Section::Tls13, "tls1_3.suites", "TLS 1.3 suites");
pub(super) const SUITE_ORDER: Subject =
    Subject::new(Section::Tls13, "tls1_3.suite_order", "who decides the order of suites");
pub(crate) const GROUPS: Subject = Subject::new(Section::Tls13, "tls1_3.groups", "TLS 1.3 groups");
const GROUP_ORDER: Subject =
    Subject::new(Section::Tls13, "tls1_3.group_order", "who decides the order of groups");
pub(crate) const NULL_TLS13: Subject =
    Subject::new(Section::Tls13, "tls1_3.null", "NULL in TLS 1.3 (RFC 9150)");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chacha20_comes_first_only_where_nothing_else_can() {
        let (aes128, aes256, chacha20) = (Suite(0x1301), Suite(0x1302), Suite(0x1303));
        assert_eq!(backwards(&[aes256, aes128, chacha20]), [aes128, aes256, chacha20]);
        assert_eq!(backwards(&[chacha20, aes256, aes128]), [aes128, aes256, chacha20]);
        assert_eq!(backwards(&[aes256, chacha20]), [chacha20, aes256]);
        assert_eq!(backwards(&[aes256]), [aes256]);
    }

    #[test]
    fn the_order_is_whose_first_is_chosen() {
        assert_eq!(order(Some(&1), Some(&3), Some(1)), Order::Server);
        assert_eq!(order(Some(&1), Some(&3), Some(3)), Order::Client);
        assert_eq!(order(Some(&1), Some(&3), Some(2)), Order::Unknown);
        assert_eq!(order(Some(&1), Some(&3), None), Order::Unknown);
    }
}
