//! Why an image could not be made.

use std::path::PathBuf;

use esp_https_provision::WriteError;
use thiserror::Error;

use crate::cert::{
    LoadError,
    key_kind::{KeyKind, LEAST_RSA_BITS},
    mbedtls::Refusal,
};

/// Why an image could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProvisioningError {
    /// A file can't be read, holds something else, or the key is another certificate's.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A private key of a kind that a board does not serve with.
    #[error("{}", not_for_boards(kind.as_ref()))]
    KeyKind {
        /// The key's file.
        path: PathBuf,
        /// Its kind, where that can be read.
        kind: Option<KeyKind>,
    },
    /// A certificate that the firmware's TLS library refuses: a board would not start with it, or not serve.
    #[error("a board refuses {}: {refusal}", which(*number, *certificates))]
    Certificate {
        /// The certificate's file.
        path: PathBuf,
        /// Its place in the file, from 1.
        number: usize,
        /// The number of certificates in the file.
        certificates: usize,
        /// Why.
        refusal: Refusal,
    },
    /// The image does not fit the partition.
    #[error("{source}")]
    TooLarge {
        /// The number of certificates in the certificate's file.
        certificates: usize,
        /// The sizes.
        source: WriteError,
    },
    /// The board would refuse the image.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A certificate or key could not be encoded again.
    #[error("encoding PEM: {0}")]
    Encode(#[from] pem_rfc7468::Error),
}

fn which(number: usize, certificates: usize) -> String {
    if certificates == 1 {
        "it".to_owned()
    } else {
        format!("the certificate number {number} of {certificates} in it")
    }
}

fn not_for_boards(kind: Option<&KeyKind>) -> String {
    let reason = match kind {
        None => return "its key is damaged, or of a kind that is not known".to_owned(),
        Some(kind) if kind.is_for_boards() => return format!("its key is {kind}, and damaged"),
        Some(KeyKind::Rsa { bits: ..LEAST_RSA_BITS }) => "which is shorter than clients of TLS accept",
        Some(KeyKind::Rsa { .. }) => "which is too long for it",
        Some(_) => "which the firmware's TLS is built without",
    };
    let kind = kind.map(ToString::to_string).unwrap_or_default();
    format!("its key is {kind}, {reason}; a board takes RSA from 2048 bits, and ECDSA on P-256 or P-384")
}
