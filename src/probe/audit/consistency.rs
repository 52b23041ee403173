//! Does a report contradict itself? What does is asked again, and then withdrawn: a contradiction is a fault of ours, or two
//! servers stand behind one address, and in both cases neither side of it is a fact.

use super::{
    item::{Evidence, Item, Subject, Value, Verdict},
    questions::{
        Known,
        everything::Extent,
        family,
        hello_retry::{self, GROUPS, SUITES},
        older_versions::{SSL_3, TLS_1_0, TLS_1_1},
    },
};
use crate::tls::{ProtocolVersion, Suite};

/// Two parts of a report that can't both be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contradiction {
    /// The question whose answer is then none; `None` where it is about the lists of `--all`.
    subject: Option<Subject>,
    /// The version whose list is not whole, where it is about the lists of `--all`.
    version: Option<ProtocolVersion>,
    what: String,
}

impl Contradiction {
    fn of_item(subject: Subject, what: impl Into<String>) -> Self {
        Self { subject: Some(subject), version: None, what: what.into() }
    }

    fn of_list(version: ProtocolVersion, what: &str) -> Self {
        Self { subject: None, version: Some(version), what: format!("{version}: {what}") }
    }
}

/// All contradictions in what is known.
pub(super) fn contradictions(known: &Known<'_>) -> Vec<Contradiction> {
    let mut found: Vec<_> = known.items.iter().filter_map(empty_yes).collect();
    if let Some(seen) = known.seen {
        let handshake = &seen.handshake;
        let negotiated = Negotiated { version: handshake.version, suite: handshake.cipher_suite.suite };
        found.extend(negotiated.contradictions(known));
        let is_tls13 = handshake.version == ProtocolVersion::TLS_1_3;
        if let Some(group) = handshake.group.filter(|_| is_tls13) {
            found.extend(missing_in(known.item(GROUPS), &group, |value| match value {
                Value::Groups(groups) => Some(groups),
                _ => None,
            }));
        }
    }
    for offer in &known.offers {
        let lists = [SUITES, GROUPS].map(|it| known.verdict(it));
        let is_open = offer.version == ProtocolVersion::TLS_1_3 && lists != [Verdict::Yes; 2];
        if offer.extent == Extent::Complete && (is_open || offer.suites.is_empty()) {
            found.push(Contradiction::of_list(offer.version, "its lists are called complete, and can't be"));
        }
        let suites = offer.suites.iter().map(|it| it.suite);
        found.extend(suites.filter_map(|suite| refused_family(known, offer.version, suite)));
    }
    found
}

/// Takes back what a contradiction is about; returns what they are, each once.
pub(super) fn withdraw(known: &mut Known<'_>) -> Vec<String> {
    let found = contradictions(known);
    for Contradiction { subject, version, what } in &found {
        for item in known.items.iter_mut().filter(|item| Some(item.subject) == *subject) {
            let says = format!("this report contradicts itself: {what}");
            *item = item.subject.item(Verdict::Inconclusive, Evidence::seen(says, item.evidence.attempts));
        }
        for offer in known.offers.iter_mut().filter(|offer| Some(offer.version) == *version) {
            offer.extent = Extent::Partial;
        }
    }
    let mut told: Vec<_> = found.into_iter().map(|it| it.what).collect();
    told.dedup();
    told
}

/// A yes with an empty list.
fn empty_yes(item: &Item) -> Option<Contradiction> {
    let is_empty = match &item.value {
        Some(Value::Suites(suites)) => suites.is_empty(),
        Some(Value::Groups(groups)) => groups.is_empty(),
        _ => false,
    };
    let what = || format!("{}: yes, with an empty list", item.subject.id);
    (item.verdict == Verdict::Yes && is_empty).then(|| Contradiction::of_item(item.subject, what()))
}

/// What the first whole handshake agreed on.
struct Negotiated {
    version: ProtocolVersion,
    suite: Suite,
}

impl Negotiated {
    fn contradictions(&self, known: &Known<'_>) -> Vec<Contradiction> {
        let Self { version, suite } = *self;
        let mut found = Vec::new();
        if let Some(item) = subject_of(version).and_then(|subject| known.item(subject))
            && !matches!(item.verdict, Verdict::Yes | Verdict::Skipped)
        {
            let what = format!("{}: not accepted, and the first handshake negotiated it", item.subject.id);
            found.push(Contradiction::of_item(item.subject, what));
        }
        found.extend(refused_family(known, version, suite));
        if version == ProtocolVersion::TLS_1_3 {
            found.extend(missing_in(known.item(SUITES), &suite, |value| match value {
                Value::Suites(suites) => Some(suites),
                _ => None,
            }));
        }
        found
    }
}

/// What was negotiated and is not in a list that is called whole.
fn missing_in<T: PartialEq + ToString>(
    list: Option<&Item>,
    negotiated: &T,
    values: impl Fn(&Value) -> Option<&Vec<T>>,
) -> Option<Contradiction> {
    let list = list.filter(|list| list.verdict == Verdict::Yes)?;
    let is_missing = !values(list.value.as_ref()?)?.contains(negotiated);
    let what = || format!("{}: without {}, which was negotiated", list.subject.id, negotiated.to_string());
    is_missing.then(|| Contradiction::of_item(list.subject, what()))
}

/// A family that is called refused, and one of its suites was accepted in TLS 1.2.
fn refused_family(known: &Known<'_>, version: ProtocolVersion, suite: Suite) -> Option<Contradiction> {
    let parts = suite.parts().filter(|_| version == ProtocolVersion::TLS_1_2)?;
    let refused =
        family::all().find(|family| family.has(parts) && known.verdict(family.subject) == Verdict::No)?;
    let what = format!("{}: no, and {suite} was accepted", refused.subject.id);
    Some(Contradiction::of_item(refused.subject, what))
}

fn subject_of(version: ProtocolVersion) -> Option<Subject> {
    match version {
        ProtocolVersion::TLS_1_3 => Some(hello_retry::VERSION),
        ProtocolVersion::TLS_1_2 => Some(family::TLS_1_2),
        ProtocolVersion::TLS_1_1 => Some(TLS_1_1),
        ProtocolVersion::TLS_1_0 => Some(TLS_1_0),
        ProtocolVersion::SSL_3 => Some(SSL_3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{
        observing::{Client, Settings},
        suite::CipherSuite,
    };
    use crate::probe::audit::{Order, Scope, VersionOffer};

    /// What is known after these answers.
    fn known<'a>(client: &'a Client, items: Vec<Item>, offers: Vec<VersionOffer>) -> Known<'a> {
        Known { items, offers, ..Known::new(Scope::All, None, None, client) }
    }

    fn offer(version: ProtocolVersion, suites: &[u16], extent: Extent) -> VersionOffer {
        let suites = suites.iter().map(|number| CipherSuite::chosen(Suite(*number))).collect();
        VersionOffer { version, suites, suite_order: Order::Unknown, groups: vec![], schemes: vec![], extent }
    }

    #[test]
    fn each_kind_of_contradiction_is_found_and_withdrawn() {
        let client = Client::new(&Settings::default()).unwrap();
        let yes = |subject: Subject, value| subject.with(Verdict::Yes, value, Evidence::known("seen"));
        let no = |subject: Subject| subject.item(Verdict::No, Evidence::known("alert"));
        let items = vec![yes(SUITES, Value::Suites(vec![])), no(family::DHE.subject), no(GROUPS)];
        let offers = vec![
            offer(ProtocolVersion::TLS_1_3, &[0x1301], Extent::Complete),
            offer(ProtocolVersion::TLS_1_2, &[0x009e], Extent::Complete),
            offer(ProtocolVersion::TLS_1_0, &[], Extent::Complete),
        ];
        let mut known = known(&client, items, offers);
        insta::assert_snapshot!(withdraw(&mut known).join("\n"), @r"
        tls1_3.suites: yes, with an empty list
        TLS 1.3: its lists are called complete, and can't be
        tls1_2.dhe: no, and TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 was accepted
        TLS 1.0: its lists are called complete, and can't be
        ");
        let verdicts: Vec<_> = known.items.iter().map(|item| item.verdict).collect();
        assert_eq!(verdicts, [Verdict::Inconclusive, Verdict::Inconclusive, Verdict::No]);
        let extents: Vec<_> = known.offers.iter().map(|offer| offer.extent).collect();
        assert_eq!(extents, [Extent::Partial, Extent::Complete, Extent::Partial]);
    }

    #[test]
    fn a_list_without_what_was_negotiated_is_a_contradiction_only_when_it_is_called_whole() {
        let list =
            |verdict| SUITES.with(verdict, Value::Suites(vec![Suite(0x1301)]), Evidence::known("seen"));
        let missing = |item: Item, suite| {
            missing_in(Some(&item), &Suite(suite), |value| match value {
                Value::Suites(suites) => Some(suites),
                _ => None,
            })
        };
        assert!(missing(list(Verdict::Yes), 0x1302).is_some());
        assert_eq!(missing(list(Verdict::Yes), 0x1301), None);
        assert_eq!(missing(list(Verdict::Inconclusive), 0x1302), None);
    }
}
