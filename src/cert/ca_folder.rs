//! The folder of a CA: `ca.pem`, its certificate, and `ca-key.pem`, its key. Only its owner may look into it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{
    LoadError, OddFile, PrivateKey,
    issuer::{Issuer, NotAnIssuer},
    load,
    passphrase::{Locked, Passphrase, open},
    pem::{Label, Pem},
    store::Location,
};
use crate::{os_error::in_words, output::Access, system::private};

/// The two files of the CA in `folder`.
#[must_use]
pub fn location(folder: &Path) -> Location {
    Location::named(folder, CERTIFICATE, KEY, Access::Owner)
}

/// Whether only its owner may read the folder and the key, where they exist.
///
/// # Errors
/// [`CaError::Exposed`], and [`CaError::Unreadable`] when the system does not say.
pub fn check_private(location: &Location) -> Result<(), CaError> {
    for path in [location.folder().to_owned(), location.key()] {
        match fs::metadata(&path) {
            Ok(_) if private::is_public(&path) => return Err(CaError::Exposed { path }),
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(CaError::Unreadable { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a CA's folder has in it, before its key is opened.
pub struct ClosedCa {
    location: Location,
    key: ClosedKey,
}

enum ClosedKey {
    Plain(PrivateKey),
    Protected(zeroize::Zeroizing<Vec<u8>>),
}

impl ClosedCa {
    /// Reads the files. What is odd about one that can be read all the same is added to `odd`.
    ///
    /// # Errors
    /// [`CaError`].
    pub fn read(folder: &Path, odd: &mut Vec<OddFile>) -> Result<Self, CaError> {
        let location = location(folder);
        if !location.certificate().exists() && !location.key().exists() {
            return Err(CaError::None { folder: folder.to_owned() });
        }
        check_private(&location)?;
        let key = read_key(&location.key(), odd)?;
        Ok(Self { location, key })
    }

    /// Whether a passphrase is needed.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        matches!(self.key, ClosedKey::Protected(_))
    }

    /// The key's file, to name it to whoever knows the passphrase.
    #[must_use]
    pub fn key_path(&self) -> PathBuf {
        self.location.key()
    }

    /// Opens the key, by the passphrase where it has one.
    ///
    /// # Errors
    /// [`CaError`].
    pub fn open(self, passphrase: Option<&Passphrase>, odd: &mut Vec<OddFile>) -> Result<Issuer, CaError> {
        let (path, certificate_path) = (self.location.key(), self.location.certificate());
        let key = match (self.key, passphrase) {
            (ClosedKey::Plain(key), _) => key,
            (ClosedKey::Protected(_), None) => {
                return Err(CaError::Locked { path, reason: Locked::WrongPassphrase });
            }
            (ClosedKey::Protected(encrypted), Some(passphrase)) => {
                let opened = open(&encrypted, passphrase);
                let der = opened.map_err(|reason| CaError::Locked { path: path.clone(), reason })?;
                let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.as_slice()));
                PrivateKey::from_der(&der).ok_or_else(|| unusable(&path))?
            }
        };
        let certificate = load::first_certificate(&certificate_path, odd)?;
        if !key.is_of(&certificate) {
            return Err(LoadError::mismatch(&certificate_path, &path, None).into());
        }
        Issuer::new(certificate, key)
            .map_err(|reason| CaError::NotAnIssuer { path: certificate_path, reason })
    }
}

fn read_key(path: &Path, odd: &mut Vec<OddFile>) -> Result<ClosedKey, CaError> {
    let bytes = load::read(path)?;
    let pem = Pem::read(&bytes);
    if let Some(decoded) = pem.decode(|label| label == Label::EncryptedKey).next() {
        let decoded = decoded.map_err(|damage| LoadError::Pem { path: path.to_owned(), damage })?;
        return Ok(ClosedKey::Protected(decoded.der));
    }
    let key = load::private_key_in(&bytes, path, odd)?;
    PrivateKey::from_der(key.der()).map(ClosedKey::Plain).ok_or_else(|| unusable(path))
}

fn unusable(path: &Path) -> CaError {
    LoadError::Key { path: path.to_owned(), kind: None }.into()
}

/// Why a CA can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaError {
    /// Neither of its files is there.
    #[error("there is no CA in it: neither {CERTIFICATE} nor {KEY}")]
    None {
        /// The folder.
        folder: PathBuf,
    },
    /// Others than its owner may read the key, or look into its folder.
    #[error("others than its owner can read it")]
    Exposed {
        /// The folder, or the key.
        path: PathBuf,
    },
    /// The system does not say who may read it.
    #[error("{}", in_words(source))]
    Unreadable {
        /// The folder or the key.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The key stays closed.
    #[error("{reason}")]
    Locked {
        /// The key.
        path: PathBuf,
        /// Why.
        reason: Locked,
    },
    /// One of the files can't be read or used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The certificate is no CA's.
    #[error("{reason}")]
    NotAnIssuer {
        /// The certificate.
        path: PathBuf,
        /// Why.
        reason: NotAnIssuer,
    },
}

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    use super::*;
    use crate::cert::{
        KeyType, Request, certify,
        store::{self, Existing},
    };

    #[test]
    fn a_ca_that_others_can_read_is_not_used() {
        let parent = tempfile::tempdir().unwrap();
        let location = location(&parent.path().join("ca"));
        let request = Request::ca("Workshop".parse().unwrap());
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let pair = certify(&request, &key, time::OffsetDateTime::now_utc()).unwrap();
        store::write(&location, &pair, Existing::Keep).unwrap();
        let read = || ClosedCa::read(location.folder(), &mut Vec::new());
        assert!(read().unwrap().open(None, &mut Vec::new()).is_ok());
        for (path, mode) in [(location.folder().to_owned(), 0o700), (location.key(), 0o600)] {
            fs::set_permissions(&path, Permissions::from_mode(mode | 0o040)).unwrap();
            let error = read().err().unwrap();
            assert!(matches!(&error, CaError::Exposed { path: at } if *at == path), "{error:?}");
            assert_eq!(private::command(&path), format!("chmod {mode:o} {}", path.display()));
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        }
        assert!(read().is_ok());
    }
}
