//! The findings that the first handshake, a key or a size makes.

use super::{FindingId, Found, Severity, advice::Advice};
use crate::cert::facts::{Certificate, KeyAlgorithm, SignatureStrength, Validity};
use crate::probe::Observation;
use crate::probe::audit::{
    item::{Item, Value, Verdict},
    questions::{
        keys::{CERTIFICATE_KEY, FIELD},
        request_header::HEADER,
    },
};
use crate::tls::{hash::Hash, message::KeyExchangeGroup};

pub(super) fn certificate(seen: &Certificate, findings: &mut Vec<Found>) {
    let mut add = |id: FindingId, severity, evidence: String, advice| {
        findings.push(Found { id, severity, evidence, advice: Advice::new(advice) });
    };
    match seen.validity {
        Validity::Expired => add(
            EXPIRED,
            Severity::High,
            format!("it expired on {}", seen.not_after),
            "make a new one with `esp-https certgen`, and put it on the device",
        ),
        Validity::NotYetValid => add(
            NOT_YET_VALID,
            Severity::High,
            format!("it is valid from {}", seen.not_before),
            "check the clock of the machine that made it, and the one here",
        ),
        Validity::Valid => {}
    }
    if seen.names.is_empty() {
        add(
            NO_NAMES,
            Severity::Medium,
            format!("no subject alternative name, only the subject {}", seen.subject),
            "clients do not look at the common name: make one with `esp-https certgen --profile server --san ..`, or pin it",
        );
    }
    if seen.signature_strength == SignatureStrength::Broken {
        add(
            WEAK_CERTIFICATE_SIGNATURE,
            Severity::Medium,
            format!("signed with {}", seen.signature_algorithm),
            "sign it with SHA-256, as `esp-https certgen` does",
        );
    }
}

/// Below 2048 bits an RSA key is too small for today (RFC 9325, section 4.5).
pub(super) fn small_key(items: &[Item]) -> Option<Found> {
    let item = items.iter().find(|item| item.subject == CERTIFICATE_KEY)?;
    let Some(Value::Key(key)) = &item.value else { return None };
    let bits = key.bits.filter(|bits| key.algorithm == KeyAlgorithm::Rsa && *bits < LEAST_RSA_BITS)?;
    Some(Found {
        id: SMALL_KEY,
        severity: Severity::High,
        evidence: format!("an RSA key of {bits} bits"),
        advice: Advice::new("use at least RSA-2048, which `esp-https certgen` makes"),
    })
}

/// The same of a field (RFC 9325, section 4.5); one of 1024 bits may have been broken for all who use it (Logjam).
pub(super) fn small_field(items: &[Item]) -> Option<Found> {
    let item = items.iter().find(|item| item.subject == FIELD)?;
    let Some(Value::Group(field @ KeyExchangeGroup::FiniteField { bits })) = &item.value else { return None };
    (*bits < LEAST_FIELD_BITS).then(|| Found {
        id: SMALL_FIELD,
        severity: if *bits <= BROKEN_FIELD_BITS { Severity::High } else { Severity::Medium },
        evidence: format!("Diffie-Hellman in a {field}: {}", item.evidence.says),
        advice: Advice::new("enable ECDHE and disable DHE; or use ffdhe2048 or a larger field of RFC 7919")
            .esp_idf("menuconfig, mbedTLS: disable MBEDTLS_DHM_C"),
    })
}

pub(super) fn handshake(seen: &Observation, findings: &mut Vec<Found>) {
    if let Some(scheme) = seen.handshake.signature_scheme.filter(|scheme| scheme.hash() == Some(Hash::Sha1)) {
        findings.push(Found {
            id: WEAK_HANDSHAKE_SIGNATURE,
            severity: Severity::Medium,
            evidence: format!("the handshake was signed with {scheme}"),
            advice: Advice::new("SHA-1 signatures can be forged: update the TLS library on the device"),
        });
    }
}

/// Browsers send cookies and more: below 2 KB their headers are refused now and then (the book's figure 8.18).
pub(super) fn header_limit(items: &[Item]) -> Option<Found> {
    let item = items.iter().find(|item| item.subject == HEADER)?;
    match &item.value {
        Some(Value::Bytes(taken)) if item.verdict == Verdict::Yes && *taken < LEAST_HEADER && *taken > 0 => {
            Some(Found {
                id: SMALL_HEADER,
                severity: Severity::Medium,
                evidence: format!("headers of up to {taken} bytes are accepted; {}", item.evidence.says),
                advice: Advice::new("raise the limit of the device's HTTP server to 2048 bytes or more")
                    .esp_idf("menuconfig, HTTP Server: HTTPD_MAX_REQ_HDR_LEN"),
            })
        }
        _ => None,
    }
}

const EXPIRED: FindingId = FindingId("certificate.expired");
const NOT_YET_VALID: FindingId = FindingId("certificate.not_yet_valid");
const NO_NAMES: FindingId = FindingId("certificate.no_names");
const WEAK_CERTIFICATE_SIGNATURE: FindingId = FindingId("certificate.weak_signature");
const SMALL_KEY: FindingId = FindingId("certificate.small_key");
const SMALL_FIELD: FindingId = FindingId("key.small_field");
const WEAK_HANDSHAKE_SIGNATURE: FindingId = FindingId("handshake.weak_signature");
const SMALL_HEADER: FindingId = FindingId("request.small_header");
/// Those that no single answer makes.
pub(super) const OTHERS: &[FindingId] = &[
    EXPIRED,
    NOT_YET_VALID,
    NO_NAMES,
    WEAK_CERTIFICATE_SIGNATURE,
    SMALL_KEY,
    SMALL_FIELD,
    WEAK_HANDSHAKE_SIGNATURE,
    SMALL_HEADER,
];

const LEAST_HEADER: u64 = 2048;
const LEAST_RSA_BITS: usize = 2048;
const LEAST_FIELD_BITS: usize = 2048;
const BROKEN_FIELD_BITS: usize = 1024;
