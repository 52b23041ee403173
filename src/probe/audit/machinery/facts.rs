//! What the flights of a server tell beside what they were asked for: its certificate, the fields of its Diffie-Hellman, and
//! whether it answers what nobody offered. With these, weak keys are known also where no handshake completes.

use super::{offer::Offer, outcome::QuestionOutcome};
use crate::tls::{ExtensionType, ProtocolVersion, extension::alpn_choice, message::KeyExchangeGroup};

/// What was seen in all flights.
#[derive(Debug, Default)]
pub(crate) struct FlightFacts {
    /// The server's own certificate (DER), of the first flight that had one.
    pub(crate) certificate: Option<Vec<u8>>,
    /// The names of the CAs in its request for a client certificate.
    pub(crate) certificate_request: Option<Vec<Vec<u8>>>,
    /// The smallest field that the server chose for Diffie-Hellman, and in which version.
    pub(crate) smallest_field: Option<(KeyExchangeGroup, ProtocolVersion)>,
    /// A protocol that the server chose by ALPN though it was not offered.
    pub(crate) stray_protocol: Option<String>,
    /// Whether there was a flight whose extensions could be read.
    pub(crate) was_read: bool,
}

impl FlightFacts {
    /// Takes what is new from the answer to an offer.
    pub(super) fn note(&mut self, offer: &Offer, outcome: &QuestionOutcome) {
        let Some(flight) = outcome.flight() else { return };
        let hello = &flight.hello;
        if self.certificate.is_none() {
            self.certificate.clone_from(&flight.certificate);
        }
        if let Some(request) = &flight.certificate_request {
            self.certificate_request.get_or_insert_with(|| request.ca_names.clone());
        }
        let group = flight.key_exchange.as_ref().map(|it| it.group);
        if let Some(field) = group.filter(|group| bits(*group) < self.smallest_bits()) {
            self.smallest_field = Some((field, hello.version()));
        }
        let encrypted = flight.encrypted_extensions.as_ref();
        self.was_read |= hello.version() <= ProtocolVersion::TLS_1_2 || encrypted.is_some();
        let alpn = encrypted.into_iter().flatten().find(|it| it.kind == ExtensionType::ALPN);
        let alpn = hello.extension(ExtensionType::ALPN).or(alpn.map(|it| it.data.as_slice()));
        let chosen = alpn.and_then(|data| alpn_choice(data).ok());
        if let Some(chosen) = chosen.filter(|chosen| !offer.offers_protocol(chosen)) {
            self.stray_protocol = Some(String::from_utf8_lossy(chosen).into_owned());
        }
    }

    fn smallest_bits(&self) -> usize {
        self.smallest_field.map_or(usize::MAX, |(field, _)| bits(field))
    }
}

/// The size of a finite field; more than any for other groups.
fn bits(group: KeyExchangeGroup) -> usize {
    match group {
        KeyExchangeGroup::FiniteField { bits } => bits,
        KeyExchangeGroup::Named(_) | KeyExchangeGroup::Other => usize::MAX,
    }
}
