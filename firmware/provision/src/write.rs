//! Writing an image.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{
    PARTITION_BYTES,
    entry::{self, entry_bytes},
    error::{ParseError, WriteError},
    image::Image,
    payload::Payload,
    settings::{SETTINGS_BYTES, Settings},
    tlv_type::TlvType,
};

/// What goes into an image.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// The device's certificate, with its chain if the PEM holds one.
    pub certificate: Payload<'a>,
    /// The private key of the certificate.
    pub key: Payload<'a>,
    /// The CA that client certificates have to come from.
    pub client_ca: Option<Payload<'a>>,
    /// The settings; without them the image is the one that Espressif's tool makes, and the board uses its defaults.
    pub settings: Option<&'a Settings>,
}

/// Writes the image of `contents` and returns how many bytes its entries take; the rest is erased flash (0xFF).
///
/// Order and bytes are those of `esp-secure-cert-tool` 2.6.1: client CA, certificate, key, settings, integrity.
///
/// # Errors
/// [`WriteError::TooLarge`] with every size when it does not fit, [`WriteError::Refused`] when [`Image::parse`] would
/// not accept it. `out` is erased then.
pub fn write_image(contents: &Contents<'_>, out: &mut [u8; PARTITION_BYTES]) -> Result<usize, WriteError> {
    out.fill(0xFF);
    let written = write_entries(contents, out).and_then(|bytes| {
        Image::parse(out)?;
        Ok(bytes)
    });
    if written.is_err() {
        out.fill(0xFF);
    }
    written
}

fn write_entries(contents: &Contents<'_>, out: &mut [u8; PARTITION_BYTES]) -> Result<usize, WriteError> {
    let mut encoded = Zeroizing::new([0; SETTINGS_BYTES]);
    let settings = match contents.settings {
        Some(settings) => Some(settings.encode(&mut encoded).map_err(ParseError::from)?),
        None => None,
    };
    let payloads = [
        (TlvType::ClientCa, contents.client_ca.map(|ca| ca.to_bytes())),
        (TlvType::Certificate, Some(contents.certificate.to_bytes())),
        (TlvType::PrivateKey, Some(contents.key.to_bytes())),
        (TlvType::Settings, settings),
    ];
    let covered =
        payloads.iter().filter_map(|(_, data)| *data).map(|data| entry_bytes(data.len())).sum::<usize>();
    let needed = covered + entry_bytes(SHA256_BYTES);
    let too_large = WriteError::TooLarge {
        needed,
        certificate: contents.certificate.to_bytes().len(),
        key: contents.key.to_bytes().len(),
        client_ca: contents.client_ca.map_or(0, |ca| ca.to_bytes().len()),
        settings: settings.map_or(0, <[u8]>::len),
    };
    let (entries, rest) = out.split_at_mut_checked(covered).ok_or(too_large)?;
    let mut place = &mut *entries;
    for (tlv_type, data) in payloads {
        if let Some(data) = data {
            place = entry::write(tlv_type, data, place).ok_or(too_large)?;
        }
    }
    entry::write(TlvType::Integrity, &Sha256::digest(&*entries), rest).ok_or(too_large)?;
    Ok(needed)
}

const SHA256_BYTES: usize = 32;
