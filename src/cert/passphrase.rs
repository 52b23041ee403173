//! The passphrase of a private key, and keys that one protects: PKCS#8 (RFC 5958) with PBES2 (RFC 8018), as openssl writes
//! and reads it.

use std::fmt;

use aws_lc_rs::rand;
use pkcs8::{
    EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef,
    pkcs5::{EncryptionScheme, pbes2},
};
use zeroize::Zeroizing;

use super::{Error, key::to_pem, pem::is_private_key};
use crate::text;

/// A passphrase; its memory is wiped when it is dropped, and it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// Understands what a file, a pipe or a keyboard gave. One line break at its end is not part of it, nor is a byte-order mark.
    ///
    /// # Errors
    /// [`PassphraseFlaw`], which holds nothing of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, PassphraseFlaw> {
        if is_private_key(bytes) {
            return Err(PassphraseFlaw::Key);
        }
        let text = text::decode(bytes).map_err(|_| PassphraseFlaw::NotText)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        match line.len() {
            0 => Err(PassphraseFlaw::Empty),
            _ if line.chars().any(char::is_control) => Err(PassphraseFlaw::ControlCharacter),
            length if length > MOST_BYTES => Err(PassphraseFlaw::TooLong),
            _ => Ok(Self(Zeroizing::new(line.as_bytes().to_vec()))),
        }
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// Why what was given is no passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseFlaw {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// It is a private key, named by mistake.
    #[error("it is a private key, and not the passphrase of one")]
    Key,
    /// It is not text in any encoding that is known.
    #[error("it is not text (UTF-8)")]
    NotText,
    /// There is a tab, another line or the like.
    #[error("it has a second line, a tab or another control character")]
    ControlCharacter,
    /// It is longer than other programs take.
    #[error("it is longer than {MOST_BYTES} bytes")]
    TooLong,
}

/// Why a protected key can't be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Locked {
    /// The passphrase is another one.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// It is protected in a way that is not known, or is damaged.
    #[error(
        "its key is damaged, or encrypted in a way that is not supported (PBES2 with PBKDF2 or scrypt is)"
    )]
    Unsupported,
    /// To try a passphrase would take minutes, or more memory than is reasonable.
    #[error("trying a passphrase would take far more time or memory than is usual for a key")]
    TooCostly,
}

/// Encrypts a key (PKCS#8 DER): `BEGIN ENCRYPTED PRIVATE KEY`, with AES-256-CBC and PBKDF2 over HMAC-SHA-256.
///
/// # Errors
/// [`Error`] when a library fails.
pub fn protect(key: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<String>, Error> {
    let failed = || Error::Crypto { doing: "encrypt a key" };
    let (mut salt, mut iv) = ([0; SALT_BYTES], [0; BLOCK_BYTES]);
    rand::fill(&mut salt).and_then(|()| rand::fill(&mut iv)).map_err(|_| failed())?;
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS, &salt, iv);
    let parameters = parameters.map_err(|_| failed())?;
    let info = PrivateKeyInfoRef::try_from(key).map_err(|_| failed())?;
    let encrypted = info.encrypt_with_params(parameters, &*passphrase.0).map_err(|_| failed())?;
    to_pem("ENCRYPTED PRIVATE KEY", encrypted.as_bytes()).map(Zeroizing::new)
}

/// Decrypts a protected key (DER of an `EncryptedPrivateKeyInfo`) to PKCS#8 DER.
///
/// # Errors
/// [`Locked`].
pub fn open(encrypted: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Locked> {
    let info = EncryptedPrivateKeyInfoRef::try_from(encrypted).map_err(|_| Locked::Unsupported)?;
    check_cost(&info.encryption_algorithm)?;
    // With a wrong passphrase the padding is wrong, and once in 256 times what comes out is no key.
    let opened = info.decrypt(&*passphrase.0).map_err(|_| Locked::WrongPassphrase)?;
    PrivateKeyInfoRef::try_from(opened.as_bytes()).map_err(|_| Locked::WrongPassphrase)?;
    Ok(Zeroizing::new(opened.as_bytes().to_vec()))
}

/// Who wrote the file says how often a passphrase is hashed: a hostile one could have this take hours.
fn check_cost(scheme: &EncryptionScheme) -> Result<(), Locked> {
    let kdf = scheme.pbes2().map(|parameters| &parameters.kdf).ok_or(Locked::Unsupported)?;
    let is_bounded = match (kdf.pbkdf2(), kdf.scrypt()) {
        (Some(pbkdf2), _) => pbkdf2.iteration_count <= MOST_ROUNDS,
        (_, Some(scrypt)) => {
            let memory =
                scrypt.cost_parameter.saturating_mul(u64::from(scrypt.block_size)).saturating_mul(128);
            memory <= MOST_MEMORY && scrypt.parallelization <= MOST_PARALLEL
        }
        _ => return Err(Locked::Unsupported),
    };
    if is_bounded { Ok(()) } else { Err(Locked::TooCostly) }
}

/// As many as OWASP's Password Storage Cheat Sheet asks of PBKDF2 over HMAC-SHA-256.
const ROUNDS: u32 = 600_000;
const MOST_ROUNDS: u32 = 10_000_000;
/// In bytes; openssl takes no more than 32 MiB.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
const MOST_PARALLEL: u16 = 16;
const SALT_BYTES: usize = 16;
/// AES (FIPS 197).
const BLOCK_BYTES: usize = 16;
/// openssl's limit (`PEM_BUFSIZE`).
const MOST_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cert::{
        KeyType, PrivateKey,
        pem::{Label, Pem},
    };

    fn der(pem: &str, is_wanted: impl Fn(Label) -> bool) -> Zeroizing<Vec<u8>> {
        Pem::read(pem.as_bytes()).decode(is_wanted).next().unwrap().unwrap().der
    }

    #[test]
    fn a_key_is_opened_by_its_own_passphrase_only_and_never_when_it_is_cut_off() {
        let key = PrivateKey::generate(KeyType::P256).unwrap().to_pem().unwrap();
        let key = der(&key, Label::is_plain_key);
        let [right, wrong] =
            [&b"correct horse\n"[..], b"battery"].map(|text| Passphrase::parse(text).unwrap());
        let encrypted = der(&protect(&key, &right).unwrap(), |label| label == Label::EncryptedKey);
        assert_eq!(open(&encrypted, &right), Ok(key));
        assert_eq!(open(&encrypted, &wrong), Err(Locked::WrongPassphrase));
        for length in 0..encrypted.len() {
            assert_eq!(open(&encrypted[..length], &right), Err(Locked::Unsupported), "{length} bytes");
        }
    }

    #[test]
    fn a_file_does_not_decide_how_long_a_passphrase_is_tried() {
        let scheme = |rounds| {
            let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(rounds, &[7; 16], [7; 16]);
            EncryptionScheme::from(parameters.unwrap())
        };
        assert_eq!(check_cost(&scheme(MOST_ROUNDS)), Ok(()));
        assert_eq!(check_cost(&scheme(MOST_ROUNDS + 1)), Err(Locked::TooCostly));
    }

    #[test]
    fn what_is_no_passphrase_is_told_without_a_word_of_it() {
        for (bytes, flaw) in [
            (&b"\n"[..], PassphraseFlaw::Empty),
            (b"\xff", PassphraseFlaw::NotText),
            (&[&b"-----BEGIN PRIVATE KEY----- "[..], &[b'M'; 80]].concat(), PassphraseFlaw::Key),
            (b"one\ntwo", PassphraseFlaw::ControlCharacter),
            (&[b'x'; 1025], PassphraseFlaw::TooLong),
        ] {
            assert_eq!(Passphrase::parse(bytes), Err(flaw), "{bytes:?}");
        }
        let passphrase = Passphrase::parse(b"a b").unwrap();
        assert_eq!(format!("{passphrase:?}"), "Passphrase(..)");
        assert_eq!(Passphrase::parse(b"a b\r\n"), Passphrase::parse(b"\xef\xbb\xbfa b"));
    }
}
