//! What a server says to the extensions of one TLS 1.2 hello: compression, secure renegotiation, extended master secret,
//! encrypt-then-MAC, heartbeat, tickets, max_fragment_length, record_size_limit.

use crate::probe::audit::item::{Evidence, Item, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{asker::Asker, flight::Flight, judge::Outcome, offer::Offer};
use crate::tls::{Extension, ExtensionType, NamedGroup, Suite};

/// The offer that asks all of it at once.
pub(crate) fn rich(offer: Offer) -> Offer {
    Offer { compression: vec![DEFLATE, 0], more: extras(), ..offer }
}

fn extras() -> Vec<Extension> {
    let mut extras = vec![
        Extension::empty(ExtensionType::SESSION_TICKET),
        Extension::heartbeat(),
        Extension::max_fragment_length(SMALLEST_FRAGMENT_CODE),
    ];
    extras.extend(Extension::alpn(&["h2", "http/1.1"]));
    extras
}

/// The items that the flight of [`rich`] tells; `None` when TLS 1.2 is not spoken, and `why`.
pub(crate) fn items(flight: Option<&Flight>, why: &Unasked) -> Vec<Item> {
    let Some(flight) = flight else {
        let subjects = [
            COMPRESSION,
            RENEGOTIATION,
            EXTENDED_MASTER_SECRET,
            HEARTBEAT,
            TICKET_OFFERED,
            FRAGMENT,
            FRAGMENT_OBEYED,
        ];
        return subjects.map(|subject| why.item(subject)).to_vec();
    };
    let hello = &flight.hello;
    let answered = |subject: Subject, kind: ExtensionType| {
        let is_there = hello.extension(kind).is_some();
        let says =
            if is_there { format!("{kind} answered") } else { format!("{kind} offered, not answered") };
        subject.item(if is_there { Verdict::Yes } else { Verdict::No }, Evidence::known(says))
    };
    let fragment = answered(FRAGMENT, ExtensionType::MAX_FRAGMENT_LENGTH);
    let obeyed = obeyed(FRAGMENT_OBEYED, &fragment, flight.largest_record, 512);
    vec![
        compression(flight),
        answered(RENEGOTIATION, ExtensionType::RENEGOTIATION_INFO),
        answered(EXTENDED_MASTER_SECRET, ExtensionType::EXTENDED_MASTER_SECRET),
        answered(HEARTBEAT, ExtensionType::HEARTBEAT),
        answered(TICKET_OFFERED, ExtensionType::SESSION_TICKET),
        fragment,
        obeyed,
    ]
}

/// Encrypt-then-MAC, which only a suite in CBC mode can have: from the flight of that family, and its item.
pub(crate) fn encrypt_then_mac(cbc: Option<&Flight>, family: Option<&Item>) -> Item {
    match (cbc, family) {
        (Some(flight), _) if flight.hello.suite.name().contains("_CBC_") => {
            let is_there = flight.hello.extension(ExtensionType::ENCRYPT_THEN_MAC).is_some();
            let says =
                if is_there { "encrypt_then_mac answered" } else { "encrypt_then_mac offered, not answered" };
            ENCRYPT_THEN_MAC.item(if is_there { Verdict::Yes } else { Verdict::No }, Evidence::known(says))
        }
        (_, Some(open)) if matches!(open.verdict, Verdict::Inconclusive | Verdict::Skipped) => {
            ENCRYPT_THEN_MAC.item(open.verdict, open.evidence.clone())
        }
        _ => ENCRYPT_THEN_MAC.moot("no suite in CBC mode was accepted"),
    }
}

/// Asks for record_size_limit (RFC 8449) with a suite that is known to be accepted.
pub(crate) async fn ask_record_size_limit(
    asker: &mut Asker<'_>,
    suite: Option<Suite>,
    why: &Unasked,
) -> Vec<Item> {
    let Some(suite) = suite else { return vec![why.item(SIZE_LIMIT), why.item(SIZE_LIMIT_OBEYED)] };
    let limit = vec![Extension::record_size_limit(SIZE_LIMIT_ASKED)];
    let offer = Offer { more: limit, ..Offer::tls12(vec![suite], asker.name()) };
    let outcome = asker.ask(SIZE_LIMIT, &offer).await;
    let Outcome::Accepted { flight, attempts } = &outcome else {
        let refused = outcome.refusal(SIZE_LIMIT);
        let obeyed = obeyed(SIZE_LIMIT_OBEYED, &refused, 0, SIZE_LIMIT_ASKED);
        return vec![refused, obeyed];
    };
    let answer = flight.hello.extension(ExtensionType::RECORD_SIZE_LIMIT);
    let its_own = answer.and_then(|data| data.first_chunk()).map(|limit| u16::from_be_bytes(*limit));
    let item = match its_own {
        Some(limit) => {
            let says = format!("answered, its own limit is {limit}");
            SIZE_LIMIT.with(Verdict::Yes, Value::Bytes(limit.into()), Evidence::seen(says, *attempts))
        }
        None => SIZE_LIMIT.item(Verdict::No, Evidence::seen("offered, not answered", *attempts)),
    };
    let obeyed = obeyed(SIZE_LIMIT_OBEYED, &item, flight.largest_record, SIZE_LIMIT_ASKED);
    vec![item, obeyed]
}

/// Asks a server that speaks TLS 1.3 only for the two extensions that limit records; its answer is encrypted.
pub(crate) async fn ask_tls13(asker: &mut Asker<'_>, group: NamedGroup) -> Vec<Item> {
    let fragment = Extension::max_fragment_length(SMALLEST_FRAGMENT_CODE);
    let limit = Extension::record_size_limit(SIZE_LIMIT_ASKED);
    let mut items = Vec::new();
    for (subject, obeyed_subject, extension) in
        [(FRAGMENT, FRAGMENT_OBEYED, fragment), (SIZE_LIMIT, SIZE_LIMIT_OBEYED, limit)]
    {
        let kind = extension.kind;
        let offer = Offer { more: vec![extension], ..Offer::tls13(asker.name()) };
        let outcome = asker.ask_with_share(subject, &offer, group).await;
        let item = sealed_answer(subject, kind, &outcome);
        // RFC 8449 counts the byte of the content type inside, RFC 6066 does not.
        let inner = u16::from(kind == ExtensionType::MAX_FRAGMENT_LENGTH);
        let largest = outcome.flight().map_or(0, |flight| flight.largest_record.saturating_sub(inner));
        let obeyed = obeyed(obeyed_subject, &item, largest, SIZE_LIMIT_ASKED);
        items.extend([item, obeyed]);
    }
    items
}

/// Whether an extension is among those that came encrypted.
fn sealed_answer(subject: Subject, kind: ExtensionType, outcome: &Outcome) -> Item {
    let Outcome::Accepted { flight, attempts } = outcome else { return outcome.refusal(subject) };
    let Some(extensions) = &flight.encrypted_extensions else {
        return subject
            .item(Verdict::Inconclusive, Evidence::seen("its answer could not be opened", *attempts));
    };
    let is_there = extensions.iter().any(|extension| extension.kind == kind);
    let says = if is_there {
        format!("{kind} answered, encrypted")
    } else {
        format!("{kind} offered, not answered")
    };
    subject.item(if is_there { Verdict::Yes } else { Verdict::No }, Evidence::seen(says, *attempts))
}

/// Why the extensions of TLS 1.2 were not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unasked {
    /// The server does not speak TLS 1.2.
    NoTls12,
    /// Whether it does can't be told.
    Unknown,
}

impl Unasked {
    pub(crate) fn item(self, subject: Subject) -> Item {
        match self {
            Self::NoTls12 => subject.moot("of TLS 1.2, which it does not accept"),
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
        Verdict::No => return subject.moot("it was not negotiated"),
        open => return subject.item(open, negotiated.evidence.clone()),
    }
    let verdict = if largest <= limit { Verdict::Yes } else { Verdict::No };
    let says = format!("the largest record had {largest} bytes, {limit} were allowed");
    subject.with(verdict, Value::Bytes(largest.into()), Evidence::known(says))
}

const DEFLATE: u8 = 1;
/// 512 bytes.
const SMALLEST_FRAGMENT_CODE: u8 = 1;
const SIZE_LIMIT_ASKED: u16 = 512;

const COMPRESSION: Subject =
    Subject { section: Section::Extensions, id: "compression", title: "TLS compression" };
const RENEGOTIATION: Subject =
    Subject { section: Section::Extensions, id: "secure_renegotiation", title: "secure renegotiation" };
const EXTENDED_MASTER_SECRET: Subject =
    Subject { section: Section::Extensions, id: "extended_master_secret", title: "extended master secret" };
const ENCRYPT_THEN_MAC: Subject =
    Subject { section: Section::Extensions, id: "encrypt_then_mac", title: "encrypt-then-MAC" };
const HEARTBEAT: Subject = Subject { section: Section::Extensions, id: "heartbeat", title: "heartbeat" };
pub(crate) const TICKET_OFFERED: Subject =
    Subject { section: Section::Tls12, id: "tls1_2.session_ticket", title: "session tickets in TLS 1.2" };
const FRAGMENT: Subject =
    Subject { section: Section::Extensions, id: "max_fragment_length", title: "max_fragment_length (512)" };
const FRAGMENT_OBEYED: Subject = Subject {
    section: Section::Extensions,
    id: "max_fragment_length.obeyed",
    title: "max_fragment_length obeyed",
};
const SIZE_LIMIT: Subject =
    Subject { section: Section::Extensions, id: "record_size_limit", title: "record_size_limit (512)" };
const SIZE_LIMIT_OBEYED: Subject = Subject {
    section: Section::Extensions,
    id: "record_size_limit.obeyed",
    title: "record_size_limit obeyed",
};
