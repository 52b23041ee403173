//! The algorithms that signatures of certificates may have.

use super::{
    Refusal,
    der::{Der, NotDer, SEQUENCE},
};

/// An AlgorithmIdentifier (RFC 5280 section 4.1.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identifier<'a> {
    pub(super) oid: String,
    /// Tag and value of the parameters, where there are any.
    pub(super) parameters: Option<(u8, &'a [u8])>,
}

impl Identifier<'_> {
    /// Whether there are no parameters but NULL.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.parameters, None | Some((NULL | 0, [])))
    }
}

/// Reads the identifier of a signature's algorithm.
pub(super) fn identifier<'a>(der: &mut Der<'a>) -> Result<Identifier<'a>, Refusal> {
    read(der).map_err(|NotDer| Refusal::Damaged { what: "signature algorithm" })
}

/// Reads an identifier (`mbedtls_asn1_get_alg`).
pub(super) fn read<'a>(der: &mut Der<'a>) -> Result<Identifier<'a>, NotDer> {
    let mut sequence = Der(der.value(SEQUENCE)?);
    let oid = sequence.oid()?;
    let parameters = if sequence.is_empty() { None } else { Some(sequence.any()?) };
    sequence.end()?;
    Ok(Identifier { oid, parameters })
}

/// Whether Mbed TLS knows a signature's algorithm (`mbedtls_x509_get_sig_alg`). Its issuer is not asked for.
pub(super) fn check_signature(algorithm: &Identifier<'_>) -> Result<(), Refusal> {
    if !SIGNATURES.contains(&algorithm.oid.as_str()) {
        return Err(Refusal::SignatureAlgorithm { oid: algorithm.oid.clone() });
    }
    let parameters_are_fine = match (algorithm.oid.as_str(), algorithm.parameters) {
        (RSA_PSS, Some((SEQUENCE, parameters))) => pss_parameters(Der(parameters)).is_ok(),
        (RSA_PSS, _) => false,
        _ => algorithm.is_plain(),
    };
    if parameters_are_fine { Ok(()) } else { Err(Refusal::SignatureParameters) }
}

/// RSASSA-PSS-params (RFC 4055 section 3.1; `mbedtls_x509_get_rsassa_pss_params`).
fn pss_parameters(mut der: Der<'_>) -> Result<(), NotDer> {
    if let Some(hash) = der.optional(0xa0)? {
        let mut hash = Der(hash);
        is_hash(&read(&mut hash)?)?;
        hash.end()?;
    }
    if let Some(mask) = der.optional(0xa1)? {
        let mut mask = Der(mask);
        let generator = read(&mut mask)?;
        mask.end()?;
        let (MGF1, Some((SEQUENCE, hash))) = (generator.oid.as_str(), generator.parameters) else {
            return Err(NotDer);
        };
        let mut hash = Der(hash);
        let oid = hash.oid()?;
        let parameters = if hash.is_empty() { None } else { Some(hash.any()?) };
        hash.end()?;
        is_hash(&Identifier { oid, parameters })?;
    }
    if let Some(salt) = der.optional(0xa2)? {
        let mut salt = Der(salt);
        salt.integer()?;
        salt.end()?;
    }
    if let Some(trailer) = der.optional(0xa3)? {
        let mut trailer = Der(trailer);
        if trailer.integer()? != 1 {
            return Err(NotDer);
        }
        trailer.end()?;
    }
    der.end()
}

fn is_hash(algorithm: &Identifier<'_>) -> Result<(), NotDer> {
    if HASHES.contains(&algorithm.oid.as_str()) && algorithm.is_plain() { Ok(()) } else { Err(NotDer) }
}

const NULL: u8 = 0x05;
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const MGF1: &str = "1.2.840.113549.1.1.8";

/// `oid_sig_alg` in `oid.c`: RSA with MD5, SHA-1 (two numbers), SHA-224, SHA-256, SHA-384 and SHA-512, ECDSA with all of these but
/// MD5, and RSA-PSS.
const SIGNATURES: [&str; 13] = [
    "1.2.840.113549.1.1.4",
    "1.2.840.113549.1.1.5",
    "1.3.14.3.2.29",
    "1.2.840.113549.1.1.14",
    "1.2.840.113549.1.1.11",
    "1.2.840.113549.1.1.12",
    "1.2.840.113549.1.1.13",
    "1.2.840.10045.4.1",
    "1.2.840.10045.4.3.1",
    "1.2.840.10045.4.3.2",
    "1.2.840.10045.4.3.3",
    "1.2.840.10045.4.3.4",
    RSA_PSS,
];

/// `oid_md_alg` in `oid.c`, without SHA-3, which is not built in: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, RIPEMD-160.
const HASHES: [&str; 7] = [
    "1.2.840.113549.2.5",
    "1.3.14.3.2.26",
    "2.16.840.1.101.3.4.2.4",
    "2.16.840.1.101.3.4.2.1",
    "2.16.840.1.101.3.4.2.2",
    "2.16.840.1.101.3.4.2.3",
    "1.3.36.3.2.1",
];
