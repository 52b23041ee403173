//! Why a certificate or key can't be read. Names the file and what is in it instead, and no byte of it.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    content::{CryptoObject, FileContent},
    key_kind::KeyKind,
    pem::Damage,
};
use crate::os_error::in_words;

/// Why a certificate or key could not be read from a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file can't be opened or read.
    #[error("{}", in_words(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is far larger than any certificate or key.
    #[error("it is larger than {MAX_FILE} bytes, too large for certificates and keys")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The PEM armour or its base64 is damaged.
    #[error("its PEM is damaged: {damage}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// There is no certificate in the file.
    #[error("there is no PEM certificate in it; it is {found}")]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// What is in it instead.
        found: FileContent,
    },
    /// There is no usable private key in the file.
    #[error("there is no usable private key in it; it is {found}")]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What is in it instead.
        found: FileContent,
    },
    /// What is inside the PEM is not a certificate.
    #[error("{}", damaged(*number, *found))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which one, counted from 1.
        number: usize,
        /// What is there.
        found: FileContent,
    },
    /// What is inside the PEM is not a key that can be used.
    #[error("{}", unusable_key(kind.as_ref()))]
    Key {
        /// The file.
        path: PathBuf,
        /// The kind of the key, where that can be read.
        kind: Option<KeyKind>,
    },
    /// The key belongs to another certificate.
    #[error("the key in {} does not belong to the {}certificate in {}{}", key.display(), if place.is_some() { "first " } else { "" }, certificate.display(), in_place(*place))]
    KeyMismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// The certificate in that file that the key does belong to, counted from 1.
        place: Option<usize>,
    },
}

impl LoadError {
    /// The key is not that of the first certificate, but of the one at `place`, counted from 0, if of any.
    pub(crate) fn mismatch(certificate: &Path, key: &Path, place: Option<usize>) -> Self {
        let place = place.map(|place| place + 1);
        Self::KeyMismatch { certificate: certificate.to_owned(), key: key.to_owned(), place }
    }

    /// The file that is at fault; the key's when the two don't match.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Unreadable { path, .. }
            | Self::TooLarge { path }
            | Self::Pem { path, .. }
            | Self::NoCertificate { path, .. }
            | Self::NoKey { path, .. }
            | Self::Damaged { path, .. }
            | Self::Key { path, .. }
            | Self::KeyMismatch { key: path, .. } => path,
        }
    }
}

fn damaged(number: usize, found: FileContent) -> String {
    match found {
        FileContent::TruncatedDer { bytes, expected } => {
            format!("certificate {number} in it is cut off: {bytes} of {expected} bytes are there")
        }
        FileContent::Der(object) if object != CryptoObject::Certificate => {
            format!("certificate {number} in it is no certificate; it is {object}")
        }
        _ => format!("certificate {number} in it is not valid X.509"),
    }
}

fn unusable_key(kind: Option<&KeyKind>) -> String {
    match kind {
        None => "its key is damaged, or of a kind that is not known".to_owned(),
        Some(kind) if kind.is_for_clients() => format!("its key is {kind}, and damaged"),
        Some(kind) => format!("its key is {kind}, which can't be used here"),
    }
}

fn in_place(place: Option<usize>) -> String {
    place.map_or(String::new(), |place| format!(", but to certificate {place} in it"))
}

/// Room for a chain or a CA bundle.
pub(super) const MAX_FILE: usize = 1024 * 1024;
