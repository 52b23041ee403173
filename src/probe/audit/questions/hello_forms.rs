//! Which unusual hellos does it accept? Without a name, with a name that it does not know, split over two records, large ones,
//! and one that says it has fallen back.

use super::{Known, hello_retry};
use crate::probe::audit::item::{Evidence, Item, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{
    asker::{Asker, random_pair},
    flight::Flight,
    key_shares::{OutgoingHello, can_share},
    offer::{Offer, Size},
    outcome::QuestionOutcome,
};
use crate::tls::{
    AlertDescription, ContentType, ProtocolVersion, Record, Suite, TooLong, suite::KeyExchange,
};

pub(super) const SUBJECTS: &[Subject] = &[FALLBACK, WITHOUT_NAME, OTHER_NAME, SPLIT, LARGEST];

/// Asks all of it, by the cheapest offer that the server is known to accept.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let fallback = ask_fallback(asker, known).await;
    known.items.push(fallback);
    let items = match accepted_offer(known, asker.name()) {
        Some(offer) => ask_variants(asker, known, &offer).await,
        None => {
            let why = "no hello was accepted to compare with";
            [WITHOUT_NAME, OTHER_NAME, SPLIT, LARGEST]
                .map(|it| it.item(Verdict::Inconclusive, Evidence::known(why)))
                .to_vec()
        }
    };
    known.items.extend(items);
}

/// An offer that the server is known to accept, the cheapest that there is; `None` when it accepted nothing.
fn accepted_offer(known: &Known<'_>, name: Option<&str>) -> Option<Offer> {
    if known.tls13.accepted {
        // It is answered by a retry, which costs nothing.
        return Some(Offer::tls13(name));
    }
    if let Some(suite) = known.cheapest {
        return Some(Offer::tls12(vec![suite], name));
    }
    // SSL 3.0 has no extensions to ask by.
    let newest = known.older_versions.iter().copied().max().filter(|it| *it > ProtocolVersion::SSL_3)?;
    Some(Offer::old(newest, name))
}

/// Asks by variants of an offer that is known to be accepted.
async fn ask_variants(asker: &mut Asker<'_>, known: &Known<'_>, offer: &Offer) -> Vec<Item> {
    let accepted = |_: &Flight| "accepted".to_owned();
    let without = match asker.refuses_all_by {
        Some(alert @ AlertDescription::UNRECOGNIZED_NAME) if offer.name.is_none() => {
            WITHOUT_NAME.item(Verdict::No, Evidence::alert(alert, 1))
        }
        _ if offer.name.is_none() && known.seen.is_some() => {
            WITHOUT_NAME.item(Verdict::Yes, Evidence::known("no other hello had one"))
        }
        _ => ask_by_name(asker, known, WITHOUT_NAME, None).await,
    };
    let other = ask_by_name(asker, known, OTHER_NAME, Some(UNKNOWN_NAME)).await;
    let split = asker.ask_with(SPLIT, &|| in_two_records(offer)).await.item(SPLIT, accepted);
    vec![without, other, split, largest(asker, offer).await]
}

/// Asks with another name, or none. In TLS 1.3 a server may ask for a retry before it looks at the name, so only a certificate is
/// a yes. The cheapest flight with one is that of static RSA.
async fn ask_by_name(asker: &mut Asker<'_>, known: &Known<'_>, subject: Subject, name: Option<&str>) -> Item {
    let group = known.tls13.groups.iter().copied().find(|group| can_share(*group));
    let is_free = |suite: &Suite| suite.parts().is_some_and(|parts| parts.key_exchange == KeyExchange::Rsa);
    let outcome = match (known.cheapest, group) {
        (Some(suite), _) if is_free(&suite) => asker.ask(subject, &Offer::tls12(vec![suite], name)).await,
        (_, Some(group)) => asker.ask_with_share(subject, &Offer::tls13(name), group).await,
        (Some(suite), None) => asker.ask(subject, &Offer::tls12(vec![suite], name)).await,
        (None, None) => match accepted_offer(known, name) {
            Some(offer) => asker.ask(subject, &offer).await,
            None => return subject.item(Verdict::Inconclusive, Evidence::known("no hello was accepted")),
        },
    };
    match &outcome {
        QuestionOutcome::Accepted { flight, attempts } if flight.certificate.is_none() => {
            let says = "it accepted the hello, but no certificate could be read";
            subject.item(Verdict::Inconclusive, Evidence::seen(says, *attempts))
        }
        outcome => outcome.item(subject, |_| "accepted, with a certificate".to_owned()),
    }
}

/// Does it notice a client that says it has fallen back to an older version (RFC 7507)?
async fn ask_fallback(asker: &mut Asker<'_>, known: &Known<'_>) -> Item {
    let versions = &known.older_versions;
    let older = |below: ProtocolVersion| versions.iter().copied().filter(|it| *it < below).max();
    let lower = match known.verdict(hello_retry::VERSION) {
        Verdict::Yes => older(ProtocolVersion::TLS_1_3),
        _ => versions.iter().max().and_then(|it| older(*it)),
    };
    let Some(lower) = lower else {
        let mut older = known.items.iter().filter(|it| is_of_older_version(it));
        let open = older.find(|it| it.verdict != Verdict::No && !it.is_yes());
        return match open {
            Some(open) => FALLBACK.item(open.verdict, open.evidence.clone()),
            None => FALLBACK.not_applicable("it accepts one version only"),
        };
    };
    let mut offer = match (lower, known.cheapest) {
        (ProtocolVersion::TLS_1_2, Some(suite)) => Offer::tls12(vec![suite], asker.name()),
        (version, _) => Offer::old(version, asker.name()),
    };
    offer.suites.push(Suite::FALLBACK_SCSV);
    match asker.ask(FALLBACK, &offer).await {
        QuestionOutcome::Alert { alert: alert @ AlertDescription::INAPPROPRIATE_FALLBACK, attempts } => {
            FALLBACK.item(Verdict::Yes, Evidence::alert(alert, attempts))
        }
        QuestionOutcome::Accepted { attempts, .. } => {
            let says = format!("it accepted {lower} from a client that supports a newer one");
            FALLBACK.item(Verdict::No, Evidence::seen(says, attempts))
        }
        QuestionOutcome::Alert { alert, attempts } => {
            FALLBACK.item(Verdict::Inconclusive, Evidence::alert(alert, attempts))
        }
        other => other.refusal(FALLBACK),
    }
}

fn is_of_older_version(item: &Item) -> bool {
    item.subject.section == Section::Versions && item.subject != hello_retry::VERSION
}

/// One handshake message, in two records and two segments.
fn in_two_records(offer: &Offer) -> Result<OutgoingHello, TooLong> {
    let hello = offer.hello(random_pair())?;
    let message = hello.encode()?;
    let (first, second) = message.split_at(message.len() / 2);
    let record = |part| Record::encode(ContentType::HANDSHAKE, hello.record_version(), part);
    Ok(OutgoingHello::bare(vec![record(first)?, record(second)?]))
}

/// The largest hello, up to what one record holds: the largest first, then halfway between, to within 1 KiB.
async fn largest(asker: &mut Asker<'_>, accepted: &Offer) -> Item {
    let (mut taken, mut refused, mut attempts, mut last) = (NATURAL_SIZE, MOST + STEP, 0, None);
    while refused - taken > STEP {
        let size = if last.is_none() { MOST } else { (taken + refused) / 2 / STEP * STEP };
        let offer = Offer { size: Size::Padded(size), ..accepted.clone() };
        let outcome = asker.ask(LARGEST, &offer).await;
        match &outcome {
            QuestionOutcome::Accepted { attempts: more, .. } => (taken, attempts) = (size, attempts + more),
            QuestionOutcome::Alert { attempts: more, .. } | QuestionOutcome::Closed { attempts: more } => {
                (refused, attempts) = (size, attempts + more);
            }
            QuestionOutcome::Unknown { .. } | QuestionOutcome::Skipped { .. } => {
                return outcome.refusal(LARGEST);
            }
        }
        last = Some(outcome);
    }
    let how = match last.filter(|_| refused <= MOST) {
        Some(outcome) if outcome.is_no() => {
            format!("{refused} bytes refused: {}", outcome.refusal(LARGEST).evidence.says)
        }
        Some(_) => format!("{refused} bytes refused"),
        None => "the most that one record can hold".to_owned(),
    };
    LARGEST.with(Verdict::Yes, Value::Bytes(taken as u64), Evidence::seen(how, attempts))
}

/// No server has this name (RFC 6761, section 6.4).
const UNKNOWN_NAME: &str = "esp-https-probe.invalid";
/// What one record holds.
const MOST: usize = 16_384;
const STEP: usize = 1024;
/// Every other hello of an audit is at most about this large.
const NATURAL_SIZE: usize = STEP;

const WITHOUT_NAME: Subject =
    Subject::new(Section::HellosAndRequests, "sni.none", "a hello without a name (SNI)");
const OTHER_NAME: Subject =
    Subject::new(Section::HellosAndRequests, "sni.unknown", "a hello for a name it can't know");
pub(crate) const SPLIT: Subject =
    Subject::new(Section::HellosAndRequests, "hello.split", "a hello split over two records");
const LARGEST: Subject =
    Subject::in_bytes(Section::HellosAndRequests, "hello.largest", "the largest hello accepted");
pub(crate) const FALLBACK: Subject =
    Subject::new(Section::Extensions, "fallback_scsv", "fallback noticed (SCSV)");
