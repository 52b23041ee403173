//! The certificates of one file.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

use super::{ProvisioningError, encoding::Encoded};
use crate::cert::{
    LoadError, OddFile, load,
    mbedtls::{self, Purpose},
};

/// One certificate, or in PEM several, of which the first is the one that counts.
pub(super) enum Certificates {
    Pem(Vec<CertificateDer<'static>>),
    Der(CertificateDer<'static>),
}

impl Certificates {
    /// Reads the file; what is odd about it is added to `odd`.
    pub(super) fn read(path: &Path, odd: &mut Vec<OddFile>) -> Result<Self, LoadError> {
        let file = load::read(path)?;
        match X509Certificate::from_der(&file) {
            Ok(([], _)) => Ok(Self::Der(file.to_vec().into())),
            _ => load::certificates_in(&file, path, odd).map(Self::Pem),
        }
    }

    /// Whether a board takes all of them, the first for this purpose, and the others to stand behind it.
    pub(super) fn check(&self, path: &Path, purpose: Purpose) -> Result<(), ProvisioningError> {
        let all = self.all();
        let purposes = std::iter::once(purpose).chain(std::iter::repeat(Purpose::Issuing));
        for (index, (der, purpose)) in all.iter().zip(purposes).enumerate() {
            mbedtls::check(der, purpose).map_err(|refusal| ProvisioningError::Certificate {
                path: path.to_owned(),
                number: index + 1,
                certificates: all.len(),
                refusal,
            })?;
        }
        Ok(())
    }

    /// The certificate that counts, in DER; empty if there is none, which reading has ruled out.
    pub(super) fn leaf(&self) -> &[u8] {
        self.all().first().map_or(&[], |leaf| leaf)
    }

    /// All of them, in their order.
    pub(super) fn all(&self) -> &[CertificateDer<'static>] {
        match self {
            Self::Pem(chain) => chain,
            Self::Der(leaf) => std::slice::from_ref(leaf),
        }
    }

    /// The place, from 0, of the certificate whose public key is `key`: the contents of the BIT STRING, without algorithm
    /// (RFC 5280 section 4.1.2.7).
    pub(super) fn place_of(&self, key: &[u8]) -> Option<usize> {
        self.all().iter().position(|der| {
            X509Certificate::from_der(der)
                .is_ok_and(|(_, certificate)| *certificate.public_key().subject_public_key.data == *key)
        })
    }

    pub(super) fn encode(&self) -> pem_rfc7468::Result<Encoded> {
        match self {
            Self::Pem(chain) => Encoded::pem("CERTIFICATE", chain),
            Self::Der(leaf) => Ok(Encoded::Der(Zeroizing::new(leaf.to_vec()))),
        }
    }
}
