//! TLS 1.2 and before: versions, families of suites, and what one hello's extensions tell.

use super::{
    asker::Asker,
    extensions::{self, Unasked},
    family::{self, CBC, ECDHE_AEAD, Family, OTHERS, STATIC_RSA},
    flight::Flight,
    item::{Evidence, Item, Subject, Verdict},
    judge::Outcome,
    offer::Offer,
};
use crate::tls::{ProtocolVersion, Suite};

/// What a server does in TLS 1.2 and before.
#[derive(Debug, Default)]
pub(super) struct Old {
    pub(super) items: Vec<Item>,
    /// The versions that it accepts.
    pub(super) versions: Vec<ProtocolVersion>,
    /// A suite that it accepts in TLS 1.2, one that costs it nothing if there is any.
    pub(super) cheapest: Option<Suite>,
    /// The client certificate request of TLS 1.2: the names of the CAs.
    pub(super) certificate_request: Option<Vec<Vec<u8>>>,
}

/// Asks for TLS 1.2 by its families, and for the versions before it.
pub(super) async fn ask(asker: &mut Asker<'_>) -> Old {
    let mut found = Old::default();
    let (first, rich) = ask_modern(asker).await;
    let mut families = vec![family::item(ECDHE_AEAD.subject, &first)];
    let mut flight = tls12(&rich).cloned();
    found.note(&first);
    let mut cbc = None;
    for family in [&STATIC_RSA, &CBC].into_iter().chain(OTHERS) {
        let (item, outcome) = ask_family(asker, family, &mut flight).await;
        families.push(item);
        found.note(&outcome);
        if family.subject.id == CBC.subject.id {
            cbc = tls12(&outcome).cloned();
        }
    }
    let (obsolete, outcomes) = family::ask_obsolete(asker).await;
    families.extend(obsolete);
    outcomes.iter().for_each(|outcome| found.note(outcome));
    found.items.push(found.version_item(&families));
    for (version, subject) in OLDER {
        found.ask_version(asker, *version, *subject).await;
    }
    let why = found.unasked();
    found.items.append(&mut families);
    found.items.extend(extensions::items(flight.as_ref(), &why));
    found.items.push(extensions::encrypt_then_mac(cbc.as_ref()));
    found.items.extend(extensions::ask_record_size_limit(asker, found.cheapest, &why).await);
    found
}

/// The first family with all extensions; should the server not bear them, without.
async fn ask_modern(asker: &mut Asker<'_>) -> (Outcome, Outcome) {
    let plain = Offer::tls12(ECDHE_AEAD.suites(), asker.name());
    let rich = asker.ask(ECDHE_AEAD.subject, &extensions::rich(plain.clone())).await;
    if matches!(&rich, Outcome::Alert { alert, .. } if !matches!(alert.name(), "protocol_version" | "handshake_failure"))
    {
        return (asker.ask(ECDHE_AEAD.subject, &plain).await, rich);
    }
    (rich.clone(), rich)
}

/// Asks for one family. While none was accepted with all extensions, it carries them, too.
async fn ask_family(asker: &mut Asker<'_>, family: &Family, flight: &mut Option<Flight>) -> (Item, Outcome) {
    if flight.is_some() {
        return family::ask(asker, family).await;
    }
    let rich = extensions::rich(Offer::tls12(family.suites(), asker.name()));
    let outcome = asker.ask(family.subject, &rich).await;
    *flight = tls12(&outcome).cloned();
    (family::item(family.subject, &outcome), outcome)
}

/// The flight, if it is one of TLS 1.2.
fn tls12(outcome: &Outcome) -> Option<&Flight> {
    outcome.flight().filter(|flight| flight.hello.version() == ProtocolVersion::TLS_1_2)
}

impl Old {
    fn note(&mut self, outcome: &Outcome) {
        let Some(flight) = tls12(outcome) else { return };
        if !self.versions.contains(&ProtocolVersion::TLS_1_2) {
            self.versions.push(ProtocolVersion::TLS_1_2);
        }
        let costs = flight.cost_a_private_key_operation();
        if self.cheapest.is_none() || !costs {
            self.cheapest = Some(flight.hello.suite);
        }
        if let Some(request) = &flight.certificate_request {
            self.certificate_request = Some(request.ca_names.clone());
        }
    }

    /// TLS 1.2 is accepted when any of its families is, and not accepted when all are refused.
    fn version_item(&self, families: &[Item]) -> Item {
        if self.versions.contains(&ProtocolVersion::TLS_1_2) {
            return TLS_1_2.item(Verdict::Yes, Evidence::known("ServerHello to one of its families"));
        }
        match families.iter().find(|item| item.verdict != Verdict::No) {
            Some(open) => TLS_1_2.item(open.verdict, open.evidence.clone()),
            None => {
                let first = families.first().map(|item| item.evidence.clone());
                let evidence = first.unwrap_or_else(|| Evidence::known("every family was refused"));
                TLS_1_2.item(
                    Verdict::No,
                    Evidence { says: format!("{} to every family", evidence.says), ..evidence },
                )
            }
        }
    }

    async fn ask_version(&mut self, asker: &mut Asker<'_>, version: ProtocolVersion, subject: Subject) {
        let outcome = asker.ask(subject, &Offer::old(version, asker.name())).await;
        let item = match &outcome {
            Outcome::Accepted { flight, attempts } if flight.hello.version() == version => {
                self.versions.push(version);
                let says = format!("ServerHello, {}", flight.hello.suite.name());
                subject.item(Verdict::Yes, Evidence::seen(says, *attempts))
            }
            Outcome::Accepted { flight, attempts } => {
                let says = format!("it chose {}", flight.hello.version());
                subject.item(Verdict::No, Evidence::seen(says, *attempts))
            }
            other => other.refusal(subject),
        };
        self.items.push(item);
    }

    /// Why there may be nothing to ask of TLS 1.2.
    pub(super) fn unasked(&self) -> Unasked {
        let is_no = self.items.iter().any(|item| item.id == TLS_1_2.id && item.verdict == Verdict::No);
        if is_no { Unasked::NoTls12 } else { Unasked::Unknown }
    }
}

const TLS_1_2: Subject = Subject { id: "version.tls1_2", title: "TLS 1.2" };
const OLDER: &[(ProtocolVersion, Subject)] = &[
    (ProtocolVersion::TLS_1_1, Subject { id: "version.tls1_1", title: "TLS 1.1" }),
    (ProtocolVersion::TLS_1_0, Subject { id: "version.tls1_0", title: "TLS 1.0" }),
    (ProtocolVersion::SSL_3, Subject { id: "version.ssl3", title: "SSL 3.0" }),
];
