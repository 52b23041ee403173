//! How does it answer the extensions of one TLS 1.2 hello: compression, secure renegotiation, extended master secret,
//! encrypt-then-MAC, heartbeat, tickets, max_fragment_length, record_size_limit.

use super::{
    Known,
    all_extensions::SMALLEST_FRAGMENT_CODE,
    family::{CBC, TLS_1_2},
};
use crate::probe::audit::item::{Evidence, Item, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{
    asker::Asker, flight::Flight, key_shares::can_share, offer::Offer, outcome::QuestionOutcome,
};
use crate::probe::audit::skip::SkipReason;
use crate::tls::{Extension, ExtensionType, NamedGroup, ProtocolVersion, Suite, cipher::CipherMode};

pub(super) const SUBJECTS: &[Subject] = &[
    COMPRESSION,
    RENEGOTIATION,
    EXTENDED_MASTER_SECRET,
    HEARTBEAT,
    TICKET_OFFERED,
    FRAGMENT,
    FRAGMENT_OBEYED,
    ENCRYPT_THEN_MAC,
    SIZE_LIMIT,
    SIZE_LIMIT_OBEYED,
];

/// Reads the answers to the hello that offered all of them, and asks for record_size_limit, which does not go with
/// max_fragment_length: in TLS 1.3 where that is spoken, because it limits encrypted records only (RFC 8449, section 4). Where
/// TLS 1.2 is not spoken, max_fragment_length is asked for in TLS 1.3 as well.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let why = Unasked::of(known);
    let mut items = items(known.with_extensions.as_ref(), why);
    items.push(encrypt_then_mac(known.cbc.as_ref(), known.item(CBC.subject)));
    let speaks_tls12 = known.older_versions.contains(&ProtocolVersion::TLS_1_2);
    let group = known.tls13.groups.iter().copied().find(|group| can_share(*group));
    if let Some(group) = group.filter(|_| !speaks_tls12) {
        let fragment = Extension::max_fragment_length(SMALLEST_FRAGMENT_CODE);
        for item in ask_tls13(asker, group, FRAGMENT, FRAGMENT_OBEYED, fragment).await {
            if let Some(unasked) = items.iter_mut().find(|it| it.subject == item.subject) {
                *unasked = item;
            }
        }
    }
    let limit = Extension::record_size_limit(LARGEST_RECORD_ASKED);
    items.extend(match group {
        Some(group) => ask_tls13(asker, group, SIZE_LIMIT, SIZE_LIMIT_OBEYED, limit).await,
        None => ask_record_size_limit(asker, known.cheapest, why, limit).await,
    });
    known.items.extend(items);
}

/// The items that the answer to [`super::all_extensions::with_all`] tells; `None` when TLS 1.2 is not spoken, and `why`.
fn items(flight: Option<&Flight>, why: Unasked) -> Vec<Item> {
    let answered = |(subject, kind): &(Subject, ExtensionType)| {
        flight.map_or_else(|| why.item(*subject), |flight| answered(*subject, *kind, flight))
    };
    let mut items = vec![flight.map_or_else(|| why.item(COMPRESSION), compression)];
    items.extend(OFFERED.iter().map(answered));
    let fragment = answered(&(FRAGMENT, ExtensionType::MAX_FRAGMENT_LENGTH));
    let largest = flight.map_or(0, |flight| flight.largest_record);
    let obeyed = obeyed(FRAGMENT_OBEYED, &fragment, largest, LARGEST_RECORD_ASKED);
    items.extend([fragment, obeyed]);
    items
}

fn answered(subject: Subject, kind: ExtensionType, flight: &Flight) -> Item {
    let (verdict, says) = match flight.hello.extension(kind) {
        Some(_) => (Verdict::Yes, format!("{kind} answered")),
        None => (Verdict::No, format!("{kind} offered, not answered")),
    };
    subject.item(verdict, Evidence::known(says))
}

/// Encrypt-then-MAC, which only a suite in CBC mode can have: from the flight of that family, and its item.
fn encrypt_then_mac(cbc: Option<&Flight>, family: Option<&Item>) -> Item {
    match (cbc, family) {
        (Some(flight), _) if is_cbc(flight.hello.suite) => {
            answered(ENCRYPT_THEN_MAC, ExtensionType::ENCRYPT_THEN_MAC, flight)
        }
        (_, Some(open)) if matches!(open.verdict, Verdict::Inconclusive | Verdict::Skipped) => {
            ENCRYPT_THEN_MAC.item(open.verdict, open.evidence.clone())
        }
        _ => ENCRYPT_THEN_MAC.not_applicable("no suite in CBC mode was accepted"),
    }
}

/// Asks for record_size_limit in TLS 1.2, with a suite that is known to be accepted. Its first flight there is not encrypted, so
/// that it can't be told whether the limit is obeyed.
async fn ask_record_size_limit(
    asker: &mut Asker<'_>,
    suite: Option<Suite>,
    why: Unasked,
    limit: Extension,
) -> Vec<Item> {
    let Some(suite) = suite else { return vec![why.item(SIZE_LIMIT), why.item(SIZE_LIMIT_OBEYED)] };
    let offer = Offer { more: vec![limit], ..Offer::tls12(vec![suite], asker.name()) };
    let outcome = asker.ask(SIZE_LIMIT, &offer).await;
    let QuestionOutcome::Accepted { flight, attempts } = &outcome else {
        let refused = outcome.refusal(SIZE_LIMIT);
        let obeyed = obeyed(SIZE_LIMIT_OBEYED, &refused, 0, LARGEST_RECORD_ASKED);
        return vec![refused, obeyed];
    };
    let answer = flight.hello.extension(ExtensionType::RECORD_SIZE_LIMIT);
    match answer.and_then(size_limit) {
        Some(limit) => {
            let evidence = Evidence::seen(format!("answered, with the limit {limit}"), *attempts);
            let item = SIZE_LIMIT.with(Verdict::Yes, Value::Bytes(limit.into()), evidence);
            vec![item, SIZE_LIMIT_OBEYED.skipped(SkipReason::NeedsEncryptedRecords)]
        }
        None => {
            let item = SIZE_LIMIT.item(Verdict::No, Evidence::seen("offered, not answered", *attempts));
            vec![item, SIZE_LIMIT_OBEYED.not_applicable("it was not negotiated")]
        }
    }
}

/// The limit that a server sets itself by record_size_limit.
fn size_limit(data: &[u8]) -> Option<u16> {
    data.first_chunk().map(|limit| u16::from_be_bytes(*limit))
}

/// Asks in TLS 1.3 for an extension that limits records; the answer is encrypted.
async fn ask_tls13(
    asker: &mut Asker<'_>,
    group: NamedGroup,
    subject: Subject,
    obeyed_subject: Subject,
    extension: Extension,
) -> Vec<Item> {
    let kind = extension.kind;
    let offer = Offer { more: vec![extension], ..Offer::tls13(asker.name()) };
    let outcome = asker.ask_with_share(subject, &offer, group).await;
    let item = encrypted_answer(subject, kind, &outcome);
    let largest = outcome.flight().map_or(0, |flight| match kind {
        // RFC 8449 (section 4) limits encrypted records only, with the content type that is inside; RFC 6066 all, and without it.
        ExtensionType::RECORD_SIZE_LIMIT => flight.largest_protected_record,
        _ => flight.largest_record.saturating_sub(1),
    });
    let obeyed = obeyed(obeyed_subject, &item, largest, LARGEST_RECORD_ASKED);
    vec![item, obeyed]
}

/// Whether an extension is among those that came encrypted.
fn encrypted_answer(subject: Subject, kind: ExtensionType, outcome: &QuestionOutcome) -> Item {
    let QuestionOutcome::Accepted { flight, attempts } = outcome else { return outcome.refusal(subject) };
    let Some(extensions) = &flight.encrypted_extensions else {
        return subject
            .item(Verdict::Inconclusive, Evidence::seen("its answer could not be opened", *attempts));
    };
    let answer = extensions.iter().find(|extension| extension.kind == kind);
    let limit =
        answer.filter(|_| kind == ExtensionType::RECORD_SIZE_LIMIT).and_then(|it| size_limit(&it.data));
    match (answer, limit) {
        (Some(_), Some(limit)) => {
            let says = format!("answered, encrypted, with the limit {limit}");
            subject.with(Verdict::Yes, Value::Bytes(limit.into()), Evidence::seen(says, *attempts))
        }
        (Some(_), None) => {
            subject.item(Verdict::Yes, Evidence::seen(format!("{kind} answered, encrypted"), *attempts))
        }
        (None, _) => {
            subject.item(Verdict::No, Evidence::seen(format!("{kind} offered, not answered"), *attempts))
        }
    }
}

fn is_cbc(suite: Suite) -> bool {
    suite.parts().is_some_and(|parts| parts.cipher.mode == CipherMode::Cbc)
}

/// Why the extensions of TLS 1.2 were not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unasked {
    /// The server does not speak TLS 1.2.
    NoTls12,
    /// Whether it does can't be told.
    Unknown,
}

impl Unasked {
    pub(super) fn of(known: &Known<'_>) -> Self {
        if known.verdict(TLS_1_2) == Verdict::No { Self::NoTls12 } else { Self::Unknown }
    }

    pub(super) fn item(self, subject: Subject) -> Item {
        match self {
            Self::NoTls12 => subject.not_applicable("it needs TLS 1.2, which the server does not accept"),
            Self::Unknown => subject
                .item(Verdict::Inconclusive, Evidence::known("whether it accepts TLS 1.2 can't be told")),
        }
    }
}

fn compression(flight: &Flight) -> Item {
    let (verdict, says) = match flight.hello.compression {
        0 => (Verdict::No, "DEFLATE offered, none chosen".to_owned()),
        method => (Verdict::Yes, format!("compression method {method} chosen")),
    };
    COMPRESSION.item(verdict, Evidence::known(says))
}

fn obeyed(subject: Subject, negotiated: &Item, largest: u16, limit: u16) -> Item {
    match negotiated.verdict {
        Verdict::Yes => {}
        Verdict::No => return subject.not_applicable("it was not negotiated"),
        open => return subject.item(open, negotiated.evidence.clone()),
    }
    let verdict = if largest <= limit { Verdict::Yes } else { Verdict::No };
    let says = format!("the largest record had {largest} bytes, {limit} were allowed");
    subject.with(verdict, Value::Bytes(largest.into()), Evidence::known(says))
}

/// The extensions of one hello whose answer is a plain yes or no.
const OFFERED: &[(Subject, ExtensionType)] = &[
    (RENEGOTIATION, ExtensionType::RENEGOTIATION_INFO),
    (EXTENDED_MASTER_SECRET, ExtensionType::EXTENDED_MASTER_SECRET),
    (HEARTBEAT, ExtensionType::HEARTBEAT),
    (TICKET_OFFERED, ExtensionType::SESSION_TICKET),
];
const LARGEST_RECORD_ASKED: u16 = 512;

pub(crate) const COMPRESSION: Subject = Subject::new(Section::Extensions, "compression", "TLS compression");
pub(crate) const RENEGOTIATION: Subject =
    Subject::new(Section::Extensions, "secure_renegotiation", "secure renegotiation");
pub(crate) const EXTENDED_MASTER_SECRET: Subject =
    Subject::new(Section::Extensions, "extended_master_secret", "extended master secret");
pub(crate) const ENCRYPT_THEN_MAC: Subject =
    Subject::new(Section::Extensions, "encrypt_then_mac", "encrypt-then-MAC");
pub(crate) const HEARTBEAT: Subject = Subject::new(Section::Extensions, "heartbeat", "heartbeat");
pub(super) const TICKET_OFFERED: Subject =
    Subject::new(Section::Tls12, "tls1_2.session_ticket", "session tickets in TLS 1.2");
const FRAGMENT: Subject =
    Subject::new(Section::Extensions, "max_fragment_length", "max_fragment_length (512)");
pub(crate) const FRAGMENT_OBEYED: Subject =
    Subject::in_bytes(Section::Extensions, "max_fragment_length.obeyed", "max_fragment_length obeyed");
const SIZE_LIMIT: Subject =
    Subject::in_bytes(Section::Extensions, "record_size_limit", "record_size_limit (512)");
pub(crate) const SIZE_LIMIT_OBEYED: Subject =
    Subject::in_bytes(Section::Extensions, "record_size_limit.obeyed", "record_size_limit obeyed");
