//! Which application protocol does it choose by ALPN (RFC 7301)? The first handshake tells, and where there was none, the TLS 1.2
//! hello with all extensions.

use super::{Known, client_certificate};
use crate::probe::audit::{
    item::{Evidence, Item, Section, Subject, Value, Verdict},
    machinery::{asker::Asker, flight::Flight},
};
use crate::tls::{ExtensionType, extension::alpn_choice};

pub(super) const SUBJECTS: &[Subject] = &[ALPN, STRAY_PROTOCOL];

/// Adds the item; asks nothing.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let items = [item(asker, known), stray_item(asker, known)];
    known.items.extend(items);
}

/// Did it choose a protocol that nobody offered, in any flight?
fn stray_item(asker: &Asker<'_>, known: &Known<'_>) -> Item {
    match &asker.facts.stray_protocol {
        Some(protocol) => {
            let says = Evidence::known("chosen, though it was not offered");
            STRAY_PROTOCOL.with(Verdict::Yes, Value::Text(protocol.clone()), says)
        }
        None if known.seen.is_some() || asker.facts.was_read => {
            STRAY_PROTOCOL.item(Verdict::No, Evidence::known("it chose none that was not offered"))
        }
        None => match client_certificate::obstacle(asker, known) {
            Some(why) => STRAY_PROTOCOL.skipped(why),
            None => STRAY_PROTOCOL.item(Verdict::Inconclusive, Evidence::known("no handshake came about")),
        },
    }
}

fn item(asker: &Asker<'_>, known: &Known<'_>) -> Item {
    match (known.seen, &known.with_extensions) {
        (Some(seen), _) => match &seen.handshake.alpn {
            Some(protocol) => chosen(protocol, "http/1.1 offered, chosen"),
            None => ALPN.item(Verdict::No, Evidence::known("http/1.1 offered, none chosen")),
        },
        (None, Some(flight)) if asker.facts.stray_protocol.is_none() => match chosen_in(flight) {
            Some(protocol) => chosen(&protocol, "h2 and http/1.1 offered, chosen"),
            None => ALPN.item(Verdict::No, Evidence::known("h2 and http/1.1 offered, none chosen")),
        },
        (None, _) => match client_certificate::obstacle(asker, known) {
            Some(why) => ALPN.skipped(why),
            None => ALPN.item(Verdict::Inconclusive, Evidence::known("no handshake came about")),
        },
    }
}

fn chosen(protocol: &str, says: &str) -> Item {
    ALPN.with(Verdict::Yes, Value::Text(protocol.to_owned()), Evidence::known(says))
}

/// The protocol that a flight of TLS 1.2 chooses.
fn chosen_in(flight: &Flight) -> Option<String> {
    let chosen = alpn_choice(flight.hello.extension(ExtensionType::ALPN)?).ok()?;
    Some(String::from_utf8_lossy(chosen).into_owned())
}

pub(crate) const STRAY_PROTOCOL: Subject =
    Subject::new(Section::Extensions, "alpn.not_offered", "ALPN: a protocol not offered");
const ALPN: Subject = Subject::new(Section::Extensions, "alpn", "ALPN");
