//! Opens records with the secrets of our own key log: TLS 1.3 (RFC 8446, section 5.2) and the AEAD suites of TLS 1.2
//! (RFC 5246, section 6.2.3.3; RFC 5288; RFC 7905).

use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
    digest, hkdf, tls_prf,
};
use serde::Serialize;

use super::{ContentType, RecordHeader, Suite, Width, Writer, cipher, hash::Hash};

/// One of the two sides of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The one that sends the ClientHello.
    Client,
    /// The one that answers it.
    Server,
}

/// Why a record stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A suite that is not opened here.
    #[error("records of this cipher suite are not opened here")]
    Suite,
    /// A secret of the wrong length, or a record that is no AEAD record.
    #[error("the secret or the record has a wrong length")]
    Length,
    /// The key does not fit the record.
    #[error("the record does not open with this key")]
    Tag,
}

/// Opens the records that one side sends, one after the other.
#[derive(Debug)]
pub struct Opener {
    key: LessSafeKey,
    iv: Iv,
    sequence: u64,
}

#[derive(Debug)]
enum Iv {
    /// TLS 1.3, and ChaCha20 in TLS 1.2: the sequence number is mixed in.
    Mixed { iv: [u8; 12], form: Form },
    /// AES-GCM in TLS 1.2: eight bytes stand before each record.
    Explicit { salt: [u8; 4] },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Tls12,
    Tls13,
}

impl Opener {
    /// Whether records of a suite are opened here.
    #[must_use]
    pub fn opens(suite: Suite) -> bool {
        algorithms(suite).is_ok()
    }

    /// For what a side sends under this traffic secret of TLS 1.3.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn tls13(suite: Suite, secret: &[u8]) -> Result<Self, KeyError> {
        let (algorithm, hash, _) = algorithms(suite)?;
        let prk = hkdf::Prk::new_less_safe(hash, secret);
        let mut key = vec![0; algorithm.key_len()];
        expand_label(&prk, b"key", &[], &mut key)?;
        let mut iv = [0; 12];
        expand_label(&prk, b"iv", &[], &mut iv)?;
        Self::new(algorithm, &key, Iv::Mixed { iv, form: Form::Tls13 })
    }

    /// For what the server sends in its handshake of TLS 1.3, from the shared secret of the key exchange and the messages of
    /// both hellos (RFC 8446, section 7.1), without a PSK.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn server_handshake(suite: Suite, shared: &[u8], hellos: &[&[u8]]) -> Result<Self, KeyError> {
        let (_, algorithm, _) = algorithms(suite)?;
        let digest = algorithm.hmac_algorithm().digest_algorithm();
        let length = digest.output_len();
        let hash = |bytes: &[u8]| digest::digest(digest, bytes).as_ref().to_vec();
        let early = hkdf::Salt::new(algorithm, &[]).extract(&vec![0; length]);
        let mut derived = vec![0; length];
        expand_label(&early, b"derived", &hash(&[]), &mut derived)?;
        let handshake = hkdf::Salt::new(algorithm, &derived).extract(shared);
        let mut secret = vec![0; length];
        expand_label(&handshake, b"s hs traffic", &hash(&hellos.concat()), &mut secret)?;
        Self::tls13(suite, &secret)
    }

    /// For what `side` sends under this master secret of TLS 1.2 (RFC 5246, section 6.3).
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn tls12(
        suite: Suite,
        master: &[u8],
        client_random: &[u8; 32],
        server_random: &[u8; 32],
        side: Side,
    ) -> Result<Self, KeyError> {
        let (algorithm, _, prf) = algorithms(suite)?;
        let iv_length = if algorithm == &aead::CHACHA20_POLY1305 { 12 } else { 4 };
        let key_length = algorithm.key_len();
        let secret = tls_prf::Secret::new(prf, master).map_err(|_| KeyError::Length)?;
        let seed = [&server_random[..], client_random].concat();
        let block = secret
            .derive(b"key expansion", &seed, 2 * (key_length + iv_length))
            .map_err(|_| KeyError::Length)?;
        let at = |start: usize, length| block.as_ref().get(start..start + length).ok_or(KeyError::Length);
        let second = usize::from(side == Side::Server);
        let key = at(second * key_length, key_length)?;
        let iv = at(2 * key_length + second * iv_length, iv_length)?;
        let iv = match (<[u8; 12]>::try_from(iv), <[u8; 4]>::try_from(iv)) {
            (Ok(iv), _) => Iv::Mixed { iv, form: Form::Tls12 },
            (_, Ok(salt)) => Iv::Explicit { salt },
            _ => return Err(KeyError::Length),
        };
        Self::new(algorithm, key, iv)
    }

    fn new(algorithm: &'static aead::Algorithm, key: &[u8], iv: Iv) -> Result<Self, KeyError> {
        let key = UnboundKey::new(algorithm, key).map_err(|_| KeyError::Length)?;
        Ok(Self { key: LessSafeKey::new(key), iv, sequence: 0 })
    }

    /// Opens the next record: what it carries, and the content.
    ///
    /// # Errors
    /// [`KeyError`]; the next record can still be tried.
    pub fn open(&mut self, header: RecordHeader, payload: &[u8]) -> Result<(ContentType, Vec<u8>), KeyError> {
        let (nonce, sealed) = self.nonce(payload)?;
        let aad = self.aad(header, sealed.len())?;
        let mut bytes = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = self.key.open_in_place(nonce, Aad::from(aad), &mut bytes);
        let length = opened.map_err(|_| KeyError::Tag)?.len();
        bytes.truncate(length);
        self.sequence = self.sequence.wrapping_add(1);
        if let Iv::Mixed { form: Form::Tls13, .. } = self.iv {
            return without_padding(bytes);
        }
        Ok((header.content_type, bytes))
    }

    fn nonce<'p>(&self, payload: &'p [u8]) -> Result<([u8; 12], &'p [u8]), KeyError> {
        match &self.iv {
            Iv::Mixed { iv, .. } => {
                let mut nonce = *iv;
                let sequence = self.sequence.to_be_bytes();
                nonce.iter_mut().skip(4).zip(sequence).for_each(|(byte, mixed)| *byte ^= mixed);
                Ok((nonce, payload))
            }
            Iv::Explicit { salt } => {
                let (explicit, sealed) = payload.split_at_checked(8).ok_or(KeyError::Length)?;
                let nonce = [&salt[..], explicit].concat();
                Ok((nonce.try_into().map_err(|_| KeyError::Length)?, sealed))
            }
        }
    }

    /// What is authenticated besides the content: in TLS 1.3 the header, in TLS 1.2 the sequence number too, and the
    /// length of the content.
    fn aad(&self, header: RecordHeader, sealed: usize) -> Result<Vec<u8>, KeyError> {
        let mut writer = Writer::default();
        let is_tls13 = matches!(self.iv, Iv::Mixed { form: Form::Tls13, .. });
        if !is_tls13 {
            writer.raw(&self.sequence.to_be_bytes());
        }
        writer.u8(header.content_type.0);
        writer.u16(header.version.0);
        let content = sealed.checked_sub(TAG).and_then(|length| u16::try_from(length).ok());
        writer.u16(if is_tls13 { header.length } else { content.ok_or(KeyError::Length)? });
        writer.finish().map_err(|_| KeyError::Length)
    }
}

/// The last byte that is not zero is the type of what is inside (RFC 8446, section 5.2).
fn without_padding(mut bytes: Vec<u8>) -> Result<(ContentType, Vec<u8>), KeyError> {
    let end = bytes.iter().rposition(|byte| *byte != 0).ok_or(KeyError::Length)?;
    let content_type = ContentType(bytes[end]);
    bytes.truncate(end);
    Ok((content_type, bytes))
}

type Algorithms = (&'static aead::Algorithm, hkdf::Algorithm, &'static tls_prf::Algorithm);

fn algorithms(suite: Suite) -> Result<Algorithms, KeyError> {
    let parts = suite.parts().ok_or(KeyError::Suite)?;
    let cipher = match parts.cipher {
        cipher::AES_128_GCM => &aead::AES_128_GCM,
        cipher::AES_256_GCM => &aead::AES_256_GCM,
        cipher::CHACHA20_POLY1305 => &aead::CHACHA20_POLY1305,
        _ => return Err(KeyError::Suite),
    };
    match parts.hash {
        Hash::Sha256 => Ok((cipher, hkdf::HKDF_SHA256, &tls_prf::P_SHA256)),
        Hash::Sha384 => Ok((cipher, hkdf::HKDF_SHA384, &tls_prf::P_SHA384)),
        _ => Err(KeyError::Suite),
    }
}

/// HKDF-Expand-Label (RFC 8446, section 7.1).
fn expand_label(prk: &hkdf::Prk, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), KeyError> {
    let mut writer = Writer::default();
    writer.u16(u16::try_from(out.len()).map_err(|_| KeyError::Length)?);
    {
        let mut name = writer.vector(Width::U8);
        name.raw(b"tls13 ");
        name.raw(label);
    }
    writer.vector(Width::U8).raw(context);
    let info = writer.finish().map_err(|_| KeyError::Length)?;
    let info = [info.as_slice()];
    let okm = prk.expand(&info, Length(out.len())).map_err(|_| KeyError::Length)?;
    okm.fill(out).map_err(|_| KeyError::Length)
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Every AEAD here has a tag of 16 bytes.
const TAG: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// RFC 8448, section 3: the server's handshake traffic secret, and its key and IV.
    #[test]
    fn keys_are_those_of_the_standards_trace() {
        let secret = hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
        let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &secret);
        let (mut key, mut iv) = ([0; 16], [0; 12]);
        expand_label(&prk, b"key", &[], &mut key).unwrap();
        expand_label(&prk, b"iv", &[], &mut iv).unwrap();
        assert_eq!(key.to_vec(), hex("3fce516009c21727d0f2e4e86ee403bc"));
        assert_eq!(iv.to_vec(), hex("5d313eb2671276ee13000b30"));
    }

    #[test]
    fn a_record_that_was_tampered_with_stays_closed() {
        let mut opener = Opener::tls13(Suite(0x1301), &[7; 32]).unwrap();
        let header = RecordHeader {
            content_type: ContentType::APPLICATION_DATA,
            version: super::super::ProtocolVersion::TLS_1_2,
            length: 20,
        };
        assert_eq!(opener.open(header, &[0; 20]), Err(KeyError::Tag));
        assert_eq!(opener.open(header, &[]), Err(KeyError::Tag));
        assert_eq!(Opener::tls13(Suite(0x002f), &[7; 32]).err(), Some(KeyError::Suite));
    }
}
