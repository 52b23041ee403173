//! Names: of the issuer, of the subject, and among the alternative names (`mbedtls_x509_get_name`).

use super::{
    NamePlace, Refusal,
    der::{BIT_STRING, Der, NotDer, OID, SEQUENCE, SET},
};

/// Reads a name. Only a subject may be empty.
pub(super) fn check(der: &mut Der<'_>, place: NamePlace) -> Result<(), Refusal> {
    let name = der.value(SEQUENCE).map_err(|_| Refusal::Name { place })?;
    match (name, place) {
        ([], NamePlace::Subject) => Ok(()),
        ([], _) => Err(Refusal::EmptyName { place }),
        _ => attributes(Der(name), place),
    }
}

fn attributes(mut name: Der<'_>, place: NamePlace) -> Result<(), Refusal> {
    let damaged = |NotDer| Refusal::Name { place };
    while !name.is_empty() {
        let mut set = Der(name.value(SET).map_err(damaged)?);
        loop {
            let mut attribute = Der(set.value(SEQUENCE).map_err(damaged)?);
            attribute.value(OID).map_err(damaged)?;
            let (tag, _) = attribute.any().map_err(damaged)?;
            attribute.end().map_err(damaged)?;
            if !STRINGS.contains(&tag) {
                return Err(Refusal::NameType { place, tag });
            }
            if set.is_empty() {
                break;
            }
        }
    }
    Ok(())
}

/// The types of an attribute's value (`x509_get_attr_type_value`): BMPString, UTF8String, T61String, PrintableString,
/// IA5String, UniversalString, BIT STRING.
const STRINGS: [u8; 7] = [0x1e, 0x0c, 0x14, 0x13, 0x16, 0x1c, BIT_STRING];
