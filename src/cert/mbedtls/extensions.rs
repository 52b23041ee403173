//! Extensions of X.509 v3 (`x509_get_crt_ext`): those that Mbed TLS reads, and what it does with the others.

use std::collections::BTreeSet;

use super::{
    NamePlace, Purpose, Refusal,
    der::{BIT_STRING, Der, NotDer, OCTET_STRING, OID, SEQUENCE},
    name,
};

/// Reads all extensions.
pub(super) fn check(tbs: &mut Der<'_>, purpose: Purpose) -> Result<(), Refusal> {
    let damaged = |NotDer| Refusal::Damaged { what: "extensions" };
    let mut tagged = Der(tbs.value(0xa3).map_err(damaged)?);
    let mut list = Der(tagged.value(SEQUENCE).map_err(damaged)?);
    tagged.end().map_err(damaged)?;
    let mut seen = BTreeSet::new();
    while !list.is_empty() {
        let extension = Extension::read(&mut list).map_err(damaged)?;
        let is_read = extension.check(purpose)?;
        if is_read && !seen.insert(extension.oid.clone()) {
            return Err(Refusal::RepeatedExtension { oid: extension.oid });
        }
    }
    Ok(())
}

struct Extension<'a> {
    oid: String,
    is_critical: bool,
    value: Der<'a>,
}

impl<'a> Extension<'a> {
    fn read(list: &mut Der<'a>) -> Result<Self, NotDer> {
        let mut extension = Der(list.value(SEQUENCE)?);
        let oid = extension.oid()?;
        let is_critical = extension.boolean()?.unwrap_or(false);
        let value = Der(extension.value(OCTET_STRING)?);
        extension.end()?;
        Ok(Self { oid, is_critical, value })
    }

    /// Whether it is one that Mbed TLS reads.
    fn check(&self, purpose: Purpose) -> Result<bool, Refusal> {
        let damaged = |NotDer| Refusal::Extension { oid: self.oid.clone() };
        match self.oid.as_str() {
            BASIC_CONSTRAINTS => basic_constraints(self.value).map_err(damaged)?,
            KEY_USAGE => key_usage(self.value, purpose).map_err(damaged)??,
            EXTENDED_KEY_USAGE => extended_key_usage(self.value, purpose).map_err(damaged)??,
            SUBJECT_KEY_IDENTIFIER => key_identifier(self.value).map_err(damaged)?,
            AUTHORITY_KEY_IDENTIFIER => authority(self.value).map_err(damaged)??,
            SUBJECT_ALTERNATIVE_NAME => {
                let mut value = self.value;
                let names = value.value(SEQUENCE).map_err(damaged)?;
                value.end().map_err(damaged)?;
                general_names(Der(names)).map_err(damaged)??;
            }
            NETSCAPE_CERTIFICATE_TYPE => {
                if bits(self.value).map_err(damaged)?.len() > 1 {
                    return Err(damaged(NotDer));
                }
            }
            CERTIFICATE_POLICIES => match policies(self.value).map_err(damaged)? {
                Some(oid) if self.is_critical => return Err(Refusal::CriticalPolicy { oid }),
                _ => {}
            },
            _ if self.is_critical => return Err(Refusal::CriticalExtension { oid: self.oid.clone() }),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// RFC 5280 section 4.2.1.9; an INTEGER for the BOOLEAN is taken, too.
fn basic_constraints(mut der: Der<'_>) -> Result<(), NotDer> {
    let mut sequence = Der(der.value(SEQUENCE)?);
    if sequence.is_empty() {
        return Ok(());
    }
    if sequence.boolean()?.is_none() {
        sequence.integer()?;
    }
    if sequence.is_empty() {
        return Ok(());
    }
    if sequence.integer()? == i32::MAX.unsigned_abs() {
        return Err(NotDer);
    }
    sequence.end()
}

/// The bits of a BIT STRING, in bytes.
fn bits(mut der: Der<'_>) -> Result<&[u8], NotDer> {
    let (unused, bits) = der.value(BIT_STRING)?.split_first().ok_or(NotDer)?;
    der.end()?;
    if *unused <= 7 { Ok(bits) } else { Err(NotDer) }
}

/// RFC 5280 section 4.2.1.3: without digitalSignature no handshake has a certificate (`mbedtls_ssl_check_cert_usage`).
fn key_usage(der: Der<'_>, purpose: Purpose) -> Result<Result<(), Refusal>, NotDer> {
    let first = bits(der)?.first().copied().unwrap_or(0);
    let is_enough = purpose == Purpose::Issuing || first & DIGITAL_SIGNATURE != 0;
    Ok(if is_enough { Ok(()) } else { Err(Refusal::KeyUsage) })
}

/// RFC 5280 section 4.2.1.12: the same without serverAuth.
fn extended_key_usage(mut der: Der<'_>, purpose: Purpose) -> Result<Result<(), Refusal>, NotDer> {
    let mut purposes = Der(der.value(SEQUENCE)?);
    der.end()?;
    let mut named = Vec::new();
    while !purposes.is_empty() {
        named.push(purposes.oid()?);
    }
    if named.is_empty() {
        return Err(NotDer);
    }
    let serves = named.iter().any(|oid| [SERVER_AUTH, ANY_PURPOSE].contains(&oid.as_str()));
    Ok(if purpose == Purpose::Issuing || serves { Ok(()) } else { Err(Refusal::ExtendedKeyUsage) })
}

fn key_identifier(mut der: Der<'_>) -> Result<(), NotDer> {
    der.value(OCTET_STRING)?;
    der.end()
}

/// RFC 5280 section 4.2.1.1; issuer and serial number come together, if at all.
fn authority(mut der: Der<'_>) -> Result<Result<(), Refusal>, NotDer> {
    let mut sequence = Der(der.value(SEQUENCE)?);
    der.end()?;
    sequence.optional(0x80)?;
    if sequence.is_empty() {
        return Ok(Ok(()));
    }
    let names = sequence.value(0xa1)?;
    if let Err(refusal) = general_names(Der(names))? {
        return Ok(Err(refusal));
    }
    sequence.value(0x82)?;
    sequence.end()?;
    Ok(Ok(()))
}

/// GeneralNames (RFC 5280 section 4.2.1.6; `mbedtls_x509_get_subject_alt_name_ext`), of which Mbed TLS reads some types.
fn general_names(mut names: Der<'_>) -> Result<Result<(), Refusal>, NotDer> {
    while !names.is_empty() {
        let (tag, value) = names.any()?;
        if tag & CLASS != CONTEXT_SPECIFIC {
            return Err(NotDer);
        }
        match tag & NUMBER {
            OTHER_NAME => other_name(Der(value))?,
            IP_ADDRESS if value.len() != 4 && value.len() != 16 => {
                return Ok(Err(Refusal::AddressLength { bytes: value.len() }));
            }
            DIRECTORY_NAME => {
                if let Err(refusal) = name::check(&mut Der(value), NamePlace::AlternativeName) {
                    return Ok(Err(refusal));
                }
            }
            _ => {}
        }
    }
    Ok(Ok(()))
}

/// A hardware module's name (RFC 4108 section 5) has to be whole; another type is skipped.
fn other_name(mut der: Der<'_>) -> Result<(), NotDer> {
    if der.oid()? != HARDWARE_MODULE_NAME {
        return Ok(());
    }
    let mut tagged = Der(der.value(0xa0)?);
    der.end()?;
    let mut name = Der(tagged.value(SEQUENCE)?);
    tagged.end()?;
    name.value(OID)?;
    name.value(OCTET_STRING)?;
    name.end()
}

/// The first policy that is not anyPolicy, the only one that Mbed TLS knows (RFC 5280 section 4.2.1.4).
fn policies(mut der: Der<'_>) -> Result<Option<String>, NotDer> {
    let mut list = Der(der.value(SEQUENCE)?);
    der.end()?;
    if list.is_empty() {
        return Err(NotDer);
    }
    let mut unknown = None;
    while !list.is_empty() {
        let mut policy = Der(list.value(SEQUENCE)?);
        let oid = policy.oid()?;
        if oid != ANY_POLICY {
            unknown.get_or_insert(oid);
        }
        if !policy.is_empty() {
            policy.value(SEQUENCE)?;
        }
        policy.end()?;
    }
    Ok(unknown)
}

const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const KEY_USAGE: &str = "2.5.29.15";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
const SUBJECT_ALTERNATIVE_NAME: &str = "2.5.29.17";
const CERTIFICATE_POLICIES: &str = "2.5.29.32";
const NETSCAPE_CERTIFICATE_TYPE: &str = "2.16.840.1.113730.1.1";
const ANY_POLICY: &str = "2.5.29.32.0";
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE: &str = "2.5.29.37.0";
const HARDWARE_MODULE_NAME: &str = "1.3.6.1.5.5.7.8.4";
const DIGITAL_SIGNATURE: u8 = 0x80;
/// Class and number of a tag (X.690 section 8.1.2), and the types of GeneralName.
const CLASS: u8 = 0xc0;
const CONTEXT_SPECIFIC: u8 = 0x80;
const NUMBER: u8 = 0x1f;
const OTHER_NAME: u8 = 0;
const DIRECTORY_NAME: u8 = 4;
const IP_ADDRESS: u8 = 7;
