//! What the firmware's TLS library, Mbed TLS 3.6 as it is built in `mbedtls-rs-sys`, makes of a certificate.
//!
//! A board refuses to start with a certificate that its library can't read, and tells a number only. [`check`] reads a certificate
//! by the same rules, in the same order, and says why; so nothing is written that a board refuses. [`error_number`]
//! says what a number means.

mod algorithms;
mod der;
pub mod error_number;
mod extensions;
mod name;
mod public_key;
mod refusal;
#[cfg(test)]
mod tests;

pub use refusal::{NamePlace, Refusal};

use algorithms::Identifier;
use der::{BIT_STRING, Der, INTEGER, SEQUENCE};

/// What a certificate is for on a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It is the device's own: the board signs handshakes with its key.
    Serving,
    /// It is in the chain behind that, or a CA that clients have to come from.
    Issuing,
}

/// Reads a certificate (DER) as a board does at its start (`x509_crt_parse_der_core` in Mbed TLS).
///
/// # Errors
/// [`Refusal`], the first thing for which a board refuses it; for [`Purpose::Serving`] also what keeps every handshake from
/// succeeding.
pub fn check(der: &[u8], purpose: Purpose) -> Result<(), Refusal> {
    let mut certificate = Der(Der(der).part(SEQUENCE, "outermost sequence")?);
    let mut tbs = Der(certificate.part(SEQUENCE, "contents")?);
    let algorithm = contents(&mut tbs, purpose)?;
    if algorithms::identifier(&mut certificate)? != algorithm {
        return Err(Refusal::AlgorithmsDiffer);
    }
    signature(&mut certificate)
}

/// What is signed (TBSCertificate); returns the algorithm that it names for the signature.
fn contents<'a>(tbs: &mut Der<'a>, purpose: Purpose) -> Result<Identifier<'a>, Refusal> {
    let version = version(tbs)?;
    serial(tbs)?;
    let algorithm = algorithms::identifier(tbs)?;
    if version > 2 {
        return Err(Refusal::Version { version: version.saturating_add(1) });
    }
    algorithms::check_signature(&algorithm)?;
    name::check(tbs, NamePlace::Issuer)?;
    dates(tbs)?;
    name::check(tbs, NamePlace::Subject)?;
    public_key::check(tbs)?;
    if version >= 1 {
        for unique_id in [0xa1, 0xa2] {
            tbs.optional(unique_id).map_err(|_| Refusal::Damaged { what: "unique identifiers" })?;
        }
    }
    if version == 2 && !tbs.is_empty() {
        extensions::check(tbs, purpose)?;
    }
    match (tbs.end(), version) {
        (Ok(()), _) => Ok(algorithm),
        (Err(_), 2) => Err(Refusal::Damaged { what: "contents" }),
        (Err(_), _) => Err(Refusal::OldVersion { version: version + 1 }),
    }
}

/// The version, from 0 for X.509 v1, which is the one where there is none.
fn version(tbs: &mut Der<'_>) -> Result<u32, Refusal> {
    let damaged = |_| Refusal::Damaged { what: "version" };
    let Some(tagged) = tbs.optional(0xa0).map_err(damaged)? else { return Ok(0) };
    let mut tagged = Der(tagged);
    let version = tagged.integer().map_err(damaged)?;
    tagged.end().map_err(damaged)?;
    Ok(version)
}

/// An INTEGER; Mbed TLS also takes one that is tagged [2].
fn serial(tbs: &mut Der<'_>) -> Result<(), Refusal> {
    match tbs.any() {
        Ok((INTEGER | 0x82, _)) => Ok(()),
        _ => Err(Refusal::Damaged { what: "serial number" }),
    }
}

fn dates(tbs: &mut Der<'_>) -> Result<(), Refusal> {
    let mut validity = Der(tbs.part(SEQUENCE, "validity")?);
    for _ in 0..2 {
        let (tag, text) = validity.any().map_err(|_| Refusal::Date)?;
        if !is_date(tag, text) {
            return Err(Refusal::Date);
        }
    }
    validity.end().map_err(|_| Refusal::Date)
}

/// UTCTime or GeneralizedTime with seconds, with `Z` or nothing behind them (RFC 5280 section 4.1.2.5), and a date that exists.
fn is_date(tag: u8, text: &[u8]) -> bool {
    let year_digits = match tag {
        0x17 => 2,
        0x18 => 4,
        _ => return false,
    };
    let digits = text.strip_suffix(b"Z").unwrap_or(text);
    if digits.len() != year_digits + 10 || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = |digits: &[u8]| digits.iter().fold(0_i32, |sum, digit| sum * 10 + i32::from(digit - b'0'));
    let (year, rest) = digits.split_at(year_digits);
    let year = match (year_digits, number(year)) {
        (2, year @ ..50) => 2000 + year,
        (2, year) => 1900 + year,
        (_, year) => year,
    };
    let parts: Vec<i32> = rest.chunks(2).map(number).collect();
    let [month, day, hour, minute, second] = parts[..] else { return false };
    let day_exists = u8::try_from(month)
        .ok()
        .and_then(|month| time::Month::try_from(month).ok())
        .is_some_and(|month| (1..=i32::from(month.length(year))).contains(&day));
    day_exists && hour <= 23 && minute <= 59 && second <= 59
}

fn signature(certificate: &mut Der<'_>) -> Result<(), Refusal> {
    let damaged = || Refusal::Damaged { what: "signature" };
    let bits = certificate.value(BIT_STRING).map_err(|_| damaged())?;
    if bits.first() != Some(&0) || !certificate.is_empty() {
        return Err(damaged());
    }
    Ok(())
}
