//! Public keys (`mbedtls_pk_parse_subpubkey`).

use super::{
    Refusal,
    algorithms::{self, Identifier},
    der::{BIT_STRING, Der, INTEGER, NotDer, OID, SEQUENCE, dotted, significant},
};
use crate::tls::curve::Curve;

/// Reads a SubjectPublicKeyInfo.
pub(super) fn check(der: &mut Der<'_>) -> Result<(), Refusal> {
    let mut info = Der(der.part(SEQUENCE, KEY)?);
    let algorithm = algorithms::read(&mut info).map_err(damaged)?;
    let is_known = [RSA, ELLIPTIC_CURVE, ECDH, X25519, X448].contains(&algorithm.oid.as_str());
    if !is_known {
        return Err(Refusal::KeyAlgorithm { oid: algorithm.oid });
    }
    let bits = info.part(BIT_STRING, KEY)?;
    let key = bits.strip_prefix(&[0]).filter(|_| info.is_empty()).ok_or_else(|| damaged(NotDer))?;
    match algorithm.oid.as_str() {
        RSA if algorithm.is_plain() => rsa(key),
        X25519 if algorithm.parameters.is_none() && key.len() == 32 => Ok(()),
        X448 if algorithm.parameters.is_none() && key.len() == 56 => Ok(()),
        ELLIPTIC_CURVE | ECDH => point(&algorithm, key),
        _ => Err(damaged(NotDer)),
    }
}

/// RSAPublicKey (RFC 8017 appendix A.1.1), with numbers that can be of a key (`mbedtls_rsa_check_pubkey`).
fn rsa(key: &[u8]) -> Result<(), Refusal> {
    let (modulus, exponent) = rsa_numbers(key).map_err(damaged)?;
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    if !(LEAST_RSA_BITS..=MOST_RSA_BITS).contains(&bits) {
        return Err(Refusal::RsaSize { bits });
    }
    let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    let is_less = (exponent.len(), exponent) < (modulus.len(), modulus);
    if is_odd(modulus) && is_odd(exponent) && exponent != [1] && is_less {
        Ok(())
    } else {
        Err(damaged(NotDer))
    }
}

fn rsa_numbers(key: &[u8]) -> Result<(&[u8], &[u8]), NotDer> {
    let mut outer = Der(key);
    let mut numbers = Der(outer.value(SEQUENCE)?);
    outer.end()?;
    let (modulus, exponent) = (numbers.value(INTEGER)?, numbers.value(INTEGER)?);
    numbers.end()?;
    Ok((significant(modulus), significant(exponent)))
}

/// An ECPoint on a curve that has a name (RFC 5480 section 2.2). Whether it is on the curve is not looked at.
fn point(algorithm: &Identifier<'_>, key: &[u8]) -> Result<(), Refusal> {
    let curve = match algorithm.parameters {
        Some((OID, curve)) => dotted(curve),
        // Mbed TLS compares the numbers with those of its curves, and fails at the base point.
        Some((SEQUENCE, _)) => return Err(Refusal::ExplicitCurve),
        _ => return Err(damaged(NotDer)),
    };
    let known = Curve::of_oid(&curve).filter(|known| CURVES.contains(&known.name));
    let Some(known) = known else { return Err(Refusal::Curve { oid: curve }) };
    let bytes = known.bits.div_ceil(8);
    let can_be_compressed = !["secp224r1", "secp224k1"].contains(&known.name);
    match key {
        [0x04, coordinates @ ..] if coordinates.len() == 2 * bytes => Ok(()),
        [0x02 | 0x03, x @ ..] if x.len() == bytes && can_be_compressed => Ok(()),
        [0x02 | 0x03, x @ ..] if x.len() == bytes => Err(Refusal::CompressedPoint),
        _ => Err(damaged(NotDer)),
    }
}

fn damaged(NotDer: NotDer) -> Refusal {
    Refusal::Damaged { what: KEY }
}

const KEY: &str = "public key";
const RSA: &str = "1.2.840.113549.1.1.1";
const ELLIPTIC_CURVE: &str = "1.2.840.10045.2.1";
const ECDH: &str = "1.3.132.1.12";
const X25519: &str = "1.3.101.110";
const X448: &str = "1.3.101.111";
/// `mbedtls_rsa_check_pubkey`.
const LEAST_RSA_BITS: usize = 128;
/// MBEDTLS_MPI_MAX_SIZE, 1024 bytes.
const MOST_RSA_BITS: usize = 8192;

/// `oid_ecp_grp` in `oid.c`, by their names in the TLS registry.
const CURVES: [&str; 11] = [
    "secp192r1",
    "secp224r1",
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "secp192k1",
    "secp224k1",
    "secp256k1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
];
