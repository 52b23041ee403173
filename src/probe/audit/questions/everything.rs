//! With `--all`: every suite of every version in the server's order, its groups and its signature schemes. Each hello
//! offers all that is left, and what the server chooses is taken off the next.

use serde::{Deserialize, Serialize};

use super::{
    Known,
    hello_retry::{self, backwards, order},
    keys::certificate_key,
};
use crate::probe::audit::Scope;
use crate::probe::audit::item::{Order, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{
    asker::Asker,
    flight::Flight,
    key_shares::can_share,
    offer::{FEW_SUITES, GROUPS_TLS12, MOST_SUITES, Offer, SCHEMES, in_pieces, suites_before_tls13},
    outcome::QuestionOutcome,
};
use crate::{
    client::suite::CipherSuite,
    tls::{
        Curve, NamedGroup, ProtocolVersion, SignatureScheme, Suite, keys::Opener, message::KeyExchangeGroup,
        suite::KeyExchange,
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
    let key = certificate_key(asker, known);
    let curve = key.and_then(|key| Curve::named(key.curve.as_deref()?)?.group);
    for version in versions {
        known.offers.push(ask_old(asker, version, curve).await);
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
    let opened: Vec<_> = found.suites.iter().copied().filter(|suite| Opener::opens(*suite)).collect();
    let (schemes, extent) = match group.filter(|_| !opened.is_empty()) {
        Some(group) => schemes_tls13(asker, group, &opened).await,
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

/// One scheme a hello, with suites that we can open: the CertificateVerify says with which it really signed.
async fn schemes_tls13(
    asker: &mut Asker<'_>,
    group: NamedGroup,
    suites: &[Suite],
) -> (Vec<SignatureScheme>, Extent) {
    let (mut found, mut extent) = (Vec::new(), Extent::Complete);
    for scheme in SCHEMES.iter().filter(|scheme| scheme.may_sign_tls13()) {
        let suites = suites.to_vec();
        let offer = Offer { suites, schemes: vec![*scheme], ..Offer::tls13(asker.name()) };
        let outcome = asker.ask_with_share(SCHEMES_TLS13, &offer, group).await;
        match &outcome {
            QuestionOutcome::Accepted { flight, .. } if flight.signature_scheme() == Some(*scheme) => {
                found.push(*scheme);
            }
            QuestionOutcome::Alert { .. } | QuestionOutcome::Closed { .. } => {}
            // It signed with another one, or what it signed could not be read.
            QuestionOutcome::Accepted { .. } => extent = Extent::Partial,
            QuestionOutcome::Unknown { .. } | QuestionOutcome::Skipped { .. } => {
                return (found, Extent::Partial);
            }
        }
    }
    (found.clone(), if found.is_empty() { Extent::Partial } else { extent })
}

async fn ask_old(
    asker: &mut Asker<'_>,
    version: ProtocolVersion,
    certificate_curve: Option<NamedGroup>,
) -> VersionOffer {
    let (all, pieces) = match version {
        ProtocolVersion::TLS_1_2 => (Offer::tls12(Vec::new(), asker.name()), suites_before_tls13()),
        version => {
            let old = Offer::old(version, asker.name());
            let pieces = in_pieces(&old.suites, MOST_SUITES);
            (old, pieces)
        }
    };
    let mut series =
        HelloSeries { asker, version, certificate_curve, extent: Extent::Complete, refused_unread: false };
    let found = series.suites(&all, pieces).await;
    let (suites, suite_order) = series.in_order(&all, found).await;
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
    /// The curve of the certificate's key, if it has one.
    certificate_curve: Option<NamedGroup>,
    extent: Extent,
    /// Whether the last refusal was of the hello as such, and not of what it offers.
    refused_unread: bool,
}

impl HelloSeries<'_, '_> {
    /// Asks by one more hello; `None` ends a list. Where that was no refusal, the list is not known to be whole.
    async fn next(&mut self, subject: Subject, offer: &Offer) -> Option<Box<Flight>> {
        let outcome = self.asker.ask(subject, offer).await;
        self.refused_unread = outcome.is_unread();
        match outcome {
            QuestionOutcome::Accepted { flight, .. } if flight.hello.version() == self.version => {
                Some(flight)
            }
            // It chose an older version.
            QuestionOutcome::Accepted { .. } => None,
            refused => {
                if !refused.is_no() {
                    self.extent = Extent::Partial;
                }
                None
            }
        }
    }

    /// What it accepts of each piece. It has accepted the version, so that an empty list can't be right: then, and where it could
    /// not read a hello, it is asked again with a few suites at a time.
    async fn suites(&mut self, all: &Offer, pieces: Vec<Vec<Suite>>) -> Vec<Vec<Suite>> {
        let (mut found, mut again) = (Vec::new(), Vec::new());
        for piece in &pieces {
            let of_piece = self.suites_of(all, piece).await;
            if of_piece.is_empty() && self.refused_unread {
                again.extend(piece.iter().copied());
            }
            found.push(of_piece);
        }
        if found.iter().all(Vec::is_empty) {
            again = pieces.concat();
        }
        for piece in in_pieces(&again, FEW_SUITES) {
            found.push(self.suites_of(all, &piece).await);
        }
        if found.iter().all(Vec::is_empty) {
            self.extent = Extent::Partial;
        }
        found
    }

    /// Takes each suite that it chooses off the next offer.
    async fn suites_of(&mut self, all: &Offer, piece: &[Suite]) -> Vec<Suite> {
        let (mut left, mut found) = (piece.to_vec(), Vec::new());
        while !left.is_empty() {
            let offer = Offer { suites: left.clone(), ..all.clone() };
            let Some(flight) = self.next(SUITES, &offer).await else { break };
            left.retain(|suite| *suite != flight.hello.suite);
            found.push(flight.hello.suite);
        }
        found
    }

    /// The suites of all pieces in the server's order, where it has one, and whose order that is.
    async fn in_order(&mut self, all: &Offer, found: Vec<Vec<Suite>>) -> (Vec<Suite>, Order) {
        let is_of_several = found.iter().filter(|piece| !piece.is_empty()).count() > 1;
        let suites = found.concat();
        if suites.len() < 2 || suites.len() > MOST_SUITES {
            return (suites, Order::Unknown);
        }
        let first = if is_of_several { self.choice(all, &suites).await } else { suites.first().copied() };
        let reversed = backwards(&suites);
        let choice = self.choice(all, &reversed).await;
        let order = order(first.as_ref(), reversed.first(), choice);
        match order {
            Order::Server if is_of_several => (self.suites_of(all, &suites).await, order),
            order => (suites, order),
        }
    }

    async fn choice(&mut self, all: &Offer, suites: &[Suite]) -> Option<Suite> {
        let offer = Offer { suites: suites.to_vec(), ..all.clone() };
        self.asker.ask(SUITE_ORDER, &offer).await.flight().map(|flight| flight.hello.suite)
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
        let mut groups = Vec::new();
        if self.version > ProtocolVersion::SSL_3 {
            groups.extend(self.curves(&ecdhe).await.into_iter().map(KeyExchangeGroup::Named));
        }
        groups.extend(self.field(&dhe).await);
        if self.version < ProtocolVersion::TLS_1_2 {
            return (groups, Vec::new());
        }
        let signed = if ecdhe.suites.is_empty() { dhe } else { ecdhe };
        (groups, self.schemes(&signed).await)
    }

    /// A certificate of a curve can be used only while that curve is offered (RFC 8422, section 5.1): it stays the last in the offer
    /// until nothing else is chosen.
    async fn curves(&mut self, ecdhe: &Offer) -> Vec<NamedGroup> {
        let (mut found, mut kept) = (Vec::new(), self.certificate_curve);
        while !ecdhe.suites.is_empty() {
            let is_left = |group: &&NamedGroup| !found.contains(*group) && Some(**group) != kept;
            let mut groups: Vec<_> = GROUPS_TLS12.iter().filter(is_left).copied().collect();
            if groups.is_empty() && kept.is_none_or(|kept| found.contains(&kept)) {
                break;
            }
            groups.extend(kept);
            let Some(flight) = self.next(GROUPS, &Offer { groups: groups.clone(), ..ecdhe.clone() }).await
            else {
                break;
            };
            match flight.key_exchange.map(|it| it.group) {
                // Of all that are left it takes only this one: the others may still go with another certificate.
                Some(KeyExchangeGroup::Named(group)) if Some(group) == kept && found.contains(&group) => {
                    kept = None;
                }
                Some(KeyExchangeGroup::Named(group)) if groups.contains(&group) => found.push(group),
                _ => {
                    self.extent = Extent::Partial;
                    break;
                }
            }
        }
        if found.is_empty() && !ecdhe.suites.is_empty() {
            self.extent = Extent::Partial;
        }
        found
    }

    /// The field of its own: where a named one is offered, a server uses that (RFC 7919, section 4).
    async fn field(&mut self, dhe: &Offer) -> Option<KeyExchangeGroup> {
        if dhe.suites.is_empty() {
            return None;
        }
        let groups = GROUPS_TLS12.iter().filter(|group| !group.is_finite_field()).copied().collect();
        let outcome = self.asker.ask(GROUPS, &Offer { groups, ..dhe.clone() }).await;
        match outcome.flight()?.key_exchange.as_ref()?.group {
            field @ KeyExchangeGroup::FiniteField { .. } => Some(field),
            _ => None,
        }
    }

    async fn schemes(&mut self, signed: &Offer) -> Vec<SignatureScheme> {
        let mut found = Vec::new();
        while !signed.suites.is_empty() {
            let left: Vec<_> = SCHEMES.iter().filter(|scheme| !found.contains(*scheme)).copied().collect();
            if left.is_empty() {
                break;
            }
            let offer = Offer { schemes: left.clone(), ..signed.clone() };
            let Some(flight) = self.next(SCHEMES_TLS12, &offer).await else { break };
            match flight.signature_scheme() {
                Some(scheme) if left.contains(&scheme) => found.push(scheme),
                _ => {
                    self.extent = Extent::Partial;
                    break;
                }
            }
        }
        found
    }
}

const SUITES: Subject = Subject::new(Section::Everything, "all.suites", "every suite");
const SUITE_ORDER: Subject =
    Subject::new(Section::Everything, "all.suite_order", "who decides the order of suites");
const GROUPS: Subject = Subject::new(Section::Everything, "all.groups", "every group");
const SCHEMES_TLS12: Subject = Subject::new(Section::Everything, "all.schemes", "every signature scheme");
const SCHEMES_TLS13: Subject =
    Subject::new(Section::Everything, "all.schemes", "every signature scheme of TLS 1.3");
