//! TLS 1.2 and before: versions, families of suites, and what one hello's extensions tell.

use super::{
    extensions::{self, Unasked},
    family::{self, CBC, ECDHE_AEAD, Family, OTHERS, STATIC_RSA},
};
use crate::probe::audit::item::{Evidence, Item, Section, Subject, Verdict};
use crate::probe::audit::machinery::{asker::Asker, flight::Flight, judge::Outcome, offer::Offer};
use crate::{
    client::alert::Alert,
    tls::{ExtensionType, ProtocolVersion, Suite, extension::alpn_choice},
};

/// What a server does in TLS 1.2 and before.
#[derive(Debug, Default)]
pub(crate) struct Old {
    pub(crate) items: Vec<Item>,
    /// The versions that it accepts.
    pub(crate) versions: Vec<ProtocolVersion>,
    /// A suite that it accepts in TLS 1.2, one that costs it nothing if there is any.
    pub(crate) cheapest: Option<Suite>,
    /// The client certificate request of TLS 1.2: the names of the CAs.
    pub(crate) certificate_request: Option<Vec<Vec<u8>>>,
    /// What ALPN chose in TLS 1.2; `None` where it was not offered.
    pub(crate) alpn: Option<Option<String>>,
}

/// Asks for TLS 1.2 by its families, and for the versions before it.
pub(crate) async fn ask(asker: &mut Asker<'_>) -> Old {
    let mut found = Old::default();
    let (mut families, flight, cbc) = found.ask_families(asker).await;
    found.items.push(found.version_item(&families));
    for (version, subject) in OLDER {
        found.ask_version(asker, *version, *subject).await;
    }
    found.alpn = flight.as_ref().map(alpn);
    let why = found.unasked();
    found.items.append(&mut families);
    found.items.extend(extensions::items(flight.as_ref(), &why));
    let family = found.items.iter().find(|item| item.id == CBC.subject.id);
    let encrypt_then_mac = extensions::encrypt_then_mac(cbc.as_ref(), family);
    found.items.push(encrypt_then_mac);
    found.items.extend(extensions::ask_record_size_limit(asker, found.cheapest, &why).await);
    found
}

/// Asks for one family. While none was accepted with all extensions, it carries them, too; should the server not bear them,
/// it is asked again without.
async fn ask_family(asker: &mut Asker<'_>, family: &Family, flight: &mut Option<Flight>) -> Outcome {
    let plain = Offer::tls12(family.suites(), asker.name());
    if flight.is_some() {
        return asker.ask(family.subject, &plain).await;
    }
    let outcome = asker.ask(family.subject, &extensions::rich(plain.clone())).await;
    *flight = tls12(&outcome).cloned();
    match &outcome {
        Outcome::Alert { alert, .. } if !REFUSALS.contains(&alert.name()) => {
            asker.ask(family.subject, &plain).await
        }
        _ => outcome,
    }
}

/// Whether the server says that it does not speak the version, whatever the suites.
fn refuses_version(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Alert { alert, .. } if alert.name() == "protocol_version")
}

/// The protocol that it chose by ALPN.
fn alpn(flight: &Flight) -> Option<String> {
    let chosen = alpn_choice(flight.hello.extension(ExtensionType::ALPN)?).ok()?;
    Some(String::from_utf8_lossy(chosen).into_owned())
}

/// The flight, if it is one of TLS 1.2.
fn tls12(outcome: &Outcome) -> Option<&Flight> {
    outcome.flight().filter(|flight| flight.hello.version() == ProtocolVersion::TLS_1_2)
}

impl Old {
    /// All families; the flight of the first that was accepted with all extensions, and that of the one in CBC mode.
    async fn ask_families(&mut self, asker: &mut Asker<'_>) -> (Vec<Item>, Option<Flight>, Option<Flight>) {
        let (mut items, mut flight, mut cbc, mut refusals) = (Vec::new(), None, None, 0);
        for family in FIRST.iter().chain(OTHERS) {
            let outcome = if refusals == FIRST.len() - 1 {
                // Twice it said that it does not speak TLS 1.2: no suite will change that.
                Outcome::Alert { alert: PROTOCOL_VERSION, attempts: 0 }
            } else {
                ask_family(asker, family, &mut flight).await
            };
            refusals += usize::from(refuses_version(&outcome) && refusals < FIRST.len() - 1);
            items.push(family::item(family.subject, &outcome));
            self.note(&outcome);
            if family.subject.id == CBC.subject.id {
                cbc = tls12(&outcome).cloned();
            }
        }
        let refused =
            (refusals == FIRST.len() - 1).then_some(Outcome::Alert { alert: PROTOCOL_VERSION, attempts: 0 });
        let (obsolete, outcomes) = family::ask_obsolete(asker, refused).await;
        items.extend(obsolete);
        outcomes.iter().for_each(|outcome| self.note(outcome));
        (items, flight, cbc)
    }

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
                if let (None, Some(request)) = (&self.certificate_request, &flight.certificate_request) {
                    self.certificate_request = Some(request.ca_names.clone());
                }
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
    pub(crate) fn unasked(&self) -> Unasked {
        let is_no = self.items.iter().any(|item| item.id == TLS_1_2.id && item.verdict == Verdict::No);
        if is_no { Unasked::NoTls12 } else { Unasked::Unknown }
    }
}

/// The families that are asked for first.
const FIRST: &[Family] = &[ECDHE_AEAD, STATIC_RSA, CBC];
const PROTOCOL_VERSION: Alert = Alert { code: 70 };
/// Alerts that are about versions and suites, not about extensions.
const REFUSALS: [&str; 3] = ["protocol_version", "handshake_failure", "insufficient_security"];

const TLS_1_2: Subject = Subject { section: Section::Versions, id: "version.tls1_2", title: "TLS 1.2" };
const OLDER: &[(ProtocolVersion, Subject)] = &[
    (
        ProtocolVersion::TLS_1_1,
        Subject { section: Section::Versions, id: "version.tls1_1", title: "TLS 1.1" },
    ),
    (
        ProtocolVersion::TLS_1_0,
        Subject { section: Section::Versions, id: "version.tls1_0", title: "TLS 1.0" },
    ),
    (ProtocolVersion::SSL_3, Subject { section: Section::Versions, id: "version.ssl3", title: "SSL 3.0" }),
];
