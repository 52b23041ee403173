//! Certificates and keys from PEM files. Every error names the file and what is in it instead.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use rustls::{
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};
use zeroize::{Zeroize as _, Zeroizing};

/// A certificate chain and the private key of its first certificate; known to belong together.
#[derive(Debug)]
pub struct Pair {
    /// DER certificates, the device's own first. Never empty.
    pub chain: Vec<CertificateDer<'static>>,
    /// The device's key.
    pub key: LoadedKey,
}

/// A private key read from a file; its memory is wiped when it is dropped.
pub struct LoadedKey(PrivateKeyDer<'static>);

impl LoadedKey {
    /// The key as rustls takes it: DER with its format (PKCS#8, PKCS#1 or SEC 1).
    #[must_use]
    pub fn der(&self) -> &PrivateKeyDer<'static> {
        &self.0
    }

    /// The DER bytes alone. Copies of them are the caller's to wipe.
    #[must_use]
    pub fn secret_bytes(&self) -> &[u8] {
        self.0.secret_der()
    }
}

impl fmt::Debug for LoadedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoadedKey(..)")
    }
}

impl Drop for LoadedKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Reads a certificate (or chain) and its private key from two PEM files, and checks that they belong together.
///
/// # Errors
/// Those of [`certificates`] and [`private_key`], and [`LoadError::KeyMismatch`].
pub fn pair(certificate: &Path, key: &Path) -> Result<Pair, LoadError> {
    let pair = Pair { chain: certificates(certificate)?, key: private_key(key)? };
    if belong_together(&pair) {
        return Ok(pair);
    }
    Err(LoadError::KeyMismatch { certificate: certificate.to_owned(), key: key.to_owned() })
}

/// Reads all the certificates of a PEM file, in their order; at least one. Other sections are skipped.
///
/// # Errors
/// [`LoadError`] when the file can't be read, holds no certificate, or one that is damaged.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, LoadError> {
    certificates_in(&read(path)?, path)
}

/// Reads the first certificate of a PEM file: a server's own, where a chain follows.
///
/// # Errors
/// Those of [`certificates`].
pub fn first_certificate(path: &Path) -> Result<CertificateDer<'static>, LoadError> {
    let none = || LoadError::NoCertificate { path: path.to_owned(), found: Found::Nothing };
    certificates(path)?.into_iter().next().ok_or_else(none)
}

/// [`certificates`] of a file that has been read; `path` is for the errors.
pub(crate) fn certificates_in(bytes: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, LoadError> {
    let chain = CertificateDer::pem_slice_iter(bytes)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| LoadError::Pem { path: path.to_owned(), source })?;
    if chain.is_empty() {
        return Err(LoadError::NoCertificate { path: path.to_owned(), found: Found::in_file(bytes) });
    }
    for (index, der) in chain.iter().enumerate() {
        if !matches!(X509Certificate::from_der(der), Ok(([], _))) {
            return Err(LoadError::Damaged { path: path.to_owned(), number: index + 1 });
        }
    }
    Ok(chain)
}

/// Reads the first private key of a PEM file: PKCS#8, PKCS#1 or SEC 1, not encrypted; RSA of 2048 bits or more,
/// ECDSA on a NIST curve, or Ed25519.
///
/// # Errors
/// [`LoadError`] when the file can't be read, holds no such key, or one that is damaged.
pub fn private_key(path: &Path) -> Result<LoadedKey, LoadError> {
    private_key_in(&read(path)?, path)
}

/// [`private_key`] of a file that has been read; `path` is for the errors.
pub(crate) fn private_key_in(bytes: &[u8], path: &Path) -> Result<LoadedKey, LoadError> {
    let found = Found::in_file(bytes);
    if found == Found::EncryptedKey {
        return Err(LoadError::NoKey { path: path.to_owned(), found });
    }
    let key = match PrivateKeyDer::from_pem_slice(bytes) {
        Ok(key) => LoadedKey(key),
        Err(pem::Error::NoItemsFound) => return Err(LoadError::NoKey { path: path.to_owned(), found }),
        Err(source) => return Err(LoadError::Pem { path: path.to_owned(), source }),
    };
    match any_supported_type(&key.0) {
        Ok(_) => Ok(key),
        Err(source) => Err(LoadError::Key { path: path.to_owned(), source }),
    }
}

/// Compares `SubjectPublicKeyInfo`, as rustls does before it serves with a pair.
fn belong_together(pair: &Pair) -> bool {
    let of_key =
        any_supported_type(&pair.key.0).ok().and_then(|key| key.public_key().map(|spki| spki.to_vec()));
    let of_certificate = pair.chain.first().and_then(|der| X509Certificate::from_der(der).ok());
    match (of_key, of_certificate) {
        (Some(key), Some((_, certificate))) => key == certificate.tbs_certificate.subject_pki.raw,
        _ => false,
    }
}

/// Reads a file that may hold a key.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    // Allocated once: a buffer that grows leaves copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE));
    file.take(MAX_FILE as u64).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() == MAX_FILE {
        return Err(LoadError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

/// Why a certificate or key could not be read from a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file can't be opened or read.
    #[error("{source}")]
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
    /// The PEM armour or its base64 is broken.
    #[error("its PEM is broken: {source}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// There is no certificate in the file.
    #[error("no PEM certificate in it; it is {found}")]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// What is in it instead.
        found: Found,
    },
    /// There is no usable private key in the file.
    #[error("no private key in it that can be used; it is {found}")]
    NoKey {
        /// The file.
        path: PathBuf,
        /// What is in it instead.
        found: Found,
    },
    /// The DER inside the PEM is not a certificate.
    #[error("certificate {number} in it is not valid X.509")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which one, counted from 1.
        number: usize,
    },
    /// The DER inside the PEM is not a key of a known kind.
    #[error("its key is damaged, or of a kind that is not supported (RSA from 2048 bits, P-256, P-384)")]
    Key {
        /// The file.
        path: PathBuf,
        /// What rustls says.
        source: rustls::Error,
    },
    /// The key belongs to another certificate.
    #[error("the key in {} does not belong to the certificate in {}", key.display(), certificate.display())]
    KeyMismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

impl LoadError {
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

/// What a file holds where something else was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// Nothing.
    Nothing,
    /// DER (or another ASN.1 binary), not PEM.
    Der,
    /// A private key that a pass phrase protects.
    EncryptedKey,
    /// A private key.
    Key,
    /// A public key.
    PublicKey,
    /// A certificate signing request.
    Request,
    /// A certificate.
    Certificate,
    /// Something else.
    Other,
}

impl Found {
    fn in_file(bytes: &[u8]) -> Self {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Self::Nothing;
        }
        if starts_with_der(bytes) {
            return Self::Der;
        }
        let holds = |mark: &str| bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
        MARKS.iter().find(|(mark, _)| holds(mark)).map_or(Self::Other, |(_, found)| *found)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "empty",
            Self::Der => "DER, which is binary",
            Self::EncryptedKey => "an encrypted private key",
            Self::Key => "a private key",
            Self::PublicKey => "a public key",
            Self::Request => "a certificate signing request",
            Self::Certificate => "a certificate",
            Self::Other => "something else",
        })
    }
}

/// Whether the bytes start a SEQUENCE (X.690 section 8.1.3: a length of up to 127 in one byte, else its number of bytes
/// first). One with a short length looks like text, so it has to be all there is.
fn starts_with_der(bytes: &[u8]) -> bool {
    match bytes {
        [0x30, length @ ..=0x7F, rest @ ..] => usize::from(*length) == rest.len(),
        [0x30, 0x81 | 0x82, ..] => true,
        _ => false,
    }
}

/// PEM labels (RFC 7468), the telling ones first. The second is how OpenSSL marks traditional encrypted keys.
const MARKS: [(&str, Found); 6] = [
    ("-----BEGIN ENCRYPTED PRIVATE KEY-----", Found::EncryptedKey),
    ("Proc-Type: 4,ENCRYPTED", Found::EncryptedKey),
    ("PRIVATE KEY-----", Found::Key),
    ("-----BEGIN PUBLIC KEY-----", Found::PublicKey),
    ("-----BEGIN CERTIFICATE REQUEST-----", Found::Request),
    ("-----BEGIN CERTIFICATE-----", Found::Certificate),
];

/// Room for a chain or a CA bundle.
const MAX_FILE: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::cert::{Generated, KeyType, Request, generate};

    fn made() -> Generated {
        generate(&Request { key_type: KeyType::P256, ..Request::book() }).unwrap()
    }

    #[test]
    fn a_pair_that_was_made_together_is_taken_and_a_mixed_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = ["cacert.pem", "prvtkey.pem"].map(|name| folder.path().join(name));
        let first = made();
        fs::write(&certificate, &first.certificate_pem).unwrap();
        fs::write(&key, first.private_key_pem.as_bytes()).unwrap();
        assert_eq!(pair(&certificate, &key).unwrap().chain, std::slice::from_ref(&first.certificate));
        fs::write(&key, made().private_key_pem.as_bytes()).unwrap();
        assert!(matches!(pair(&certificate, &key), Err(LoadError::KeyMismatch { .. })));
    }

    #[test]
    fn a_file_with_something_else_is_told_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let pair = made();
        let cases: [(&[u8], Found, Found); 7] = [
            (b" \n", Found::Nothing, Found::Nothing),
            (b"hello", Found::Other, Found::Other),
            (b"0 apples", Found::Other, Found::Other),
            (&[0x30, 3, 2, 1, 0], Found::Der, Found::Der),
            (&pair.certificate, Found::Der, Found::Der),
            (
                b"-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n",
                Found::PublicKey,
                Found::PublicKey,
            ),
            (
                b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
                Found::EncryptedKey,
                Found::EncryptedKey,
            ),
        ];
        for (bytes, in_certificate, in_key) in cases {
            fs::write(&path, bytes).unwrap();
            assert!(
                matches!(certificates(&path), Err(LoadError::NoCertificate { found, .. }) if found == in_certificate)
            );
            assert!(matches!(private_key(&path), Err(LoadError::NoKey { found, .. }) if found == in_key));
        }
        fs::write(&path, pair.private_key_pem.as_bytes()).unwrap();
        assert!(matches!(certificates(&path), Err(LoadError::NoCertificate { found: Found::Key, .. })));
        fs::write(&path, &pair.certificate_pem).unwrap();
        assert!(matches!(private_key(&path), Err(LoadError::NoKey { found: Found::Certificate, .. })));
    }

    #[test]
    fn no_truncation_of_a_certificate_or_key_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let pair = made();
        for length in 0..pair.certificate_pem.trim_end().len() {
            fs::write(&path, &pair.certificate_pem[..length]).unwrap();
            assert!(certificates(&path).is_err(), "{length}");
        }
        for length in 0..pair.private_key_pem.trim_end().len() {
            fs::write(&path, &pair.private_key_pem[..length]).unwrap();
            assert!(private_key(&path).is_err(), "{length}");
        }
    }
}
