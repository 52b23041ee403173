//! Does the server need a client certificate? Some ask for one, and some of those complete no handshake without it.

use super::{Known, family, hello_retry};
use crate::client::{handshake::ClientCertificateWish, verification::observing::distinguished_name};
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
        _ => None,
    }
}

/// Adds the item; asks nothing: it was seen in the first handshake or in one of TLS 1.2.
pub(super) async fn ask(_asker: &mut Asker<'_>, known: &mut Known<'_>) {
    let item = item(known);
    known.items.push(item);
}

fn item(known: &Known<'_>) -> Item {
    let asked = known.seen.map(|seen| &seen.handshake.client_certificate);
    let names = match (asked, &known.certificate_request) {
        (Some(asked), _) if asked.wish == ClientCertificateWish::Requested => Some(asked.ca_names.clone()),
        (_, Some(names)) => Some(names.iter().map(|name| distinguished_name(name)).collect()),
        _ => None,
    };
    match names {
        Some(names) => {
            let says = if names.is_empty() { "CertificateRequest, of any CA" } else { "CertificateRequest" };
            CLIENT_CERTIFICATE.with(Verdict::Yes, Value::Names(names), Evidence::known(says))
        }
        None if known.seen.is_some() || !known.older_versions.is_empty() => {
            CLIENT_CERTIFICATE.item(Verdict::No, Evidence::known("no CertificateRequest came"))
        }
        None => CLIENT_CERTIFICATE.item(Verdict::Inconclusive, Evidence::known("no handshake came about")),
    }
}

pub(crate) const CLIENT_CERTIFICATE: Subject =
    Subject::new(Section::Extensions, "client_certificate", "asks for a client certificate");
