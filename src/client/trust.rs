//! Is it the device that was expected? By pin, by CA, or not at all.

use std::sync::Arc;

use rustls::{
    CertificateError, Error, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use serde::Serialize;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::cert::facts::{Certificate, Role};

/// What the certificate is compared with.
#[derive(Debug, Clone)]
pub enum Expectation {
    /// Nothing: it is shown, and not judged.
    Nothing,
    /// A pin: exactly this certificate, or another with the same key.
    Pin(CertificateDer<'static>),
    /// These CAs, and only these; the name must match.
    Cas(Box<RootCertStore>),
}

/// The verdict on the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// The verdict.
    pub verdict: TrustVerdict,
    /// What the certificate was compared with.
    pub basis: Basis,
    /// Why not; null unless refused.
    pub refusal: Option<Refusal>,
    /// The verdict in plain words.
    pub explanation: String,
}

/// A verdict on a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustVerdict {
    /// It is what was expected.
    Trusted,
    /// It is not.
    Refused,
    /// Nothing was said to be expected.
    NotChecked,
}

/// What a certificate was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Nothing.
    Nothing,
    /// The pin, and the whole certificate is the expected one, or neither it nor its key is.
    PinnedCertificate,
    /// The pin, and the key is the expected one: a renewed certificate.
    PinnedKey,
    /// A CA and the name.
    Ca,
}

/// Why a certificate was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// Another certificate, with another key, than the pin.
    OtherKey,
    /// None of the given CAs issued it.
    UnknownIssuer,
    /// It has no subject alternative name, and the common name does not count (RFC 9525, section 2).
    NoNames,
    /// It is for other names.
    OtherName,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is a CA's, as the book's command makes it.
    CaAsServer,
    /// It is not for servers (extended key usage).
    WrongPurpose,
    /// The CA's signature on it is wrong.
    BadSignature,
    /// X.509 version 1 or 2.
    OldVersion,
    /// Anything else.
    Other,
}

/// Judges the chain (the server's own certificate first, which `certificate` describes) at the time `now`, in seconds
/// since 1970.
#[must_use]
pub fn judge(
    expectation: &Expectation,
    chain: &[CertificateDer<'_>],
    certificate: &Certificate,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Trust {
    let Some((own, intermediates)) = chain.split_first() else {
        return refused(Basis::Nothing, Refusal::Other, "the device showed no certificate".to_owned());
    };
    match expectation {
        Expectation::Nothing => Trust {
            verdict: TrustVerdict::NotChecked,
            basis: Basis::Nothing,
            refusal: None,
            explanation: "not checked: give --cert (pin) or --cacert".to_owned(),
        },
        Expectation::Pin(pin) => by_pin(pin, own),
        Expectation::Cas(roots) => by_ca(roots, own, intermediates, certificate, name, now),
    }
}

fn by_pin(pin: &CertificateDer<'_>, own: &CertificateDer<'_>) -> Trust {
    if pin == own {
        return trusted(Basis::PinnedCertificate, "it is exactly the pinned certificate");
    }
    match (key_of(pin), key_of(own)) {
        (Some(pinned), Some(shown)) if pinned == shown => {
            trusted(Basis::PinnedKey, "another certificate than the pinned one, with the same key: renewed")
        }
        _ => {
            let explanation = "it is another certificate, with another key, than the pinned one".to_owned();
            refused(Basis::PinnedCertificate, Refusal::OtherKey, explanation)
        }
    }
}

/// The SubjectPublicKeyInfo (DER).
fn key_of<'a>(der: &'a CertificateDer<'_>) -> Option<&'a [u8]> {
    X509Certificate::from_der(der).ok().map(|(_, cert)| cert.tbs_certificate.subject_pki.raw)
}

fn by_ca(
    roots: &RootCertStore,
    own: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    certificate: &Certificate,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Trust {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier =
        match WebPkiServerVerifier::builder_with_provider(Arc::new(roots.clone()), provider).build() {
            Ok(verifier) => verifier,
            Err(error) => return refused(Basis::Ca, Refusal::Other, error.to_string()),
        };
    match verifier.verify_server_cert(own, intermediates, name, &[], now) {
        Ok(_) => trusted(Basis::Ca, &format!("issued by a given CA, for {}", name.to_str())),
        Err(error) => {
            let refusal = refusal(&error, certificate);
            refused(Basis::Ca, refusal, explain(refusal, &error, certificate, name))
        }
    }
}

fn refusal(error: &Error, certificate: &Certificate) -> Refusal {
    use CertificateError as E;
    let Error::InvalidCertificate(error) = error else { return Refusal::Other };
    match error {
        E::UnknownIssuer => Refusal::UnknownIssuer,
        E::NotValidForName | E::NotValidForNameContext { .. } if certificate.names.is_empty() => {
            Refusal::NoNames
        }
        E::NotValidForName | E::NotValidForNameContext { .. } => Refusal::OtherName,
        E::Expired | E::ExpiredContext { .. } => Refusal::Expired,
        E::NotValidYet | E::NotValidYetContext { .. } => Refusal::NotYetValid,
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => Refusal::WrongPurpose,
        E::BadSignature => Refusal::BadSignature,
        // webpki has no public name for these here; the certificate itself tells.
        E::Other(_) if certificate.role == Role::Ca => Refusal::CaAsServer,
        E::Other(_) if certificate.version < X509_V3 => Refusal::OldVersion,
        _ => Refusal::Other,
    }
}

fn explain(refusal: Refusal, error: &Error, certificate: &Certificate, name: &ServerName<'_>) -> String {
    match refusal {
        Refusal::UnknownIssuer => {
            format!("none of the given CAs issued it (its issuer: {})", certificate.issuer)
        }
        Refusal::NoNames => "it has no subject alternative name; the common name does not count".to_owned(),
        Refusal::OtherName => {
            format!("it is not for {}, but for {}", name.to_str(), certificate.names.join(", "))
        }
        Refusal::Expired => format!("it expired at {}", certificate.not_after),
        Refusal::NotYetValid => {
            format!("it is not valid before {}; check the clocks of both machines", certificate.not_before)
        }
        Refusal::CaAsServer => {
            "it is a CA certificate (CA:TRUE), as the book's command makes it, and a CA certificate is not accepted for a server"
                .to_owned()
        }
        Refusal::WrongPurpose => "its extended key usage does not allow servers".to_owned(),
        Refusal::BadSignature => "its signature does not verify with the CA's key".to_owned(),
        Refusal::OldVersion => {
            format!("it is an X.509 version {} certificate; 3 is required", certificate.version)
        }
        Refusal::OtherKey | Refusal::Other => error.to_string(),
    }
}

fn trusted(basis: Basis, explanation: &str) -> Trust {
    Trust { verdict: TrustVerdict::Trusted, basis, refusal: None, explanation: explanation.to_owned() }
}

fn refused(basis: Basis, refusal: Refusal, explanation: String) -> Trust {
    Trust { verdict: TrustVerdict::Refused, basis, refusal: Some(refusal), explanation }
}

const X509_V3: u32 = 3;
