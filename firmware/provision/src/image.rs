//! Reading an image.

use sha2::{Digest as _, Sha256};

use crate::{
    PARTITION_BYTES,
    entry::{Entries, Entry},
    error::ParseError,
    payload::Payload,
    settings::Settings,
    tlv_type::TlvType,
};

/// What a partition holds. Certificates and key are borrowed from the partition; nothing is copied but the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image<'a> {
    /// The device's certificate, with its chain if the PEM holds one.
    pub certificate: Payload<'a>,
    /// The private key of the certificate.
    pub key: Payload<'a>,
    /// The CA that client certificates have to come from; with it the server asks for one (mutual TLS).
    pub client_ca: Option<Payload<'a>>,
    /// The settings; the defaults when the image carries none, as one made by Espressif's tool does.
    pub settings: Settings,
}

impl<'a> Image<'a> {
    /// Reads a whole partition of [`PARTITION_BYTES`].
    ///
    /// Every byte counts: entries with their padding and checksum, the SHA-256 of them all in the integrity entry at
    /// their end, and erased flash after it. That the certificate parses and the key is its key is not checked here.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(partition: &'a [u8]) -> Result<Self, ParseError> {
        if partition.len() != PARTITION_BYTES {
            return Err(ParseError::Size(partition.len()));
        }
        let mut found = Found::default();
        let mut count = 0_usize;
        for entry in Entries::new(partition) {
            found.add(&entry?)?;
            count += 1;
        }
        if count == 0 {
            return Err(ParseError::Empty);
        }
        found.check_integrity(partition)?;
        found.image()
    }
}

/// The payloads of the entries seen so far.
#[derive(Default)]
struct Found<'a> {
    client_ca: Option<&'a [u8]>,
    certificate: Option<&'a [u8]>,
    key: Option<&'a [u8]>,
    settings: Option<&'a [u8]>,
    /// The last entry, if it is an integrity entry: where it begins, and the SHA-256 it holds.
    integrity: Option<(usize, &'a [u8])>,
}

impl<'a> Found<'a> {
    fn add(&mut self, entry: &Entry<'a>) -> Result<(), ParseError> {
        let &Entry { offset, tlv_type, flags, data } = entry;
        // Another one may follow it: Espressif's tool appends a second one to an image that it signs.
        self.integrity = None;
        let place = match tlv_type {
            TlvType::ClientCa => &mut self.client_ca,
            TlvType::Certificate => &mut self.certificate,
            TlvType::PrivateKey => &mut self.key,
            TlvType::Settings => &mut self.settings,
            TlvType::Integrity => {
                self.integrity = Some((offset, data));
                return Ok(());
            }
            TlvType::Other(_) => return Ok(()),
        };
        if flags != 0 {
            return Err(ParseError::Flags { tlv_type, flags });
        }
        match place.replace(data) {
            Some(_) => Err(ParseError::Duplicate(tlv_type)),
            None => Ok(()),
        }
    }

    fn check_integrity(&self, partition: &[u8]) -> Result<(), ParseError> {
        let (offset, sha256) = self.integrity.ok_or(ParseError::NoIntegrity)?;
        let covered = partition.get(..offset).ok_or(ParseError::Integrity)?;
        if Sha256::digest(covered)[..] == *sha256 { Ok(()) } else { Err(ParseError::Integrity) }
    }

    fn image(self) -> Result<Image<'a>, ParseError> {
        Ok(Image {
            certificate: required(TlvType::Certificate, self.certificate)?,
            key: required(TlvType::PrivateKey, self.key)?,
            client_ca: self.client_ca.map(|data| payload(TlvType::ClientCa, data)).transpose()?,
            settings: self.settings.map(Settings::decode).transpose()?.unwrap_or_default(),
        })
    }
}

fn required(tlv_type: TlvType, data: Option<&[u8]>) -> Result<Payload<'_>, ParseError> {
    payload(tlv_type, data.ok_or(ParseError::Missing(tlv_type))?)
}

fn payload(tlv_type: TlvType, data: &[u8]) -> Result<Payload<'_>, ParseError> {
    Payload::parse(data).ok_or(ParseError::Encoding(tlv_type))
}
