//! Does the server need a client certificate? Some ask for one, and some of those complete no handshake without it.

use super::{Known, family, hello_retry};
use crate::client::{
    handshake::{Broken, ClientCertificateWish},
    verification::observing::distinguished_name,
};
use crate::probe::Unobserved;
use crate::probe::audit::{
    item::{Evidence, Item, Section, Subject, Value, Verdict},
    machinery::{asker::Asker, client_certificate_rule::ClientCertificateRule},
    skip::SkipReason,
};

pub(super) const SUBJECTS: &[Subject] = &[CLIENT_CERTIFICATE];

/// Why no handshake can be completed, if none can.
pub(super) fn obstacle(asker: &Asker<'_>, known: &Known<'_>) -> Option<SkipReason> {
    if asker.client_certificate_rule == ClientCertificateRule::Required {
        return Some(SkipReason::NeedsClientCertificate);
    }
    match known.verdict(hello_retry::VERSION) {
        Verdict::No if known.older_versions.is_empty() => None,
        Verdict::No if known.verdict(family::TLS_1_2) == Verdict::No => Some(SkipReason::NeedsOtherVersion),
        Verdict::No if known.verdict(family::ECDHE_AEAD.subject) == Verdict::No => {
            Some(SkipReason::NeedsOtherSuite)
        }
        _ => known.refused.and_then(lasting_failure),
    }
}

/// How each whole handshake ends, where that is no chance: asking again would lead to the same.
fn lasting_failure(refused: &Unobserved) -> Option<SkipReason> {
    let how = match refused {
        Unobserved::Handshake { error, .. } => match &error.reason {
            Broken::Closed | Broken::Reset | Broken::TimedOut(_) | Broken::Io(_) | Broken::NotTls(_) => {
                return None;
            }
            answered => answered.to_string(),
        },
        Unobserved::Certificate { error, .. } => error.to_string(),
        _ => return None,
    };
    Some(SkipReason::HandshakeFails(how))
}

/// Adds the item; asks nothing: it was seen in the first handshake or in one of TLS 1.2.
pub(super) async fn ask(asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let item = item(asker, known);
    known.items.push(item);
}

fn item(asker: &Asker<'_>, known: &Known<'_>) -> Item {
    let asked = known.seen.map(|seen| &seen.handshake.client_certificate);
    let in_a_flight = known.certificate_request.as_ref().or(asker.facts.certificate_request.as_ref());
    let has_flight = !known.older_versions.is_empty() || asker.facts.certificate.is_some();
    let names = match (asked, in_a_flight) {
        (Some(asked), _) if asked.wish == ClientCertificateWish::Requested => Some(asked.ca_names.clone()),
        (_, Some(names)) => Some(names.iter().map(|name| distinguished_name(name)).collect()),
        _ => None,
    };
    match names {
        Some(names) => {
            let says = if names.is_empty() { "CertificateRequest, of any CA" } else { "CertificateRequest" };
            CLIENT_CERTIFICATE.with(Verdict::Yes, Value::Names(names), Evidence::known(says))
        }
        None if known.seen.is_some() || has_flight => {
            CLIENT_CERTIFICATE.item(Verdict::No, Evidence::known("no CertificateRequest came"))
        }
        None => CLIENT_CERTIFICATE.item(Verdict::Inconclusive, Evidence::known("no handshake came about")),
    }
}

pub(crate) const CLIENT_CERTIFICATE: Subject =
    Subject::new(Section::Extensions, "client_certificate", "asks for a client certificate");
