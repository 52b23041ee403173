//! A CA of one's own: its certificate and its key, and the certificates that it issues.

use std::ops::Range;

use rustls::pki_types::CertificateDer;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use x509_parser::{
    extensions::ParsedExtension,
    prelude::{FromDer as _, X509Certificate},
};

use super::{Error, Generated, PrivateKey, Request, key::to_pem, leaf};

/// A CA that issues certificates.
pub struct Issuer {
    certificate: CertificateDer<'static>,
    key: PrivateKey,
    subject: String,
    key_identifier: Vec<u8>,
    validity: Range<OffsetDateTime>,
}

/// What to do when a certificate would be valid longer than the CA that issues it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeyondCa {
    /// Fail.
    Refuse,
    /// Let it end with the CA.
    Cut,
}

impl Issuer {
    /// Takes a CA's certificate and its key, which have been found to belong together.
    ///
    /// # Errors
    /// [`NotAnIssuer`], when a certificate that it issues would be refused by all clients.
    pub fn new(certificate: CertificateDer<'static>, key: PrivateKey) -> Result<Self, NotAnIssuer> {
        let (_, parsed) = X509Certificate::from_der(&certificate).map_err(|_| NotAnIssuer::Unreadable)?;
        if !parsed.is_ca() {
            return Err(NotAnIssuer::NotACa);
        }
        if parsed.key_usage().is_ok_and(|usage| usage.is_some_and(|usage| !usage.value.key_cert_sign())) {
            return Err(NotAnIssuer::MayNotIssue);
        }
        if parsed.subject().iter().next().is_none() {
            return Err(NotAnIssuer::NoSubject);
        }
        if rcgen::Issuer::from_ca_cert_der(&certificate, &key).is_err() {
            return Err(NotAnIssuer::Unreadable);
        }
        let dates = parsed.validity();
        let (subject, key_identifier) = (parsed.subject().to_string(), subject_key_identifier(&parsed));
        let validity = dates.not_before.to_datetime()..dates.not_after.to_datetime();
        let key_identifier = key_identifier.unwrap_or_else(|| key.identifier());
        Ok(Self { key, subject, key_identifier, validity, certificate })
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Its name, e.g. `CN=Workshop`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// When it expires.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        self.validity.end
    }

    /// Whether it issued this certificate (DER): by the issuer's name and the signature.
    #[must_use]
    pub fn has_issued(&self, certificate: &[u8]) -> bool {
        let (Ok((_, own)), Ok((_, issued))) =
            (X509Certificate::from_der(&self.certificate), X509Certificate::from_der(certificate))
        else {
            return false;
        };
        self.is_named_in(certificate) && issued.verify_signature(Some(own.public_key())).is_ok()
    }

    /// Whether the issuer of the certificate is this CA's subject, byte for byte: clients compare nothing else (RFC 5280, section 6.1.3).
    fn is_named_in(&self, certificate: &[u8]) -> bool {
        match (X509Certificate::from_der(&self.certificate), X509Certificate::from_der(certificate)) {
            (Ok((_, own)), Ok((_, issued))) => own.subject().as_raw() == issued.issuer().as_raw(),
            _ => false,
        }
    }

    /// Issues a certificate for `key`; `now` is when it becomes valid. What it answers has no CA certificate in it: a board sends
    /// its own certificate only, because those who trust the CA have the CA's.
    ///
    /// # Errors
    /// [`NotIssued`].
    pub fn issue(
        &self,
        request: &Request,
        key: &PrivateKey,
        now: OffsetDateTime,
        beyond: BeyondCa,
    ) -> Result<Generated, NotIssued> {
        let validity = self.validity_for(request, now, beyond)?;
        let signer = rcgen::Issuer::from_ca_cert_der(&self.certificate, &self.key).map_err(Error::from)?;
        let certificate = leaf::issued(request, key, &signer, &self.key_identifier, validity.clone())?;
        if !self.is_named_in(&certificate) {
            return Err(NotIssued::Subject);
        }
        let (not_before, not_after) = (validity.start, validity.end);
        let certificate_pem = to_pem("CERTIFICATE", &certificate).map_err(NotIssued::Failed)?;
        let private_key_pem = key.to_pem()?;
        Ok(Generated { certificate, certificate_pem, private_key_pem, not_before, not_after })
    }

    fn validity_for(
        &self,
        request: &Request,
        now: OffsetDateTime,
        beyond: BeyondCa,
    ) -> Result<Range<OffsetDateTime>, NotIssued> {
        let start = now.replace_nanosecond(0).unwrap_or(now);
        if start < self.validity.start {
            return Err(NotIssued::NotYetValid { not_before: self.validity.start });
        }
        if start + SHORTEST >= self.validity.end {
            return Err(NotIssued::Expired { not_after: self.validity.end });
        }
        let end = start + request.validity.duration();
        match beyond {
            _ if end <= self.validity.end => Ok(start..end),
            BeyondCa::Cut => Ok(start..self.validity.end),
            BeyondCa::Refuse => Err(NotIssued::BeyondCa { not_after: self.validity.end }),
        }
    }
}

fn subject_key_identifier(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0.to_vec()),
        _ => None,
    })
}

/// Why a certificate is no CA's that can issue others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAnIssuer {
    /// It can't be parsed.
    #[error("its certificate is not valid X.509")]
    Unreadable,
    /// Basic constraints don't say CA:TRUE.
    #[error("its certificate is not a CA's (basicConstraints without CA:TRUE)")]
    NotACa,
    /// Key usage is there, and keyCertSign is not in it.
    #[error("its certificate does not let it sign others (keyUsage without keyCertSign)")]
    MayNotIssue,
    /// Clients find an issuer by its name.
    #[error("its certificate has no subject")]
    NoSubject,
}

/// Why a CA has issued nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotIssued {
    /// It has expired, or expires within a day.
    #[error("the CA expires on {}, and issues nothing on its last day or after it", day(*not_after))]
    Expired {
        /// When it expires.
        not_after: OffsetDateTime,
    },
    /// This machine's clock is before the beginning of its validity.
    #[error("the CA is valid from {} on, which has not come by this machine's clock", day(*not_before))]
    NotYetValid {
        /// When it becomes valid.
        not_before: OffsetDateTime,
    },
    /// The certificate would be valid longer than the CA.
    #[error("the CA expires before that, on {}", day(*not_after))]
    BeyondCa {
        /// When the CA expires.
        not_after: OffsetDateTime,
    },
    /// The CA's subject is of a form that can't be written again.
    #[error("the CA's subject is of a form that can't be put into another certificate")]
    Subject,
    /// The certificate could not be made.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The date of a time, e.g. `2026-11-27`.
fn day(time: OffsetDateTime) -> String {
    let text = time.format(&Rfc3339).unwrap_or_default();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// A certificate that is valid for less time is of no use.
const SHORTEST: Duration = Duration::days(1);

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::cert::{KeyType, Validity, certify};

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn issuer(days: u32) -> Issuer {
        let request =
            Request { validity: Validity::days(days).unwrap(), ..Request::ca("Workshop".parse().unwrap()) };
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        Issuer::new(certify(&request, &key, NOW).unwrap().certificate, key).unwrap()
    }

    fn server(days: u32) -> Request {
        Request { validity: Validity::days(days).unwrap(), ..Request::server(None, Vec::new()) }
    }

    #[test]
    fn a_certificate_never_outlives_its_ca() {
        let (issuer, key) = (issuer(100), PrivateKey::generate(KeyType::P256).unwrap());
        let issue = |days, now, beyond| issuer.issue(&server(days), &key, now, beyond);
        let made = issue(100, NOW, BeyondCa::Refuse).unwrap();
        assert_eq!(made.not_after, issuer.not_after());
        assert!(issuer.has_issued(&made.certificate) && !issuer.has_issued(b""));
        assert_eq!(issue(101, NOW, BeyondCa::Cut).unwrap().not_after, issuer.not_after());
        for (days, now, said) in [
            (101, NOW, "the CA expires before that, on 2027-03-07"),
            (
                1,
                NOW + Duration::days(100),
                "the CA expires on 2027-03-07, and issues nothing on its last day or after it",
            ),
            (
                1,
                datetime!(1970-01-01 0:00 UTC),
                "the CA is valid from 2026-11-27 on, which has not come by this machine's clock",
            ),
        ] {
            assert_eq!(issue(days, now, BeyondCa::Refuse).err().unwrap().to_string(), said);
        }
    }

    #[test]
    fn only_a_ca_issues() {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let leaf = certify(&server(1), &key, NOW).unwrap().certificate;
        assert_eq!(Issuer::new(leaf, key).err(), Some(NotAnIssuer::NotACa));
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        assert_eq!(Issuer::new(CertificateDer::from(vec![0x30]), key).err(), Some(NotAnIssuer::Unreadable));
    }
}
