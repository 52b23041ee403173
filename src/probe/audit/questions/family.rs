//! Which families of cipher suites does it accept in TLS 1.2? One hello a family, in which the suites that cost a server
//! nothing come first.

use crate::probe::audit::item::{Evidence, Item, Section, Subject, Verdict};
use crate::probe::audit::machinery::{
    asker::Asker,
    judge::Outcome,
    offer::{Offer, cheapest_first, needs_no_psk},
};
use crate::tls::{ProtocolVersion, Suite};

/// A family of suites.
pub(crate) struct Family {
    pub(crate) subject: Subject,
    belongs: fn(&str) -> bool,
}

impl Family {
    /// Its suites, the cheapest first.
    pub(crate) fn suites(&self) -> Vec<Suite> {
        let usable =
            |suite: &Suite| needs_no_psk(suite) && !suite.is_tls13() && (self.belongs)(&suite.name());
        let mut suites: Vec<_> = Suite::all().filter(usable).collect();
        suites.sort_by_key(cheapest_first);
        suites
    }
}

/// Asks for all obsolete families, with one hello more than there are families accepted; not at all where it is known that
/// the server refuses them.
pub(crate) async fn ask_obsolete(
    asker: &mut Asker<'_>,
    refused: Option<Outcome>,
) -> (Vec<Item>, Vec<Outcome>) {
    if let Some(refused) = refused {
        return (OBSOLETE.iter().map(|family| item(family.subject, &refused)).collect(), Vec::new());
    }
    let (mut left, mut items, mut outcomes): (Vec<_>, Vec<_>, Vec<_>) =
        (OBSOLETE.iter().collect(), Vec::new(), Vec::new());
    while !left.is_empty() {
        let mut suites: Vec<_> = left.iter().flat_map(|family| family.suites()).collect();
        suites.sort_by_key(cheapest_first);
        suites.dedup();
        let outcome = asker.ask(OBSOLETE_SUBJECT, &Offer::tls12(suites, asker.name())).await;
        let chosen = outcome.flight().map(|flight| flight.hello.suite).filter(|_| is_tls12(&outcome));
        let accepted = |family: &&Family| chosen.is_some_and(|suite| family.suites().contains(&suite));
        let (accepted, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(accepted);
        let done = if accepted.is_empty() { &rest } else { &accepted };
        items.extend(done.iter().map(|family| item(family.subject, &outcome)));
        left = if accepted.is_empty() { Vec::new() } else { rest };
        outcomes.push(outcome);
    }
    items.sort_by_key(|item| OBSOLETE.iter().position(|family| family.subject.id == item.id));
    (items, outcomes)
}

fn is_tls12(outcome: &Outcome) -> bool {
    outcome.flight().is_some_and(|flight| flight.hello.version() == ProtocolVersion::TLS_1_2)
}

/// The item of a family from its answer: a server that chose an older version has not accepted it in TLS 1.2.
pub(crate) fn item(subject: Subject, outcome: &Outcome) -> Item {
    match outcome.flight().map(|flight| flight.hello.version()) {
        Some(version) if version != ProtocolVersion::TLS_1_2 => {
            let Outcome::Accepted { attempts, .. } = outcome else { return outcome.refusal(subject) };
            subject.item(Verdict::No, Evidence::seen(format!("it chose {version}"), *attempts))
        }
        _ => outcome.item(subject, |flight| flight.hello.suite.name()),
    }
}

fn is_aes(name: &str) -> bool {
    name.contains("_AES_")
}

fn is_authenticated(name: &str) -> bool {
    !name.contains("_anon_")
}

fn is_sound(name: &str) -> bool {
    is_authenticated(name) && !name.contains("EXPORT") && !name.contains("NULL")
}

/// The family that every device of today should have; its answer tells more than the suite.
pub(crate) const ECDHE_AEAD: Family = Family {
    subject: Subject {
        section: Section::Tls12,
        id: "tls1_2.ecdhe_aead",
        title: "ECDHE with AES-GCM or ChaCha20",
    },
    belongs: |name| {
        name.starts_with("TLS_ECDHE_")
            && (name.contains("AES_128_GCM") || name.contains("AES_256_GCM") || name.contains("CHACHA20"))
    },
};

/// The family whose acceptance costs a server nothing.
pub(crate) const STATIC_RSA: Family = Family {
    subject: Subject { section: Section::Tls12, id: "tls1_2.static_rsa", title: "static RSA key exchange" },
    belongs: |name| name.starts_with("TLS_RSA_WITH_AES"),
};

/// The family on which encrypt-then-MAC has a bearing.
pub(crate) const CBC: Family = Family {
    subject: Subject { section: Section::Tls12, id: "tls1_2.cbc", title: "AES in CBC mode" },
    belongs: |name| {
        is_authenticated(name)
            && is_aes(name)
            && name.contains("_CBC_")
            && !name.starts_with("TLS_DH_")
            && !name.starts_with("TLS_ECDH_")
    },
};

/// The others.
pub(crate) const OTHERS: &[Family] = &[
    Family {
        subject: Subject { section: Section::Tls12, id: "tls1_2.dhe", title: "finite-field DHE" },
        belongs: |name| name.starts_with("TLS_DHE_") && (is_aes(name) || name.contains("CHACHA20")),
    },
    Family {
        subject: Subject { section: Section::Tls12, id: "tls1_2.ccm", title: "AES-CCM" },
        belongs: |name| name.contains("_CCM"),
    },
    Family {
        subject: Subject { section: Section::Tls12, id: "tls1_2.camellia", title: "Camellia" },
        belongs: |name| is_authenticated(name) && name.contains("CAMELLIA"),
    },
    Family {
        subject: Subject { section: Section::Tls12, id: "tls1_2.aria", title: "ARIA" },
        belongs: |name| is_authenticated(name) && name.contains("ARIA"),
    },
];

/// What nobody should accept any more. One hello asks for all of them: a refusal is a no to each, and what is accepted is
/// taken off the next.
pub(crate) const OBSOLETE: &[Family] = &[
    Family {
        subject: Subject { section: Section::Tls12, id: "tls1_2.3des", title: "3DES" },
        belongs: |name| is_sound(name) && name.contains("3DES"),
    },
    Family {
        subject: Subject { section: Section::Tls12, id: "tls1_2.rc4", title: "RC4" },
        belongs: |name| is_sound(name) && name.contains("RC4"),
    },
    Family {
        subject: Subject { section: Section::Tls12, id: "tls1_2.null", title: "NULL: no encryption" },
        belongs: |name| is_authenticated(name) && name.contains("NULL"),
    },
    Family {
        subject: Subject { section: Section::Tls12, id: "tls1_2.export", title: "EXPORT: 40-bit keys" },
        belongs: |name| is_authenticated(name) && name.contains("EXPORT"),
    },
    Family {
        subject: Subject {
            section: Section::Tls12,
            id: "tls1_2.anonymous",
            title: "anonymous: no certificate",
        },
        belongs: |name| name.contains("_anon_"),
    },
];

const OBSOLETE_SUBJECT: Subject =
    Subject { section: Section::Tls12, id: "tls1_2.obsolete", title: "3DES, RC4, NULL, EXPORT, anonymous" };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_the_suites_of_their_names() {
        assert_eq!(ECDHE_AEAD.suites().len(), 6);
        assert!(STATIC_RSA.suites().contains(&Suite(0x009c)) && STATIC_RSA.suites().contains(&Suite(0x002f)));
        assert_eq!(CBC.suites()[0].name().get(..12), Some("TLS_RSA_WITH"), "the cheapest first");
        for family in OTHERS.iter().chain(OBSOLETE) {
            assert!(!family.suites().is_empty(), "{}", family.subject.id);
            assert!(
                family.suites().iter().all(|suite| !suite.name().contains("PSK")),
                "{}",
                family.subject.id
            );
        }
    }
}
