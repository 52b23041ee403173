//! Certificates and private keys: what is asked for (profile, names, validity, key), how it is made, stored and read.
//!
//! [`generate`] makes a pair in memory and [`store::write`] puts it on disk; [`load`] reads one back. An [`issuer::Issuer`] is a CA of
//! one's own, which [`ca_folder`] keeps.

pub mod acceptance;
pub mod ca_folder;
mod content;
pub mod facts;
pub mod fingerprint;
mod folder_lock;
pub mod inspection;
pub mod issuer;
pub mod key;
pub mod key_kind;
pub mod leaf;
pub mod load;
mod load_error;
pub mod made;
pub mod mbedtls;
pub mod names;
pub mod openssl;
pub mod passphrase;
pub mod pem;
pub mod profile;
pub mod renewal;
pub mod store;
mod store_error;

pub use fingerprint::Fingerprint;
pub use folder_lock::FileLock;
pub use issuer::Issuer;
pub use key::{KeyType, PrivateKey};
pub use load::{LoadError, LoadedKey, OddFile, Pair};
pub use names::{CommonName, HostName, NameError, San};
pub use passphrase::Passphrase;
pub use profile::{Profile, Request, Validity};
pub use store::StoreError;

use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// A certificate and its key, in memory only.
pub struct Generated {
    /// The certificate, DER.
    pub certificate: CertificateDer<'static>,
    /// The certificate, PEM with a trailing newline.
    pub certificate_pem: String,
    /// The private key, PKCS#8 PEM with a trailing newline; wiped when dropped.
    pub private_key_pem: Zeroizing<String>,
    /// When the certificate becomes valid, UTC, whole seconds.
    pub not_before: OffsetDateTime,
    /// When it expires, UTC, whole seconds.
    pub not_after: OffsetDateTime,
}

/// Generates a key and a self-signed certificate for it, valid from now.
///
/// # Errors
/// [`Error`] when the cryptographic library fails, which it does not for lack of anything a user could give it.
pub fn generate(request: &Request) -> Result<Generated, Error> {
    certify(request, &PrivateKey::generate(request.key_type)?, OffsetDateTime::now_utc())
}

/// Makes the self-signed certificate for a key; `now` is when it becomes valid.
///
/// # Errors
/// As [`generate`].
pub fn certify(request: &Request, key: &PrivateKey, now: OffsetDateTime) -> Result<Generated, Error> {
    let not_before = now.replace_nanosecond(0).unwrap_or(now);
    let not_after = not_before + request.validity.duration();
    let certificate = leaf::self_signed(request, key, not_before..not_after)?;
    let certificate_pem = key::to_pem("CERTIFICATE", &certificate)?;
    Ok(Generated { certificate, certificate_pem, private_key_pem: key.to_pem()?, not_before, not_after })
}

/// Why a pair could not be made. All are faults of ours or of the cryptographic library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The library could not generate or use a key.
    #[error("the cryptographic library failed to {doing}")]
    Crypto {
        /// What it failed to do, as in "generate a key".
        doing: &'static str,
    },
    /// The certificate could not be put together.
    #[error("the certificate could not be encoded: {source}")]
    Encoding {
        /// What rcgen says.
        #[from]
        source: rcgen::Error,
    },
    /// PEM could not be written.
    #[error("PEM could not be encoded: {source}")]
    Pem {
        /// What the encoder says.
        #[from]
        source: pem_rfc7468::Error,
    },
}
