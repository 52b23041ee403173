//! Why an image could not be made.

use std::{io, path::PathBuf};

use esp_https_provision::WriteError;
use thiserror::Error;

use crate::error::{Error as UserError, Fault};

/// Why an image could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProvisioningError {
    /// A file can't be read.
    #[error("{source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file holds no certificate, or one that can't be used.
    #[error("{reason}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file holds no private key that a board can use.
    #[error("there is no RSA key and no ECDSA key on P-256 or P-384 in it")]
    Key {
        /// The file.
        path: PathBuf,
    },
    /// A private key that needs a passphrase, which a board does not have.
    #[error("the key is encrypted, and the board has no passphrase for it")]
    KeyEncrypted {
        /// The file.
        path: PathBuf,
    },
    /// The private key is another certificate's.
    #[error("the key in {} is not the key of the certificate in {}", key.display(), certificate.display())]
    KeyMismatch {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
    /// The image does not fit the partition, or the board would refuse it.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A certificate or key could not be encoded again.
    #[error("encoding PEM: {0}")]
    Encode(#[from] pem_rfc7468::Error),
}

impl ProvisioningError {
    fn fault(&self) -> Fault {
        match self {
            Self::Encode(_) => Fault::Bug,
            _ => Fault::Usage,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "provisioning.file_unreadable",
            Self::Certificate { .. } => "provisioning.no_certificate",
            Self::Key { .. } => "provisioning.no_key",
            Self::KeyEncrypted { .. } => "provisioning.key_encrypted",
            Self::KeyMismatch { .. } => "provisioning.key_mismatch",
            Self::Write(WriteError::TooLarge { .. }) => "provisioning.too_large",
            Self::Write(_) => "provisioning.refused",
            Self::Encode(_) => "provisioning.encoding",
        }
    }

    fn doing(&self) -> String {
        match self {
            Self::Read { path, .. } => format!("reading {}", path.display()),
            Self::Certificate { path, .. } => format!("reading the certificate in {}", path.display()),
            Self::Key { path } | Self::KeyEncrypted { path } => {
                format!("reading the private key in {}", path.display())
            }
            Self::KeyMismatch { .. } | Self::Write(_) | Self::Encode(_) => {
                "making the provisioning image".to_owned()
            }
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("make certificate and key with esp-https certgen".to_owned())
            }
            Self::Certificate { .. } | Self::Key { .. } => {
                Some("name a PEM or DER file, or make certificate and key with esp-https certgen".to_owned())
            }
            Self::KeyEncrypted { path } => {
                Some(format!("decrypt it first: openssl pkey -in {} -out plain.pem", path.display()))
            }
            Self::KeyMismatch { .. } => Some("name the key that the certificate was made with".to_owned()),
            Self::Write(WriteError::TooLarge { .. }) => Some(
                "leave out the certificate's chain, or take a P-256 key, which is much smaller".to_owned(),
            ),
            Self::Read { .. } | Self::Write(_) | Self::Encode(_) => None,
        }
    }
}

impl From<ProvisioningError> for UserError {
    fn from(error: ProvisioningError) -> Self {
        let user = Self::new(error.fault(), error.code(), error.doing(), error.to_string());
        let user = match error.hint() {
            Some(hint) => user.hint(hint),
            None => user,
        };
        user.source(error)
    }
}
