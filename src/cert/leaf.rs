//! The certificate itself, self-signed or issued by a CA. Fields and extensions come in the order in which `openssl req -x509`
//! writes them.

use std::{net::IpAddr, ops::Range};

use aws_lc_rs::rand;
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, KeyIdMethod, SerialNumber,
    SigningKey,
};
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;
use yasna::{DERWriter, Tag, models::ObjectIdentifier};

use super::{Error, PrivateKey, Profile, Request, San};

/// Makes the certificate for `key`, signed by it, valid from the start to the end of `validity` (whole seconds, UTC).
///
/// # Errors
/// [`Error`] when the cryptographic library fails.
pub(super) fn self_signed(
    request: &Request,
    key: &PrivateKey,
    validity: Range<OffsetDateTime>,
) -> Result<CertificateDer<'static>, Error> {
    Ok(params(request, key, &key.identifier(), validity)?.self_signed(key)?.into())
}

/// Makes the certificate for `key`, signed by `issuer`, whose key identifier is `authority`.
///
/// # Errors
/// [`Error`] when the cryptographic library fails.
pub(super) fn issued(
    request: &Request,
    key: &PrivateKey,
    issuer: &rcgen::Issuer<'_, impl SigningKey>,
    authority: &[u8],
    validity: Range<OffsetDateTime>,
) -> Result<CertificateDer<'static>, Error> {
    Ok(params(request, key, authority, validity)?.signed_by(key, issuer)?.into())
}

fn params(
    request: &Request,
    key: &PrivateKey,
    authority: &[u8],
    validity: Range<OffsetDateTime>,
) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(&serial()?));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, request.common_name.as_str());
    params.not_before = validity.start;
    params.not_after = validity.end;
    // rcgen's own extensions come in another order; all of them are custom here.
    params.is_ca = IsCa::NoCa;
    params.key_identifier_method = KeyIdMethod::PreSpecified(Vec::new());
    params.custom_extensions = extensions(request, key, authority);
    Ok(params)
}

/// A random serial number of exactly 20 bytes, positive: the longest that RFC 5280, section 4.1.2.2, allows.
/// Its first byte is never zero, which DER would drop.
fn serial() -> Result<[u8; SERIAL_LENGTH], Error> {
    let mut serial = [0; SERIAL_LENGTH];
    rand::fill(&mut serial).map_err(|_| Error::Crypto { doing: "draw a random number" })?;
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial)
}

fn extensions(request: &Request, key: &PrivateKey, authority: &[u8]) -> Vec<CustomExtension> {
    let identifier = key.identifier();
    let mut extensions = vec![
        extension(SUBJECT_KEY_IDENTIFIER, Criticality::NonCritical, |out| out.write_bytes(&identifier)),
        extension(AUTHORITY_KEY_IDENTIFIER, Criticality::NonCritical, |out| {
            out.write_sequence(|out| {
                out.next().write_tagged_implicit(Tag::context(0), |out| out.write_bytes(authority));
            });
        }),
        basic_constraints(request.profile),
    ];
    extensions.extend(usages(request));
    if !request.names.is_empty() {
        extensions.push(subject_alt_name(&request.names));
    }
    extensions
}

/// keyUsage and extKeyUsage. A CA has no purpose of its own: that would limit what it may issue (in the view of browsers).
fn usages(request: &Request) -> Vec<CustomExtension> {
    match request.profile {
        Profile::Book => Vec::new(),
        Profile::Server => vec![key_usage(server_usages(request)), extended_key_usage(SERVER_AUTH)],
        Profile::Client => vec![key_usage(&[DIGITAL_SIGNATURE]), extended_key_usage(CLIENT_AUTH)],
        Profile::Ca => vec![key_usage(&[KEY_CERT_SIGN, CRL_SIGN])],
    }
}

fn extended_key_usage(purpose: &[u64]) -> CustomExtension {
    extension(EXTENDED_KEY_USAGE, Criticality::NonCritical, |out| {
        out.write_sequence(|out| out.next().write_oid(&ObjectIdentifier::from_slice(purpose)));
    })
}

fn basic_constraints(profile: Profile) -> CustomExtension {
    extension(BASIC_CONSTRAINTS, Criticality::Critical, |out| {
        out.write_sequence(|out| {
            // cA is DEFAULT FALSE, and DER leaves defaults out.
            if matches!(profile, Profile::Book | Profile::Ca) {
                out.next().write_bool(true);
            }
            // pathLenConstraint: it issues no other CA's.
            if profile == Profile::Ca {
                out.next().write_u8(0);
            }
        });
    })
}

/// RSA keys also decrypt the premaster secret of TLS 1.2's static RSA suites (RFC 5246, section 7.4.2).
fn server_usages(request: &Request) -> &'static [usize] {
    if request.key_type.is_rsa() { &[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT] } else { &[DIGITAL_SIGNATURE] }
}

/// A named bit string: bit 0 is the first byte's highest, trailing zeros are dropped (X.690, section 11.2.2).
fn key_usage(bits: &[usize]) -> CustomExtension {
    let length = bits.iter().max().map_or(0, |highest| highest + 1);
    let byte = bits.iter().fold(0u8, |byte, bit| byte | 0x80 >> bit);
    extension(KEY_USAGE, Criticality::Critical, |out| out.write_bitvec_bytes(&[byte], length))
}

fn subject_alt_name(names: &[San]) -> CustomExtension {
    extension(SUBJECT_ALT_NAME, Criticality::NonCritical, |out| {
        out.write_sequence(|out| {
            for name in names {
                general_name(out.next(), name);
            }
        });
    })
}

/// `GeneralName`: dNSName is `[2]`, iPAddress `[7]` (RFC 5280, section 4.2.1.6).
fn general_name(out: DERWriter<'_>, name: &San) {
    match name {
        San::Dns(name) => {
            out.write_tagged_implicit(Tag::context(2), |out| out.write_ia5_string(name.as_str()));
        }
        San::Ip(IpAddr::V4(address)) => {
            out.write_tagged_implicit(Tag::context(7), |out| out.write_bytes(&address.octets()));
        }
        San::Ip(IpAddr::V6(address)) => {
            out.write_tagged_implicit(Tag::context(7), |out| out.write_bytes(&address.octets()));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Criticality {
    Critical,
    NonCritical,
}

fn extension(oid: &[u64], criticality: Criticality, content: impl FnOnce(DERWriter<'_>)) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(oid, yasna::construct_der(content));
    extension.set_criticality(criticality == Criticality::Critical);
    extension
}

const SERIAL_LENGTH: usize = 20;
/// RFC 5280, section 4.2.1.3.
const DIGITAL_SIGNATURE: usize = 0;
const KEY_ENCIPHERMENT: usize = 2;
const KEY_CERT_SIGN: usize = 5;
const CRL_SIGN: usize = 6;
/// RFC 5280, appendix A.2.
const SUBJECT_KEY_IDENTIFIER: &[u64] = &[2, 5, 29, 14];
const KEY_USAGE: &[u64] = &[2, 5, 29, 15];
const SUBJECT_ALT_NAME: &[u64] = &[2, 5, 29, 17];
const BASIC_CONSTRAINTS: &[u64] = &[2, 5, 29, 19];
const AUTHORITY_KEY_IDENTIFIER: &[u64] = &[2, 5, 29, 35];
const EXTENDED_KEY_USAGE: &[u64] = &[2, 5, 29, 37];
const SERVER_AUTH: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTH: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 2];
