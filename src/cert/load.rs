//! Certificates and keys from PEM files. Every error names the file and what is in it instead.

use std::{
    collections::BTreeSet,
    fmt,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use rustls::{
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::SigningKey,
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};
use zeroize::{Zeroize as _, Zeroizing};

pub use super::{
    content::{CryptoObject, FileContent},
    load_error::LoadError,
};
use super::{
    key_kind::KeyKind,
    load_error::MAX_FILE,
    pem::{Decoded, Label, Oddity, Pem},
};

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

/// A file that could be read though something about it was odd. Says nothing of what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddFile {
    /// The file.
    pub path: PathBuf,
    /// What was odd; never empty.
    pub oddities: BTreeSet<Oddity>,
}

impl OddFile {
    fn note(odd: &mut Vec<Self>, path: &Path, oddities: &BTreeSet<Oddity>) {
        let file = Self { path: path.to_owned(), oddities: oddities.clone() };
        if !oddities.is_empty() && !odd.contains(&file) {
            odd.push(file);
        }
    }
}

impl fmt::Display for OddFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let oddities: Vec<String> = self.oddities.iter().map(Oddity::to_string).collect();
        let what = oddities.join(", and ");
        write!(f, "{} was read although {what}; other programs may refuse it", self.path.display())
    }
}

/// Reads a certificate (or chain) and its private key from two PEM files, and checks that they belong together. What is
/// odd about a file that can be read all the same is added to `odd`, as by all functions here.
///
/// # Errors
/// Those of [`certificates`] and [`private_key`], and [`LoadError::KeyMismatch`].
pub fn pair(certificate: &Path, key: &Path, odd: &mut Vec<OddFile>) -> Result<Pair, LoadError> {
    let pair = Pair { chain: certificates(certificate, odd)?, key: private_key(key, odd)? };
    match place_in_chain(pair.key.der(), &pair.chain) {
        Some(0) => Ok(pair),
        place => Err(LoadError::mismatch(certificate, key, place)),
    }
}

/// Reads all the certificates of a PEM file, in their order; at least one. Other sections are skipped.
///
/// # Errors
/// [`LoadError`] when the file can't be read, holds no certificate, or one that is damaged.
pub fn certificates(path: &Path, odd: &mut Vec<OddFile>) -> Result<Vec<CertificateDer<'static>>, LoadError> {
    certificates_in(&read(path)?, path, odd)
}

/// Reads the first certificate of a PEM file: a server's own, where a chain follows.
///
/// # Errors
/// Those of [`certificates`].
pub fn first_certificate(path: &Path, odd: &mut Vec<OddFile>) -> Result<CertificateDer<'static>, LoadError> {
    let none = || LoadError::NoCertificate { path: path.to_owned(), found: FileContent::Nothing };
    certificates(path, odd)?.into_iter().next().ok_or_else(none)
}

/// [`certificates`] of a file that has been read; `path` is for the errors.
pub(crate) fn certificates_in(
    bytes: &[u8],
    path: &Path,
    odd: &mut Vec<OddFile>,
) -> Result<Vec<CertificateDer<'static>>, LoadError> {
    let pem = Pem::read(bytes);
    let mut chain = Vec::new();
    for (index, decoded) in pem.decode(Label::is_certificate).enumerate() {
        let Decoded { der, oddities, .. } =
            decoded.map_err(|damage| LoadError::Pem { path: path.to_owned(), damage })?;
        if !matches!(X509Certificate::from_der(&der), Ok(([], _))) {
            let found = FileContent::of_der(&der).unwrap_or(FileContent::Other);
            return Err(LoadError::Damaged { path: path.to_owned(), number: index + 1, found });
        }
        OddFile::note(odd, path, &oddities);
        chain.push(CertificateDer::from(der.to_vec()));
    }
    if chain.is_empty() {
        return Err(LoadError::NoCertificate {
            path: path.to_owned(),
            found: FileContent::in_file(bytes, &pem),
        });
    }
    Ok(chain)
}

/// Reads the first private key of a PEM file: PKCS#8, PKCS#1 or SEC 1, not encrypted; RSA of 2048 bits or more,
/// ECDSA on a NIST curve, or Ed25519.
///
/// # Errors
/// [`LoadError`] when the file can't be read, holds no such key, or one that is damaged.
pub fn private_key(path: &Path, odd: &mut Vec<OddFile>) -> Result<LoadedKey, LoadError> {
    private_key_in(&read(path)?, path, odd)
}

/// [`private_key`] of a file that has been read; `path` is for the errors.
pub(crate) fn private_key_in(
    bytes: &[u8],
    path: &Path,
    odd: &mut Vec<OddFile>,
) -> Result<LoadedKey, LoadError> {
    let pem = Pem::read(bytes);
    let none = || match pem.labels().any(|label| label == Label::DsaKey) {
        true => LoadError::Key { path: path.to_owned(), kind: Some(KeyKind::DSA) },
        false => LoadError::NoKey { path: path.to_owned(), found: FileContent::in_file(bytes, &pem) },
    };
    let decoded = pem.decode(Label::is_plain_key).next().ok_or_else(none)?;
    let Decoded { label, der, oddities } =
        decoded.map_err(|damage| LoadError::Pem { path: path.to_owned(), damage })?;
    OddFile::note(odd, path, &oddities);
    let key = LoadedKey(key_der(label, &der));
    match any_supported_type(&key.0) {
        Ok(_) => Ok(key),
        Err(_) => Err(LoadError::Key { path: path.to_owned(), kind: KeyKind::of(&key.0) }),
    }
}

fn key_der(label: Label, der: &[u8]) -> PrivateKeyDer<'static> {
    match label {
        Label::Pkcs1Key => PrivateKeyDer::Pkcs1(der.to_vec().into()),
        Label::Sec1Key => PrivateKeyDer::Sec1(der.to_vec().into()),
        _ => PrivateKeyDer::Pkcs8(der.to_vec().into()),
    }
}

/// The place in a chain, from 0, of the first certificate that the key is of.
pub(crate) fn place_in_chain(key: &PrivateKeyDer<'_>, chain: &[CertificateDer<'_>]) -> Option<usize> {
    let key = any_supported_type(key).ok()?;
    chain.iter().position(|certificate| is_key_of(&*key, certificate))
}

/// Whether the key is the certificate's: compares `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7), for a certificate of any
/// version of X.509.
pub(crate) fn is_key_of(key: &dyn SigningKey, certificate: &[u8]) -> bool {
    match (key.public_key(), X509Certificate::from_der(certificate)) {
        (Some(key), Ok((_, certificate))) => *key == *certificate.tbs_certificate.subject_pki.raw,
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
        assert_eq!(
            pair(&certificate, &key, &mut Vec::new()).unwrap().chain,
            std::slice::from_ref(&first.certificate)
        );
        fs::write(&key, made().private_key_pem.as_bytes()).unwrap();
        assert!(matches!(pair(&certificate, &key, &mut Vec::new()), Err(LoadError::KeyMismatch { .. })));
    }

    #[test]
    fn a_file_with_something_else_is_told_what_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let pair = made();
        let cases: [(&[u8], FileContent, FileContent); 7] = [
            (b" \n", FileContent::Nothing, FileContent::Nothing),
            (b"hello", FileContent::Other, FileContent::Other),
            (b"0 apples", FileContent::Other, FileContent::Other),
            (&[0x30, 3, 2, 1, 0], FileContent::OtherDer, FileContent::OtherDer),
            (
                &pair.certificate,
                FileContent::Der(CryptoObject::Certificate),
                FileContent::Der(CryptoObject::Certificate),
            ),
            (
                b"-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n",
                FileContent::Pem(CryptoObject::PublicKey),
                FileContent::Pem(CryptoObject::PublicKey),
            ),
            (
                b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
                FileContent::Pem(CryptoObject::EncryptedKey),
                FileContent::Pem(CryptoObject::EncryptedKey),
            ),
        ];
        for (bytes, in_certificate, in_key) in cases {
            fs::write(&path, bytes).unwrap();
            assert!(
                matches!(certificates(&path, &mut Vec::new()), Err(LoadError::NoCertificate { found, .. }) if found == in_certificate)
            );
            assert!(
                matches!(private_key(&path, &mut Vec::new()), Err(LoadError::NoKey { found, .. }) if found == in_key)
            );
        }
        fs::write(&path, pair.private_key_pem.as_bytes()).unwrap();
        assert!(matches!(
            certificates(&path, &mut Vec::new()),
            Err(LoadError::NoCertificate { found: FileContent::Pem(CryptoObject::Key), .. })
        ));
        fs::write(&path, &pair.certificate_pem).unwrap();
        assert!(matches!(
            private_key(&path, &mut Vec::new()),
            Err(LoadError::NoKey { found: FileContent::Pem(CryptoObject::Certificate), .. })
        ));
    }

    #[test]
    fn no_truncation_of_a_certificate_or_key_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let pair = made();
        for length in 0..pair.certificate_pem.trim_end().len() {
            fs::write(&path, &pair.certificate_pem[..length]).unwrap();
            assert!(certificates(&path, &mut Vec::new()).is_err(), "{length}");
        }
        for length in 0..pair.private_key_pem.trim_end().len() {
            fs::write(&path, &pair.private_key_pem[..length]).unwrap();
            assert!(private_key(&path, &mut Vec::new()).is_err(), "{length}");
        }
    }
}
