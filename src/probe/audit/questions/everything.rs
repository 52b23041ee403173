//! With `--all`: every suite of every version in the server's order, its groups and its signature schemes. Each hello
//! offers all that is left, and what the server chooses is taken off the next.

use serde::{Deserialize, Serialize};

use super::{
    Known,
    hello_retry::{self, order},
};
use crate::probe::audit::Scope;
use crate::probe::audit::item::{Order, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{
    asker::Asker,
    flight::Flight,
    judge::QuestionOutcome,
    key_shares::can_share,
    offer::{GROUPS_TLS12, Offer, SCHEMES, suites_before_tls13},
};
use crate::{
    client::suite::CipherSuite,
    tls::{
        NamedGroup, ProtocolVersion, SignatureScheme, Suite, message::KeyExchangeGroup, suite::KeyExchange,
    },
};

/// All that a server accepts in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionOffer {
    /// The version.
    pub version: ProtocolVersion,
    /// The suites in the order in which it chose them, taken apart.
    pub suites: Vec<CipherSuite>,
    /// Whose order that is.
    pub suite_order: Order,
    /// The groups of the key exchange in the order in which it chose them; finite fields of its own by their size.
    pub groups: Vec<KeyExchangeGroup>,
    /// The schemes with which it signs, in the order in which it chose them; empty before TLS 1.2, which has none.
    pub schemes: Vec<SignatureScheme>,
    /// Whether these are all.
    pub extent: Extent,
}

/// Whether a list is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All others were refused.
    Complete,
    /// There may be more: the server or our limits ended it.
    Partial,
}

/// Its answers are reported by version, not as items.
pub(super) const SUBJECTS: &[Subject] = &[];

/// Asks for everything in the versions that are accepted.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    if known.scope != Scope::All {
        return;
    }
    if known.tls13.accepted {
        let offer = ask_tls13(asker, known).await;
        known.offers.push(offer);
    }
    let mut versions = known.older_versions.clone();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    for version in versions {
        known.offers.push(ask_old(asker, version).await);
    }
}

/// Suites and groups are known by now, and cost nothing; a scheme costs a signature.
async fn ask_tls13(asker: &mut Asker<'_>, known: &Known<'_>) -> VersionOffer {
    let suite_order = match known.item(hello_retry::SUITE_ORDER).and_then(|item| item.value.as_ref()) {
        Some(Value::Order(order)) => *order,
        _ => Order::Unknown,
    };
    let found = &known.tls13;
    let are_complete = [hello_retry::SUITES, hello_retry::GROUPS].map(|it| known.verdict(it) == Verdict::Yes);
    let group = found.groups.iter().copied().find(|group| can_share(*group));
    let (schemes, extent) = match group {
        Some(group) => schemes_tls13(asker, group).await,
        None => (Vec::new(), Extent::Partial),
    };
    VersionOffer {
        version: ProtocolVersion::TLS_1_3,
        suites: found.suites.iter().copied().map(CipherSuite::chosen).collect(),
        suite_order,
        groups: found.groups.iter().copied().map(KeyExchangeGroup::Named).collect(),
        schemes,
        extent: if are_complete == [true, true] { extent } else { Extent::Partial },
    }
}

/// One scheme a hello: which of them it signed with is encrypted, that it signed is not.
async fn schemes_tls13(asker: &mut Asker<'_>, group: NamedGroup) -> (Vec<SignatureScheme>, Extent) {
    let mut found = Vec::new();
    for scheme in SCHEMES.iter().filter(|scheme| scheme.may_sign_tls13()) {
        let offer = Offer { schemes: vec![*scheme], ..Offer::tls13(asker.name()) };
        let outcome = asker.ask_with_share(SCHEMES_TLS13, &offer, group).await;
        match &outcome {
            QuestionOutcome::Accepted { flight, .. } if !flight.hello.is_retry() => found.push(*scheme),
            QuestionOutcome::Accepted { .. }
            | QuestionOutcome::Alert { .. }
            | QuestionOutcome::Closed { .. } => {}
            QuestionOutcome::Unknown { .. } | QuestionOutcome::Skipped { .. } => {
                return (found, Extent::Partial);
            }
        }
    }
    (found, Extent::Complete)
}

async fn ask_old(asker: &mut Asker<'_>, version: ProtocolVersion) -> VersionOffer {
    let all = match version {
        ProtocolVersion::TLS_1_2 => Offer::tls12(suites_before_tls13(), asker.name()),
        version => Offer::old(version, asker.name()),
    };
    let mut series = HelloSeries { asker, version, extent: Extent::Complete };
    let suites = series.suites(&all).await;
    let suite_order = series.suite_order(&all, &suites).await;
    let (groups, schemes) = series.groups_and_schemes(&all, &suites).await;
    VersionOffer {
        version,
        suites: suites.iter().copied().map(CipherSuite::chosen).collect(),
        suite_order,
        groups,
        schemes,
        extent: series.extent,
    }
}

/// The series of hellos for one version.
struct HelloSeries<'a, 'b> {
    asker: &'a mut Asker<'b>,
    version: ProtocolVersion,
    extent: Extent,
}

impl HelloSeries<'_, '_> {
    /// Asks until the server refuses; `left` makes the next offer, and `take` keeps what was chosen and is new.
    async fn until_refused(
        &mut self,
        subject: Subject,
        mut left: impl FnMut() -> Option<Offer>,
        mut take: impl FnMut(&Flight) -> bool,
    ) {
        while let Some(offer) = left() {
            let outcome = self.asker.ask(subject, &offer).await;
            match outcome.flight().filter(|flight| flight.hello.version() == self.version) {
                Some(flight) if take(flight) => {}
                None if outcome.is_no() || outcome.flight().is_some() => return,
                // It chose again what it was no longer offered, or can't be told.
                Some(_) | None => {
                    self.extent = Extent::Partial;
                    return;
                }
            }
        }
    }

    async fn suites(&mut self, all: &Offer) -> Vec<Suite> {
        let found = std::cell::RefCell::new(Vec::new());
        let left = || {
            let mut offer = all.clone();
            offer.suites.retain(|suite| !found.borrow().contains(suite));
            (!offer.suites.is_empty()).then_some(offer)
        };
        self.until_refused(SUITES, left, |flight| keep(&found, flight.hello.suite)).await;
        found.into_inner()
    }

    async fn suite_order(&mut self, all: &Offer, suites: &[Suite]) -> Order {
        if suites.len() < 2 {
            return Order::Unknown;
        }
        let backwards = Offer { suites: suites.iter().rev().copied().collect(), ..all.clone() };
        let outcome = self.asker.ask(SUITE_ORDER, &backwards).await;
        order(suites, outcome.flight().map(|flight| flight.hello.suite))
    }

    /// With the suites of ECDHE, whose key exchange names group and scheme; and DHE's fields by their size. SSL 3.0 has no
    /// extension to name groups with, and schemes began with TLS 1.2.
    async fn groups_and_schemes(
        &mut self,
        all: &Offer,
        suites: &[Suite],
    ) -> (Vec<KeyExchangeGroup>, Vec<SignatureScheme>) {
        let with = |key_exchange: KeyExchange| {
            let has = |suite: &Suite| suite.parts().is_some_and(|parts| parts.key_exchange == key_exchange);
            Offer { suites: suites.iter().copied().filter(has).collect(), ..all.clone() }
        };
        let (ecdhe, dhe) = (with(KeyExchange::Ecdhe), with(KeyExchange::Dhe));
        if self.version == ProtocolVersion::SSL_3 {
            return (self.field(&dhe).await.into_iter().collect(), Vec::new());
        }
        let mut groups: Vec<_> = self.curves(&ecdhe).await.into_iter().map(KeyExchangeGroup::Named).collect();
        groups.extend(self.field(&dhe).await);
        if self.version < ProtocolVersion::TLS_1_2 {
            return (groups, Vec::new());
        }
        let signed = if ecdhe.suites.is_empty() { dhe } else { ecdhe };
        (groups, self.schemes(&signed).await)
    }

    async fn curves(&mut self, ecdhe: &Offer) -> Vec<NamedGroup> {
        let found = std::cell::RefCell::new(Vec::new());
        let left = || {
            let rest = GROUPS_TLS12.iter().filter(|group| !found.borrow().contains(*group));
            let rest: Vec<_> = rest.copied().collect();
            let is_left = !ecdhe.suites.is_empty() && !rest.is_empty();
            is_left.then(|| Offer { groups: rest, ..ecdhe.clone() })
        };
        let take = |flight: &Flight| match flight.key_exchange.as_ref().map(|it| it.group) {
            Some(KeyExchangeGroup::Named(group)) => keep(&found, group),
            _ => false,
        };
        self.until_refused(GROUPS, left, take).await;
        found.into_inner()
    }

    async fn field(&mut self, dhe: &Offer) -> Option<KeyExchangeGroup> {
        if dhe.suites.is_empty() {
            return None;
        }
        let outcome = self.asker.ask(GROUPS, dhe).await;
        match outcome.flight()?.key_exchange.as_ref()?.group {
            field @ KeyExchangeGroup::FiniteField { .. } => Some(field),
            _ => None,
        }
    }

    async fn schemes(&mut self, signed: &Offer) -> Vec<SignatureScheme> {
        let found = std::cell::RefCell::new(Vec::new());
        let left = || {
            let rest = SCHEMES.iter().filter(|scheme| !found.borrow().contains(*scheme));
            let rest: Vec<_> = rest.copied().collect();
            let is_left = !signed.suites.is_empty() && !rest.is_empty();
            is_left.then(|| Offer { schemes: rest, ..signed.clone() })
        };
        let take = |flight: &Flight| {
            let scheme = flight.key_exchange.as_ref().and_then(|it| it.scheme);
            scheme.is_some_and(|scheme| keep(&found, scheme))
        };
        self.until_refused(SCHEMES_TLS12, left, take).await;
        found.into_inner()
    }
}

/// Keeps what is new; a server that chooses what was not offered is asked no further.
fn keep<T: PartialEq>(found: &std::cell::RefCell<Vec<T>>, chosen: T) -> bool {
    let mut found = found.borrow_mut();
    let is_new = !found.contains(&chosen);
    if is_new {
        found.push(chosen);
    }
    is_new
}

const SUITES: Subject = Subject::new(Section::Everything, "all.suites", "every suite");
const SUITE_ORDER: Subject =
    Subject::new(Section::Everything, "all.suite_order", "who decides the order of suites");
const GROUPS: Subject = Subject::new(Section::Everything, "all.groups", "every group");
const SCHEMES_TLS12: Subject = Subject::new(Section::Everything, "all.schemes", "every signature scheme");
const SCHEMES_TLS13: Subject =
    Subject::new(Section::Everything, "all.schemes", "every signature scheme of TLS 1.3");
