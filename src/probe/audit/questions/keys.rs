//! Which key has its certificate, and how large is the field of its finite-field Diffie-Hellman? All flights tell, so that weak ones
//! are known also where no handshake completes.

use super::Known;
use crate::cert::facts::{PublicKeyInfo, public_key};
use crate::probe::audit::item::{Evidence, Item, Section, Subject, Value, Verdict};
use crate::probe::audit::machinery::{asker::Asker, key_shares::can_share, offer::Offer};

pub(super) const SUBJECTS: &[Subject] = &[CERTIFICATE_KEY, FIELD];

/// Adds both items. Only where no flight has shown the certificate it is asked for, in TLS 1.3.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let group = known.tls13.groups.iter().copied().find(|group| can_share(*group));
    if let (None, None, Some(group)) = (known.seen, &asker.facts.certificate, group) {
        let offer = Offer::tls13(asker.name());
        // What it shows is in the facts.
        let _ = asker.ask_with_share(CERTIFICATE_KEY, &offer, group).await;
    }
    let items = [key_item(asker, known), field_item(asker, known)];
    known.items.extend(items);
}

/// The key of the certificate that the first handshake showed, or else a flight.
pub(super) fn certificate_key(asker: &Asker<'_>, known: &Known<'_>) -> Option<PublicKeyInfo> {
    let seen = known.seen.map(|seen| seen.certificate.key.clone());
    seen.or_else(|| public_key(asker.facts.certificate.as_ref()?).ok())
}

fn key_item(asker: &Asker<'_>, known: &Known<'_>) -> Item {
    let of = if known.seen.is_some() { "of the first handshake" } else { "of a flight" };
    match certificate_key(asker, known) {
        Some(key) => CERTIFICATE_KEY.with(
            Verdict::Yes,
            Value::Key(key),
            Evidence::known(format!("the certificate {of}")),
        ),
        None => CERTIFICATE_KEY.item(Verdict::Inconclusive, Evidence::known("no certificate was seen")),
    }
}

/// What the family of DHE, and whatever else uses a field, has shown.
fn field_item(asker: &Asker<'_>, known: &Known<'_>) -> Item {
    let open = known.items.iter().find(|it| is_about_a_field(it) && it.is_open());
    match (asker.facts.smallest_field, open) {
        (Some((field, version)), _) => FIELD.with(
            Verdict::Yes,
            Value::Group(field),
            Evidence::known(format!("the smallest that it chose, in {version}")),
        ),
        (None, Some(open)) => FIELD.item(open.verdict, open.evidence.clone()),
        (None, None) => FIELD.not_applicable("it chose no suite of finite-field Diffie-Hellman"),
    }
}

fn is_about_a_field(item: &Item) -> bool {
    item.subject == super::family::DHE.subject
}

pub(crate) const CERTIFICATE_KEY: Subject =
    Subject::new(Section::Keys, "key.certificate", "key of the certificate");
pub(crate) const FIELD: Subject =
    Subject::new(Section::Keys, "key.dh", "field of finite-field Diffie-Hellman");
