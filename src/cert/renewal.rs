//! Renewal: whether a certificate is due, and what is to be asked for to make the same one again.

use rustls::pki_types::CertificateDer;
use serde::Serialize;
use time::{Duration, OffsetDateTime};
use x509_parser::{
    extensions::{ExtendedKeyUsage, GeneralName, ParsedExtension},
    oid_registry::OID_X509_COMMON_NAME,
    prelude::{FromDer as _, X509Certificate},
};

use super::{HostName, PrivateKey, Profile, Request, San, Validity, facts::address_of};

/// When a certificate is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DueState {
    /// It is valid for long enough.
    NotDue,
    /// It expires soon.
    Due,
    /// It has expired.
    Expired,
}

impl DueState {
    /// The state of a certificate that ends at `not_after`, for those who renew `within` so much time before that.
    #[must_use]
    pub fn of(not_after: OffsetDateTime, now: OffsetDateTime, within: Duration) -> Self {
        match not_after - now {
            left if left < Duration::ZERO => Self::Expired,
            left if left <= within => Self::Due,
            _ => Self::NotDue,
        }
    }
}

/// A certificate as it is to be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewable {
    /// What is to be asked for.
    pub request: Request,
    /// Whose key signs it.
    pub signer: Signer,
}

/// Whose key signs a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// Its own.
    Itself,
    /// A CA's.
    Ca,
}

/// When a certificate (DER) ends, and its subject.
///
/// # Errors
/// [`NotRenewable::Unreadable`].
pub fn end_of(certificate: &[u8]) -> Result<(OffsetDateTime, String), NotRenewable> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| NotRenewable::Unreadable)?;
    Ok((parsed.validity().not_after.to_datetime(), parsed.subject().to_string()))
}

/// What would be asked for to make this certificate again, for this key.
///
/// # Errors
/// [`NotRenewable`], when it is not one that is made here: something of it would be lost.
pub fn renewable(certificate: &CertificateDer<'_>, key: &PrivateKey) -> Result<Renewable, NotRenewable> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| NotRenewable::Unreadable)?;
    let is_own = parsed.subject().as_raw() == parsed.issuer().as_raw();
    let signer = match is_own && parsed.verify_signature(None).is_ok() {
        true => Signer::Itself,
        false => Signer::Ca,
    };
    let profile = profile(&parsed, signer)?;
    let request = Request {
        profile,
        common_name: common_name(&parsed)?,
        names: names(&parsed)?,
        validity: validity(&parsed),
        key_type: key.key_type().ok_or(NotRenewable::Key)?,
    };
    Ok(Renewable { request, signer })
}

fn profile(certificate: &X509Certificate<'_>, signer: Signer) -> Result<Profile, NotRenewable> {
    for extension in certificate.extensions() {
        let is_known = matches!(
            extension.parsed_extension(),
            ParsedExtension::SubjectKeyIdentifier(_)
                | ParsedExtension::AuthorityKeyIdentifier(_)
                | ParsedExtension::BasicConstraints(_)
                | ParsedExtension::KeyUsage(_)
                | ParsedExtension::ExtendedKeyUsage(_)
                | ParsedExtension::SubjectAlternativeName(_)
        );
        if !is_known {
            return Err(NotRenewable::Extension { oid: extension.oid.to_id_string() });
        }
    }
    let has_usage = certificate.key_usage().is_ok_and(|usage| usage.is_some());
    let purpose = certificate.extended_key_usage().ok().flatten().map(|purpose| purpose.value);
    match (certificate.is_ca(), purpose) {
        (true, None) if !has_usage && signer == Signer::Itself => Ok(Profile::Book),
        (true, _) => Err(NotRenewable::Ca),
        (false, Some(purpose)) => of_purpose(purpose),
        (false, None) => Err(NotRenewable::Purpose),
    }
}

fn of_purpose(purpose: &ExtendedKeyUsage<'_>) -> Result<Profile, NotRenewable> {
    let others = purpose.any || purpose.code_signing || purpose.email_protection || !purpose.other.is_empty();
    match (purpose.server_auth, purpose.client_auth) {
        (true, false) if !others => Ok(Profile::Server),
        (false, true) if !others => Ok(Profile::Client),
        _ => Err(NotRenewable::Purpose),
    }
}

/// The common name, which is all that the subject of ours has.
fn common_name(certificate: &X509Certificate<'_>) -> Result<super::CommonName, NotRenewable> {
    let mut attributes = certificate.subject().iter_attributes();
    match (attributes.next(), attributes.next()) {
        (Some(only), None) if *only.attr_type() == OID_X509_COMMON_NAME => {
            let text = only.as_str().map_err(|_| NotRenewable::Subject)?;
            text.parse().map_err(|_| NotRenewable::Subject)
        }
        _ => Err(NotRenewable::Subject),
    }
}

fn names(certificate: &X509Certificate<'_>) -> Result<Vec<San>, NotRenewable> {
    let Some(names) = certificate.subject_alternative_name().map_err(|_| NotRenewable::Names)? else {
        return Ok(Vec::new());
    };
    let san = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => name.parse::<HostName>().ok().map(San::Dns),
        GeneralName::IPAddress(bytes) => address_of(bytes).map(San::Ip),
        _ => None,
    };
    names.value.general_names.iter().map(|name| san(name).ok_or(NotRenewable::Names)).collect()
}

/// The time for which it was valid, in whole days.
fn validity(certificate: &X509Certificate<'_>) -> Validity {
    let dates = certificate.validity();
    let days = (dates.not_after.to_datetime() - dates.not_before.to_datetime()).whole_days();
    let days = u32::try_from(days).unwrap_or(1).clamp(1, Validity::LONGEST.in_days());
    Validity::days(days).unwrap_or(Validity::LONGEST)
}

/// Why a certificate can't be made again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRenewable {
    /// It can't be parsed.
    #[error("it is not valid X.509")]
    Unreadable,
    /// It is a CA's, and not the book's.
    #[error("it is a CA's, and whoever trusts it has to trust the new one")]
    Ca,
    /// It is for neither servers nor clients, or for more than that.
    #[error("it is neither for servers only nor for clients only, as certgen makes them")]
    Purpose,
    /// There is more in its subject than a common name.
    #[error("its subject is not a common name alone, as certgen makes them")]
    Subject,
    /// It has a name of another kind.
    #[error("it has names that are neither host names nor addresses")]
    Names,
    /// It has an extension of which nothing is known here.
    #[error("it has the extension {oid}, which certgen does not make")]
    Extension {
        /// Its object identifier.
        oid: String,
    },
    /// Its key is of another type.
    #[error("its key is of a type that certgen does not make")]
    Key,
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::cert::{KeyType, certify};

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    #[test]
    fn a_certificate_is_due_from_so_many_days_before_its_end_on_and_also_after_it() {
        let state = |now| DueState::of(NOW, now, Duration::days(30));
        assert_eq!(state(NOW - Duration::days(31)), DueState::NotDue);
        assert_eq!(state(NOW - Duration::days(30)), DueState::Due);
        assert_eq!(state(NOW + Duration::seconds(1)), DueState::Expired);
    }

    #[test]
    fn what_was_asked_for_is_read_back_from_the_certificate_and_from_no_part_of_it() {
        let names =
            ["kitchen.local", "*.home.arpa", "::1", "10.0.0.7"].map(|name| name.parse().unwrap()).to_vec();
        let validity = Validity::days(7).unwrap();
        for request in [
            Request { key_type: KeyType::P256, ..Request::book() },
            Request { key_type: KeyType::P384, names: names.clone(), ..Request::book() },
            Request { validity, ..Request::server("Küche".parse().ok(), names) },
            Request::client("tablet".parse().unwrap(), Vec::new()),
        ] {
            let key = PrivateKey::generate(request.key_type).unwrap();
            let made = certify(&request, &key, NOW).unwrap().certificate;
            assert_eq!(renewable(&made, &key), Ok(Renewable { request, signer: Signer::Itself }));
            for length in 0..made.len() {
                let part = CertificateDer::from(&made[..length]);
                assert_eq!(renewable(&part, &key), Err(NotRenewable::Unreadable), "{length} bytes");
            }
        }
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let ca = certify(&Request::ca("Workshop".parse().unwrap()), &key, NOW).unwrap().certificate;
        assert_eq!(renewable(&ca, &key), Err(NotRenewable::Ca));
    }
}
