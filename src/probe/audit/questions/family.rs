//! Does it accept TLS 1.2, and which families of cipher suites in it? One hello a family, in which the suites that cost a
//! server nothing come first.

use super::{Known, all_extensions};
use crate::probe::audit::item::{Evidence, Item, Section, Subject, Verdict};
use crate::probe::audit::machinery::{
    asker::Asker,
    flight::Flight,
    offer::{GROUPS_TLS12, Offer, cheapest_first, is_before_tls12},
    outcome::QuestionOutcome,
};
use crate::tls::{
    AlertDescription, NamedGroup, ProtocolVersion, Suite, SuiteParts,
    cipher::{self, CipherAlgorithm, CipherMode},
    suite::{Authentication, KeyExchange},
};

pub(super) const SUBJECTS: &[Subject] = &[
    TLS_1_2,
    ECDHE_AEAD.subject,
    STATIC_RSA.subject,
    CBC.subject,
    DHE.subject,
    CCM.subject,
    CAMELLIA.subject,
    ARIA.subject,
    TRIPLE_DES.subject,
    RC4.subject,
    DES.subject,
    STATIC_ECDH.subject,
    NULL.subject,
    EXPORT.subject,
    ANONYMOUS.subject,
];

/// A family of suites.
pub(crate) struct Family {
    pub(crate) subject: Subject,
    belongs: fn(&SuiteParts) -> bool,
}

impl Family {
    /// Whether a suite is one of it.
    pub(crate) fn has(&self, parts: &SuiteParts) -> bool {
        parts.needs_no_psk() && !parts.suite.is_tls13() && (self.belongs)(parts)
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &'static SuiteParts> {
        SuiteParts::all().filter(|parts| self.has(parts))
    }

    /// Its suites, the cheapest first.
    fn suites(&self) -> Vec<Suite> {
        cheapest_first(self.members())
    }

    /// The groups to offer with it. A server that is offered named fields uses one of them (RFC 7919, section 4), and does not
    /// show its own, which may be a small one.
    fn groups(&self) -> Vec<NamedGroup> {
        let mut groups = GROUPS_TLS12.to_vec();
        if self.subject == DHE.subject {
            groups.retain(|group| !group.is_finite_field());
        }
        groups
    }
}

/// All families.
pub(crate) fn all() -> impl Iterator<Item = &'static Family> {
    SOUND.iter().chain(OBSOLETE)
}

/// Asks for all families, and concludes whether TLS 1.2 is accepted.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let (mut items, mut refusals) = (Vec::new(), 0);
    for family in SOUND {
        let outcome = if refusals >= REFUSALS_OF_A_VERSION {
            version_refused()
        } else {
            ask_family(asker, family, &mut known.with_extensions).await
        };
        refusals += usize::from(refuses_version(&outcome));
        items.push(item(family.subject, &outcome));
        note(known, &outcome);
        if family.subject == CBC.subject {
            known.cbc = tls12(&outcome).cloned();
        }
    }
    let refused = (refusals >= REFUSALS_OF_A_VERSION).then(version_refused);
    let (obsolete, outcomes) = ask_obsolete(asker, refused).await;
    items.extend(obsolete);
    outcomes.iter().for_each(|outcome| note(known, outcome));
    known.items.push(version_item(known, &items));
    known.items.extend(items);
}

/// Asks for one family. While none was accepted with all extensions, it carries them, too; if the server refuses that, it is
/// asked again without.
async fn ask_family(
    asker: &mut Asker<'_>,
    family: &Family,
    with_extensions: &mut Option<Flight>,
) -> QuestionOutcome {
    let plain = Offer { groups: family.groups(), ..Offer::tls12(family.suites(), asker.name()) };
    if with_extensions.is_some() {
        return asker.ask_in_pieces(family.subject, &plain).await;
    }
    let outcome = asker.ask(family.subject, &all_extensions::with_all(plain.clone())).await;
    *with_extensions = tls12(&outcome).cloned();
    match &outcome {
        QuestionOutcome::Alert { alert, .. } if !REFUSALS.contains(alert) => {
            asker.ask_in_pieces(family.subject, &plain).await
        }
        _ => outcome,
    }
}

/// Whether the server says that it does not speak the version, whatever the suites.
fn refuses_version(outcome: &QuestionOutcome) -> bool {
    matches!(outcome, QuestionOutcome::Alert { alert: AlertDescription::PROTOCOL_VERSION, .. })
}

/// What a server is known to answer that has refused the version often enough.
fn version_refused() -> QuestionOutcome {
    QuestionOutcome::Alert { alert: AlertDescription::PROTOCOL_VERSION, attempts: 0 }
}

/// The flight, if it is one of TLS 1.2.
fn tls12(outcome: &QuestionOutcome) -> Option<&Flight> {
    outcome.flight().filter(|flight| flight.hello.version() == ProtocolVersion::TLS_1_2)
}

/// Keeps what an answer tells besides its family.
fn note(known: &mut Known<'_>, outcome: &QuestionOutcome) {
    let Some(flight) = tls12(outcome) else { return };
    if !known.older_versions.contains(&ProtocolVersion::TLS_1_2) {
        known.older_versions.push(ProtocolVersion::TLS_1_2);
    }
    // An anonymous one costs nothing, but shows no certificate.
    let is_free = !flight.cost_a_private_key_operation() && flight.certificate.is_some();
    if known.cheapest.is_none() || is_free {
        known.cheapest = Some(flight.hello.suite);
    }
    if let Some(request) = &flight.certificate_request {
        known.certificate_request = Some(request.ca_names.clone());
    }
}

/// TLS 1.2 is accepted when any of its families is, and not accepted when all are refused.
fn version_item(known: &Known<'_>, families: &[Item]) -> Item {
    if known.older_versions.contains(&ProtocolVersion::TLS_1_2) {
        return TLS_1_2.item(Verdict::Yes, Evidence::known("ServerHello to one of its families"));
    }
    match families.iter().find(|item| item.verdict != Verdict::No) {
        Some(open) => TLS_1_2.item(open.verdict, open.evidence.clone()),
        None => {
            let first = families.first().map(|item| item.evidence.clone());
            let evidence = first.unwrap_or_else(|| Evidence::known("every family was refused"));
            let says = format!("{} to every family", evidence.says).into();
            TLS_1_2.item(Verdict::No, Evidence { says, ..evidence })
        }
    }
}

/// Asks for all obsolete families, with one hello more than there are families accepted; not at all where it is known that
/// the server refuses them.
async fn ask_obsolete(
    asker: &mut Asker<'_>,
    refused: Option<QuestionOutcome>,
) -> (Vec<Item>, Vec<QuestionOutcome>) {
    if let Some(refused) = refused {
        return (OBSOLETE.iter().map(|family| item(family.subject, &refused)).collect(), Vec::new());
    }
    let answers =
        ask_each_of(asker, OBSOLETE_SUBJECT, OBSOLETE, &Offer::tls12(Vec::new(), asker.name())).await;
    let mut items: Vec<_> = answers
        .iter()
        .flat_map(|(families, outcome)| families.iter().map(|it| item(it.subject, outcome)))
        .collect();
    items.sort_by_key(|item| OBSOLETE.iter().position(|family| family.subject == item.subject));
    (items, answers.into_iter().map(|(_, outcome)| outcome).collect())
}

/// Asks for several families by one hello, with the suites of those that are left in `offer`; takes those that were accepted
/// off the next, until all that are left are refused. Returns which families each answer is about.
pub(super) async fn ask_each_of<'f>(
    asker: &mut Asker<'_>,
    subject: Subject,
    families: &'f [Family],
    offer: &Offer,
) -> Vec<(Vec<&'f Family>, QuestionOutcome)> {
    let (mut left, mut answers): (Vec<_>, Vec<_>) = (families.iter().collect(), Vec::new());
    while !left.is_empty() {
        let suites = cheapest_first(
            left.iter()
                .flat_map(|family| family.members())
                .filter(|parts| offer.version >= ProtocolVersion::TLS_1_2 || is_before_tls12(parts)),
        );
        let outcome = asker.ask_in_pieces(subject, &Offer { suites, ..offer.clone() }).await;
        let chosen =
            outcome.flight().filter(|it| it.hello.version() == offer.version).map(|it| it.hello.suite);
        let is_accepted =
            |family: &&Family| chosen.and_then(Suite::parts).is_some_and(|parts| family.has(parts));
        let (accepted, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(is_accepted);
        if accepted.is_empty() {
            answers.push((rest, outcome));
            break;
        }
        answers.push((accepted, outcome));
        left = rest;
    }
    answers
}

/// The item of a family from its answer: a server that chose an older version has not accepted it in TLS 1.2.
fn item(subject: Subject, outcome: &QuestionOutcome) -> Item {
    match outcome.flight().map(|flight| flight.hello.version()) {
        Some(version) if version != ProtocolVersion::TLS_1_2 => {
            let QuestionOutcome::Accepted { attempts, .. } = outcome else { return outcome.refusal(subject) };
            subject.item(Verdict::No, Evidence::seen(format!("it chose {version}"), *attempts))
        }
        _ => outcome.item(subject, |flight| flight.hello.suite.to_string()),
    }
}

fn is_aes(parts: &SuiteParts) -> bool {
    parts.cipher.algorithm == CipherAlgorithm::Aes
}

fn is_authenticated(parts: &SuiteParts) -> bool {
    parts.authentication != Authentication::Anonymous
}

/// Authenticated, encrypted, and not by an export cipher: what is obsolete about it is one thing only.
fn is_sound_but(algorithm: CipherAlgorithm, parts: &SuiteParts) -> bool {
    is_authenticated(parts) && !parts.is_export() && parts.cipher.algorithm == algorithm
}

/// The family that every device of today should have; its answer tells more than the suite.
pub(crate) const ECDHE_AEAD: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.ecdhe_aead", "ECDHE with AES-GCM or ChaCha20"),
    belongs: |parts| {
        parts.key_exchange == KeyExchange::Ecdhe
            && matches!(parts.cipher, cipher::AES_128_GCM | cipher::AES_256_GCM | cipher::CHACHA20_POLY1305)
    },
};

/// The family whose acceptance costs a server nothing.
pub(crate) const STATIC_RSA: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.static_rsa", "static RSA key exchange"),
    belongs: |parts| parts.key_exchange == KeyExchange::Rsa && is_aes(parts),
};

/// The family to which encrypt-then-MAC applies.
pub(crate) const CBC: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.cbc", "AES in CBC mode"),
    belongs: |parts| {
        is_authenticated(parts)
            && is_aes(parts)
            && parts.cipher.mode == CipherMode::Cbc
            && !matches!(parts.key_exchange, KeyExchange::Dh | KeyExchange::Ecdh)
    },
};

/// The families that are asked for one by one, the first with all extensions.
const SOUND: &[Family] = &[ECDHE_AEAD, STATIC_RSA, CBC, DHE, CCM, CAMELLIA, ARIA];
/// When a server has refused the version so often, no suite will change that.
const REFUSALS_OF_A_VERSION: usize = 2;
/// What nobody should accept any more. One hello asks for all of them: a refusal is a no to each, and what is accepted is
/// taken off the next.
const OBSOLETE: &[Family] = &[TRIPLE_DES, RC4, DES, STATIC_ECDH, NULL, EXPORT, ANONYMOUS];

pub(crate) const DHE: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.dhe", "finite-field DHE"),
    belongs: |parts| {
        parts.key_exchange == KeyExchange::Dhe
            && matches!(parts.cipher.algorithm, CipherAlgorithm::Aes | CipherAlgorithm::ChaCha20)
    },
};
const CCM: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.ccm", "AES-CCM"),
    belongs: |parts| matches!(parts.cipher.mode, CipherMode::Ccm | CipherMode::Ccm8),
};
const CAMELLIA: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.camellia", "Camellia"),
    belongs: |parts| is_authenticated(parts) && parts.cipher.algorithm == CipherAlgorithm::Camellia,
};
const ARIA: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.aria", "ARIA"),
    belongs: |parts| is_authenticated(parts) && parts.cipher.algorithm == CipherAlgorithm::Aria,
};
pub(crate) const TRIPLE_DES: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.3des", "3DES"),
    belongs: |parts| is_sound_but(CipherAlgorithm::TripleDes, parts),
};
pub(crate) const RC4: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.rc4", "RC4"),
    belongs: |parts| is_sound_but(CipherAlgorithm::Rc4, parts),
};
pub(crate) const DES: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.des", "DES or IDEA"),
    belongs: |parts| is_sound_but(CipherAlgorithm::Des, parts) || is_sound_but(CipherAlgorithm::Idea, parts),
};
pub(crate) const STATIC_ECDH: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.static_ecdh", "static ECDH key exchange"),
    belongs: |parts| is_authenticated(parts) && parts.key_exchange == KeyExchange::Ecdh,
};
pub(crate) const NULL: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.null", "NULL: no encryption"),
    belongs: |parts| is_authenticated(parts) && parts.cipher == cipher::NULL,
};
pub(crate) const EXPORT: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.export", "EXPORT: 40-bit keys"),
    belongs: |parts| is_authenticated(parts) && parts.is_export(),
};
pub(crate) const ANONYMOUS: Family = Family {
    subject: Subject::new(Section::Tls12, "tls1_2.anonymous", "anonymous: no certificate"),
    belongs: |parts| parts.authentication == Authentication::Anonymous,
};

pub(crate) const TLS_1_2: Subject = Subject::new(Section::Versions, "version.tls1_2", "TLS 1.2");
/// Alerts that are about versions and suites, not about extensions.
const REFUSALS: [AlertDescription; 3] = [
    AlertDescription::PROTOCOL_VERSION,
    AlertDescription::HANDSHAKE_FAILURE,
    AlertDescription::INSUFFICIENT_SECURITY,
];
/// The one hello that asks for all obsolete families; its answer is reported of each.
const OBSOLETE_SUBJECT: Subject =
    Subject::new(Section::Tls12, "tls1_2.obsolete", "3DES, RC4, DES, static ECDH, NULL, EXPORT, anonymous");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::audit::machinery::offer::MOST_SUITES;

    #[test]
    fn families_have_the_suites_of_their_names() {
        assert_eq!(ECDHE_AEAD.suites().len(), 6);
        assert!(STATIC_RSA.suites().contains(&Suite(0x009c)) && STATIC_RSA.suites().contains(&Suite(0x002f)));
        let first = CBC.suites()[0].parts().unwrap();
        assert_eq!(first.key_exchange, KeyExchange::Rsa, "the cheapest first");
        for family in SOUND.iter().chain(OBSOLETE) {
            assert!(!family.suites().is_empty(), "{}", family.subject.id);
            let needs_no_psk = |suite: &Suite| suite.parts().unwrap().needs_no_psk();
            assert!(family.suites().iter().all(needs_no_psk), "{}", family.subject.id);
        }
        assert!(DES.suites().contains(&Suite(0x0009)) && !EXPORT.suites().contains(&Suite(0x0009)));
        assert!(STATIC_ECDH.suites().contains(&Suite(0xc005)));
    }

    #[test]
    fn one_hello_has_room_for_all_obsolete_suites_and_that_for_dhe_names_no_field() {
        let all = cheapest_first(OBSOLETE.iter().flat_map(Family::members));
        assert!(all.len() <= MOST_SUITES, "{}", all.len());
        assert!(DHE.groups().iter().all(|group| !group.is_finite_field()));
        assert!(CBC.groups().contains(&NamedGroup::FFDHE2048));
    }
}
