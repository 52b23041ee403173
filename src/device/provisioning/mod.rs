//! The provisioning image, from the files that a user has to the 8 KiB that a board reads.

mod certificate;
mod encoding;
mod error;
mod key;
pub mod password;

use std::path::Path;

pub use error::ProvisioningError;
use esp_https_provision::{Contents, PARTITION_BYTES, Settings, WriteError, write_image};
use zeroize::Zeroizing;

use self::{certificate::Certificates, encoding::Encoded, key::Key};
use crate::cert::{LoadError, OddFile, mbedtls::Purpose};

/// The files and settings that an image is made from. Files are PEM or DER, and the image keeps their encoding.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The device's certificate; in PEM with its chain after it, if it has one.
    pub certificate: &'a Path,
    /// The certificate's private key, not encrypted: PKCS#8, PKCS#1 or SEC 1.
    pub key: &'a Path,
    /// The CA that client certificates have to come from, or several in one PEM file; with it the board asks for one.
    pub client_ca: Option<&'a Path>,
    /// The settings; `None` leaves them out, and the board uses its defaults.
    pub settings: Option<&'a Settings>,
}

/// An image that a board accepts. Holds the private key, and is erased when dropped.
pub struct ProvisioningImage {
    bytes: Box<Zeroizing<[u8; PARTITION_BYTES]>>,
    used_bytes: usize,
    certificate: Vec<u8>,
    odd_files: Vec<OddFile>,
}

impl ProvisioningImage {
    /// Makes the image: the same bytes as `esp-secure-cert-tool` 2.6.1 makes of the same files, and erased flash (0xFF)
    /// up to the partition's end.
    ///
    /// # Errors
    /// A file can't be read or is not what it should be, a board would refuse a certificate in it, the key is not the certificate's, or
    /// it does not all fit.
    pub fn build(inputs: &Inputs<'_>) -> Result<Self, ProvisioningError> {
        let mut odd_files = Vec::new();
        let certificate = Certificates::read(inputs.certificate, &mut odd_files)?;
        certificate.check(inputs.certificate, Purpose::Serving)?;
        let key = Key::read(inputs.key, &mut odd_files)?;
        match certificate.place_of(&key.public_key) {
            Some(0) => {}
            place => return Err(LoadError::mismatch(inputs.certificate, inputs.key, place).into()),
        }
        let encoded = certificate.encode()?;
        let client_ca = inputs.client_ca.map(|path| read_client_ca(path, &mut odd_files)).transpose()?;
        let contents = Contents {
            certificate: encoded.payload(),
            key: key.encoded.payload(),
            client_ca: client_ca.as_ref().map(Encoded::payload),
            settings: inputs.settings,
        };
        let mut bytes = Box::new(Zeroizing::new([0xFF; PARTITION_BYTES]));
        let used_bytes = write_image(&contents, &mut bytes).map_err(|source| match source {
            WriteError::TooLarge { .. } => {
                ProvisioningError::TooLarge { certificates: certificate.all().len(), source }
            }
            source => source.into(),
        })?;
        Ok(Self { bytes, used_bytes, certificate: certificate.leaf().to_vec(), odd_files })
    }

    /// The whole partition, for the flash at [`esp_https_provision::PARTITION_OFFSET`].
    #[must_use]
    pub fn bytes(&self) -> &[u8; PARTITION_BYTES] {
        &self.bytes
    }

    /// How much of the partition its entries take, in bytes; the rest is erased flash.
    #[must_use]
    pub fn used_bytes(&self) -> usize {
        self.used_bytes
    }

    /// The device's certificate in DER: the pin to expect from the board.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The files that could be read though something about them was odd.
    #[must_use]
    pub fn odd_files(&self) -> &[OddFile] {
        &self.odd_files
    }
}

/// The sizes: the bytes hold a private key.
impl std::fmt::Debug for ProvisioningImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ProvisioningImage({} of {PARTITION_BYTES} bytes)", self.used_bytes)
    }
}

fn read_client_ca(path: &Path, odd: &mut Vec<OddFile>) -> Result<Encoded, ProvisioningError> {
    let authorities = Certificates::read(path, odd)?;
    authorities.check(path, Purpose::Issuing)?;
    Ok(authorities.encode()?)
}
