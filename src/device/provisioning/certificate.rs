//! The certificates of one file.

use std::path::Path;

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

use super::{
    encoding::{Encoded, Encoding},
    error::ProvisioningError,
};

/// One certificate, or in PEM several, of which the first is the one that counts.
pub(super) struct Certificates {
    pub(super) leaf: Vec<u8>,
    /// The leaf's public key without its algorithm: the contents of the BIT STRING (RFC 5280 section 4.1.2.7).
    pub(super) public_key: Vec<u8>,
    pub(super) encoded: Encoded,
}

impl Certificates {
    /// Reads `file`, whose name is `path`.
    pub(super) fn read(path: &Path, file: &[u8]) -> Result<Self, ProvisioningError> {
        let malformed = |reason: String| ProvisioningError::Certificate { path: path.to_owned(), reason };
        let encoding = Encoding::of(file);
        let ders = match encoding {
            Encoding::Pem => CertificateDer::pem_slice_iter(file)
                .map(|der| der.map(|der| der.to_vec()))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| malformed(error.to_string()))?,
            Encoding::Der => vec![file.to_vec()],
        };
        let public_keys =
            ders.iter().map(|der| public_key(der)).collect::<Result<Vec<_>, _>>().map_err(malformed)?;
        let (Some(leaf), Some(public_key)) = (ders.first(), public_keys.into_iter().next()) else {
            return Err(malformed("there is no certificate in it".to_owned()));
        };
        let encoded = match encoding {
            Encoding::Pem => Encoded::pem("CERTIFICATE", &ders)?,
            Encoding::Der => Encoded::Der(Zeroizing::new(leaf.clone())),
        };
        Ok(Self { leaf: leaf.clone(), public_key, encoded })
    }
}

/// The public key of a certificate that is all of `der`.
fn public_key(der: &[u8]) -> Result<Vec<u8>, String> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate.public_key().subject_public_key.data.to_vec()),
        Ok((rest, _)) => Err(format!("{} bytes follow the certificate", rest.len())),
        Err(_) => Err("it is no X.509 certificate in PEM or DER".to_owned()),
    }
}
