//! The other messages of a handshake, as far as a probe and a trace read them.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{
    DecodeError, DecodeReason, Extension, ExtensionType, NamedGroup, Reader, SignatureScheme, Suite, Width,
    suite::{Authentication, KeyExchange},
};

/// The certificates of a Certificate message of TLS 1.2 and before, the sender's own first (RFC 5246, section 7.4.2).
///
/// # Errors
/// [`DecodeError`].
pub fn certificates_tls12(body: &[u8]) -> Result<Vec<&[u8]>, DecodeError> {
    let mut reader = Reader::new(body, "Certificate");
    let mut list = reader.vector(Width::U24, "certificate list")?;
    reader.end()?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        certificates.push(list.vector(Width::U24, "certificate")?.rest());
    }
    Ok(certificates)
}

/// The certificates of a Certificate message of TLS 1.3, the sender's own first (RFC 8446, section 4.4.2).
///
/// # Errors
/// [`DecodeError`].
pub fn certificates_tls13(body: &[u8]) -> Result<Vec<&[u8]>, DecodeError> {
    let mut reader = Reader::new(body, "Certificate");
    reader.vector(Width::U8, "certificate request context")?;
    let mut list = reader.vector(Width::U24, "certificate list")?;
    reader.end()?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        certificates.push(list.vector(Width::U24, "certificate")?.rest());
        Extension::decode_all(&mut list)?;
    }
    Ok(certificates)
}

/// What a CertificateRequest asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateRequest {
    /// The signature schemes that the server takes; empty before TLS 1.2.
    pub schemes: Vec<SignatureScheme>,
    /// The distinguished names (DER) of the CAs whose certificates the server takes; empty when it names none.
    pub ca_names: Vec<Vec<u8>>,
}

impl CertificateRequest {
    /// Reads the body of a CertificateRequest of TLS 1.2 (RFC 5246, section 7.4.4).
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode_tls12(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body, "CertificateRequest");
        reader.vector(Width::U8, "certificate types")?;
        let schemes = schemes(&mut reader)?;
        let ca_names = names(&mut reader)?;
        reader.end()?;
        Ok(Self { schemes, ca_names })
    }

    /// Reads the body of a CertificateRequest of TLS 1.1 and before, which names no schemes (RFC 2246, section 7.4.4).
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode_tls10(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body, "CertificateRequest");
        reader.vector(Width::U8, "certificate types")?;
        let ca_names = names(&mut reader)?;
        reader.end()?;
        Ok(Self { schemes: Vec::new(), ca_names })
    }

    /// Reads the body of a CertificateRequest of TLS 1.3 (RFC 8446, section 4.3.2).
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode_tls13(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body, "CertificateRequest");
        reader.vector(Width::U8, "certificate request context")?;
        let extensions = Extension::decode_all(&mut reader)?;
        reader.end()?;
        let mut request = Self::default();
        for extension in extensions {
            let mut content = Reader::new(&extension.data, "CertificateRequest extension");
            match extension.kind {
                ExtensionType::SIGNATURE_ALGORITHMS => request.schemes = schemes(&mut content)?,
                ExtensionType::CERTIFICATE_AUTHORITIES => request.ca_names = names(&mut content)?,
                _ => continue,
            }
            content.end()?;
        }
        Ok(request)
    }
}

/// What a ServerKeyExchange of TLS 1.2 and before shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKeyExchange {
    /// The group.
    pub group: KeyExchangeGroup,
    /// The scheme of the signature; `None` before TLS 1.2, which has fixed ones, and where nothing is signed.
    pub scheme: Option<SignatureScheme>,
}

/// The group of a key exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyExchangeGroup {
    /// A named curve (RFC 8422, section 5.4).
    Named(NamedGroup),
    /// A finite field that the server chose, by the size of its prime in bits (RFC 5246, section 7.4.3).
    FiniteField {
        /// The prime's size in bits.
        bits: usize,
    },
    /// Of a kind that is not looked into, such as export RSA.
    Other,
}

impl fmt::Display for KeyExchangeGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(group) => group.fmt(f),
            Self::FiniteField { bits } => write!(f, "finite field of {bits} bits"),
            Self::Other => f.write_str("not looked into"),
        }
    }
}

impl Serialize for KeyExchangeGroup {
    /// As it prints.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ServerKeyExchange {
    /// Reads the body of a ServerKeyExchange that belongs to `suite`, in TLS 1.2 with a signature scheme.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(body: &[u8], suite: Suite, signature: SignatureForm) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body, "ServerKeyExchange");
        let undecoded = Self { group: KeyExchangeGroup::Other, scheme: None };
        let Some(parts) = suite.parts() else { return Ok(undecoded) };
        let group = match parts.key_exchange {
            KeyExchange::Ecdh | KeyExchange::Ecdhe => curve(&mut reader)?,
            KeyExchange::Dh | KeyExchange::Dhe => finite_field(&mut reader)?,
            _ => return Ok(undecoded),
        };
        if parts.authentication == Authentication::Anonymous {
            reader.end()?;
            return Ok(Self { group, scheme: None });
        }
        let scheme = match signature {
            SignatureForm::WithScheme => Some(SignatureScheme(reader.u16()?)),
            SignatureForm::Bare => None,
        };
        reader.vector(Width::U16, "signature")?;
        reader.end()?;
        Ok(Self { group, scheme })
    }
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureForm {
    /// Behind its scheme, from TLS 1.2 on.
    WithScheme,
    /// Alone, before TLS 1.2.
    Bare,
}

/// The scheme of a CertificateVerify of TLS 1.2 and 1.3 (RFC 8446, section 4.4.3).
///
/// # Errors
/// [`DecodeError`].
pub fn certificate_verify_scheme(body: &[u8]) -> Result<SignatureScheme, DecodeError> {
    let mut reader = Reader::new(body, "CertificateVerify");
    let scheme = SignatureScheme(reader.u16()?);
    reader.vector(Width::U16, "signature")?;
    reader.end()?;
    Ok(scheme)
}

/// The extensions of an EncryptedExtensions message (RFC 8446, section 4.3.1).
///
/// # Errors
/// [`DecodeError`].
pub fn encrypted_extensions(body: &[u8]) -> Result<Vec<Extension>, DecodeError> {
    let mut reader = Reader::new(body, "EncryptedExtensions");
    let extensions = Extension::decode_all(&mut reader)?;
    reader.end()?;
    Ok(extensions)
}

/// A ticket with which a session can be resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSessionTicket {
    /// How long it may be used, in seconds.
    pub lifetime_s: u32,
    /// The size of the ticket in bytes.
    pub size: usize,
    /// How many bytes of early data it allows; 0 for none, and in TLS 1.2.
    pub max_early_data: u32,
}

impl NewSessionTicket {
    /// Reads the body of a NewSessionTicket of TLS 1.2 (RFC 5077, section 3.3).
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode_tls12(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body, "NewSessionTicket");
        let lifetime_s = reader.u32()?;
        let size = reader.vector(Width::U16, "ticket")?.rest().len();
        reader.end()?;
        Ok(Self { lifetime_s, size, max_early_data: 0 })
    }

    /// Reads the body of a NewSessionTicket of TLS 1.3 (RFC 8446, section 4.6.1).
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode_tls13(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(body, "NewSessionTicket");
        let lifetime_s = reader.u32()?;
        reader.u32()?;
        reader.vector(Width::U8, "ticket nonce")?;
        let size = reader.vector(Width::U16, "ticket")?.rest().len();
        let extensions = Extension::decode_all(&mut reader)?;
        reader.end()?;
        let early = extensions.iter().find(|extension| extension.kind == ExtensionType::EARLY_DATA);
        let max_early_data = match early {
            Some(early) => {
                let mut content = Reader::new(&early.data, "early_data");
                let limit = content.u32()?;
                content.end()?;
                limit
            }
            None => 0,
        };
        Ok(Self { lifetime_s, size, max_early_data })
    }
}

fn schemes(reader: &mut Reader<'_>) -> Result<Vec<SignatureScheme>, DecodeError> {
    let numbers = reader.vector(Width::U16, "signature schemes")?.u16s()?;
    Ok(numbers.into_iter().map(SignatureScheme).collect())
}

fn names(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, DecodeError> {
    let mut list = reader.vector(Width::U16, "certificate authorities")?;
    let mut names = Vec::new();
    while !list.is_empty() {
        names.push(list.vector(Width::U16, "distinguished name")?.rest().to_vec());
    }
    Ok(names)
}

fn curve(reader: &mut Reader<'_>) -> Result<KeyExchangeGroup, DecodeError> {
    if reader.u8()? != NAMED_CURVE {
        return Err(reader.error(DecodeReason::OutOfRange));
    }
    let group = NamedGroup(reader.u16()?);
    reader.vector(Width::U8, "public point")?;
    Ok(KeyExchangeGroup::Named(group))
}

fn finite_field(reader: &mut Reader<'_>) -> Result<KeyExchangeGroup, DecodeError> {
    let prime = reader.vector(Width::U16, "prime")?.rest();
    reader.vector(Width::U16, "generator")?;
    reader.vector(Width::U16, "public value")?;
    let significant = prime.iter().position(|byte| *byte != 0).map_or(&[][..], |start| &prime[start..]);
    let leading = significant.first().map_or(0, |byte| byte.leading_zeros() as usize);
    Ok(KeyExchangeGroup::FiniteField { bits: significant.len() * 8 - leading })
}

const NAMED_CURVE: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_prime_is_counted_in_its_significant_bits() {
        let body = [0, 3, 0, 0x7f, 0xff, 0, 1, 2, 0, 1, 9, 4, 1, 0, 1, 0];
        let suite = Suite(0x0033);
        let read = ServerKeyExchange::decode(&body, suite, SignatureForm::WithScheme).unwrap();
        assert_eq!(read.group, KeyExchangeGroup::FiniteField { bits: 15 });
        assert_eq!(read.scheme, Some(SignatureScheme::RSA_PKCS1_SHA256));
    }
}
