//! Why an image could not be made.

use std::path::PathBuf;

use esp_https_provision::WriteError;
use thiserror::Error;

use crate::cert::LoadError;

/// Why an image could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProvisioningError {
    /// A file can't be read, holds something else, or the key is another certificate's.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A private key of a kind that a board does not serve with.
    #[error("its key is neither RSA nor ECDSA on P-256 or P-384")]
    KeyKind {
        /// The key's file.
        path: PathBuf,
    },
    /// The image does not fit the partition, or the board would refuse it.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A certificate or key could not be encoded again.
    #[error("encoding PEM: {0}")]
    Encode(#[from] pem_rfc7468::Error),
}
