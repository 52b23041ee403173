//! What sorts of hello does it bear? Without a name, with a name that it does not know, split over two records, large ones,
//! and one that says it has fallen back.

use super::older_versions::Old;
use crate::probe::audit::item::{Evidence, Item, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{
    asker::{Asker, random_pair},
    judge::Outcome,
    key_shares::Hello,
    offer::{Offer, Size},
};
use crate::tls::{ContentType, ProtocolVersion, Record, Suite, TooLong};

/// An offer that the server is known to accept, the cheapest that there is.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Offer);

impl Known {
    /// With TLS 1.3, a retry costs nothing.
    pub(crate) fn of(tls13: bool, old: &Old, name: Option<&str>) -> Option<Self> {
        if tls13 {
            return Some(Self(Offer::tls13(name)));
        }
        if let Some(suite) = old.cheapest {
            return Some(Self(Offer::tls12(vec![suite], name)));
        }
        // SSL 3.0 has no extensions to ask by.
        let newest = old.versions.iter().copied().max().filter(|it| *it > ProtocolVersion::SSL_3)?;
        Some(Self(Offer::old(newest, name)))
    }
}

/// Asks all of it; `known` is `None` when the server accepted nothing.
pub(crate) async fn ask(asker: &mut Asker<'_>, known: Option<&Known>) -> Vec<Item> {
    let Some(Known(known)) = known else {
        return [WITHOUT_NAME, OTHER_NAME, SPLIT, LARGEST]
            .map(|it| {
                it.item(Verdict::Inconclusive, Evidence::known("no hello was accepted to compare with"))
            })
            .to_vec();
    };
    let accepted = |_: &crate::probe::audit::machinery::flight::Flight| "accepted".to_owned();
    let nameless = Offer { name: None, ..known.clone() };
    let without = match known.name {
        Some(_) => asker.ask(WITHOUT_NAME, &nameless).await.item(WITHOUT_NAME, accepted),
        None => WITHOUT_NAME.item(Verdict::Yes, Evidence::known("no other hello had one")),
    };
    let unknown = Offer { name: Some(UNKNOWN_NAME.to_owned()), ..known.clone() };
    let other = asker.ask(OTHER_NAME, &unknown).await.item(OTHER_NAME, accepted);
    let split = asker.ask_with(SPLIT, &|| in_two_records(known)).await.item(SPLIT, accepted);
    vec![without, other, split, largest(asker, known).await]
}

/// Does it notice a client that says it has fallen back to an older version (RFC 7507)? `newest` is what is known of TLS 1.3.
pub(crate) async fn ask_fallback(asker: &mut Asker<'_>, newest: Verdict, old: &Old) -> Item {
    let older = |below: ProtocolVersion| old.versions.iter().copied().filter(|it| *it < below).max();
    let lower = match newest {
        Verdict::Yes => older(ProtocolVersion::TLS_1_3),
        _ => old.versions.iter().max().and_then(|it| older(*it)),
    };
    let Some(lower) = lower else {
        let open = old
            .items
            .iter()
            .find(|it| it.id.starts_with("version.") && it.verdict != Verdict::No && !it.is_yes());
        return match open {
            Some(open) => FALLBACK.item(open.verdict, open.evidence.clone()),
            None => FALLBACK.moot("it accepts one version only"),
        };
    };
    let suite = old.cheapest;
    let mut offer = match (lower, suite) {
        (ProtocolVersion::TLS_1_2, Some(suite)) => Offer::tls12(vec![suite], asker.name()),
        (version, _) => Offer::old(version, asker.name()),
    };
    offer.suites.push(Suite::FALLBACK_SCSV);
    match asker.ask(FALLBACK, &offer).await {
        Outcome::Alert { alert, attempts } if alert.name() == "inappropriate_fallback" => {
            FALLBACK.item(Verdict::Yes, Evidence::alert(alert, attempts))
        }
        Outcome::Accepted { attempts, .. } => {
            let says = format!("it accepted {lower} from a client that could do better");
            FALLBACK.item(Verdict::No, Evidence::seen(says, attempts))
        }
        Outcome::Alert { alert, attempts } => {
            FALLBACK.item(Verdict::Inconclusive, Evidence::alert(alert, attempts))
        }
        other => other.refusal(FALLBACK),
    }
}

/// One handshake message, in two records and two segments.
fn in_two_records(offer: &Offer) -> Result<Hello, TooLong> {
    let hello = offer.hello(random_pair())?;
    let message = hello.encode()?;
    let (first, second) = message.split_at(message.len() / 2);
    let record = |part| Record::encode(ContentType::HANDSHAKE, hello.record_version(), part);
    Ok(Hello::bare(vec![record(first)?, record(second)?]))
}

/// The largest hello, up to what one record holds: the largest first, then halfway between, to within 1 KiB.
async fn largest(asker: &mut Asker<'_>, known: &Offer) -> Item {
    let (mut taken, mut refused, mut attempts, mut last) = (NATURAL_SIZE, MOST + STEP, 0, None);
    while refused - taken > STEP {
        let size = if last.is_none() { MOST } else { (taken + refused) / 2 / STEP * STEP };
        let offer = Offer { size: Size::Padded(size), ..known.clone() };
        let outcome = asker.ask(LARGEST, &offer).await;
        match &outcome {
            Outcome::Accepted { attempts: more, .. } => (taken, attempts) = (size, attempts + more),
            Outcome::Alert { attempts: more, .. } | Outcome::Closed { attempts: more } => {
                (refused, attempts) = (size, attempts + more);
            }
            Outcome::Unknown { .. } | Outcome::Skipped { .. } => return outcome.refusal(LARGEST),
        }
        last = Some(outcome);
    }
    let how = match last.filter(|_| refused <= MOST) {
        Some(outcome) if outcome.is_no() => {
            format!("{refused} bytes refused: {}", outcome.refusal(LARGEST).evidence.says)
        }
        Some(_) => format!("{refused} bytes refused"),
        None => "all that one record holds".to_owned(),
    };
    LARGEST.with(Verdict::Yes, Value::Bytes(taken as u64), Evidence::seen(how, attempts))
}

/// Nobody is called this (RFC 6761, section 6.4).
const UNKNOWN_NAME: &str = "esp-https-probe.invalid";
/// What one record holds.
const MOST: usize = 16_384;
const STEP: usize = 1024;
/// Every other hello of an audit is at most about this large.
const NATURAL_SIZE: usize = STEP;

const WITHOUT_NAME: Subject =
    Subject { section: Section::HellosAndRequests, id: "sni.none", title: "a hello without a name (SNI)" };
const OTHER_NAME: Subject = Subject {
    section: Section::HellosAndRequests,
    id: "sni.unknown",
    title: "a hello for a name it can't know",
};
const SPLIT: Subject = Subject {
    section: Section::HellosAndRequests,
    id: "hello.split",
    title: "a hello split over two records",
};
const LARGEST: Subject =
    Subject { section: Section::HellosAndRequests, id: "hello.largest", title: "the largest hello taken" };
const FALLBACK: Subject =
    Subject { section: Section::Extensions, id: "fallback_scsv", title: "fallback noticed (SCSV)" };
