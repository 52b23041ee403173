//! What a file holds where a certificate or a key was expected: enough to say what to do, and no byte of it.

use std::fmt;

use rustls::pki_types::PrivateKeyDer;
use x509_parser::{
    certification_request::X509CertificationRequest, prelude::FromDer as _, prelude::X509Certificate,
    revocation_list::CertificateRevocationList, x509::SubjectPublicKeyInfo,
};

use super::{
    key_kind::KeyKind,
    pem::{Label, Pem},
};

/// What a file holds where something else was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileContent {
    /// Nothing.
    Nothing,
    /// Something of cryptography in PEM.
    Pem(CryptoObject),
    /// The same in DER (or BER), which is binary.
    Der(CryptoObject),
    /// DER of an unknown kind, or what looks like it.
    OtherDer,
    /// DER that is cut off.
    TruncatedDer {
        /// So many bytes are there.
        bytes: usize,
        /// So many should be, as the first of them say.
        expected: usize,
    },
    /// A private key as OpenSSH writes it.
    OpenSshKey,
    /// A key as PuTTY writes it.
    PuttyKey,
    /// A keystore of Java (JKS or JCEKS).
    JavaKeystore,
    /// A page of HTML: what a browser saved in place of the file.
    WebPage,
    /// PEM of another kind.
    OtherPem,
    /// A BEGIN line that is not what RFC 7468 says.
    DamagedBeginLine,
    /// Base64 that decodes to DER, without a BEGIN line.
    BareBase64,
    /// Something else.
    Other,
}

/// What PEM and DER are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CryptoObject {
    /// A private key.
    Key,
    /// A private key that a pass phrase protects.
    EncryptedKey,
    /// A public key.
    PublicKey,
    /// A certificate signing request (RFC 2986).
    Request,
    /// A certificate.
    Certificate,
    /// A list of certificates that are revoked (RFC 5280 section 5).
    RevocationList,
    /// PKCS#7 or CMS (RFC 5652): certificates, as `.p7b` files have them.
    Pkcs7,
    /// PKCS#12 (RFC 7292): certificates and keys, as `.p12` and `.pfx` files have them.
    Pkcs12,
}

impl FileContent {
    /// What is in the bytes of a file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::in_file(bytes, &Pem::read(bytes))
    }

    /// What is in `bytes`, of which `pem` was read.
    pub(super) fn in_file(bytes: &[u8], pem: &Pem) -> Self {
        // The telling ones first: who names a file with a key and its certificate misses what is wrong with the key.
        let labels: Vec<Label> = pem.labels().collect();
        let labelled = LABELLED.iter().find(|(label, _)| labels.contains(label));
        match labelled {
            Some((_, content)) => *content,
            None if labels.is_empty() => Self::without_sections(bytes),
            None => Self::OtherPem,
        }
    }

    fn without_sections(bytes: &[u8]) -> Self {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Self::Nothing;
        }
        if JAVA_KEYSTORES.iter().any(|mark| bytes.starts_with(mark)) {
            return Self::JavaKeystore;
        }
        if let Some(content) = Self::of_der(bytes) {
            return content;
        }
        let starts_with = |mark: &[u8]| {
            let text = bytes.trim_ascii_start();
            text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
        };
        if starts_with(b"PuTTY-User-Key-File") {
            return Self::PuttyKey;
        }
        if starts_with(b"<!DOCTYPE html") || starts_with(b"<html") {
            return Self::WebPage;
        }
        let holds = |mark: &[u8]| bytes.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark));
        if holds(b"PRIVATE KEY") || holds(b"BEGIN CERTIFICATE") || holds(b"-----BEGIN") {
            return Self::DamagedBeginLine;
        }
        // 0x30 0x82 in base64: a SEQUENCE with a length of two bytes, as every certificate and RSA key begins.
        if starts_with(b"MII") { Self::BareBase64 } else { Self::Other }
    }

    /// What DER holds; `None` for what is no DER.
    #[must_use]
    pub fn of_der(bytes: &[u8]) -> Option<Self> {
        let sequence = Sequence::begun_by(bytes)?;
        match sequence.bytes {
            Some(expected) if expected > bytes.len() => {
                Some(Self::TruncatedDer { bytes: bytes.len(), expected })
            }
            _ => Some(object(bytes, sequence.content).map_or(Self::OtherDer, Self::Der)),
        }
    }
}

/// What a SEQUENCE in DER is; `content` is what stands after its length.
fn object(whole: &[u8], content: &[u8]) -> Option<CryptoObject> {
    if content.starts_with(VERSION_3) {
        return Some(CryptoObject::Pkcs12);
    }
    if content.starts_with(PKCS7_OID) {
        return Some(CryptoObject::Pkcs7);
    }
    let algorithm = Sequence::begun_by(content).map_or(&[][..], |algorithm| algorithm.content);
    if PASSWORD_OIDS.iter().any(|oid| algorithm.starts_with(oid)) {
        return Some(CryptoObject::EncryptedKey);
    }
    let readers: [(Reads, CryptoObject); 5] = [
        (|der| X509Certificate::from_der(der).is_ok(), CryptoObject::Certificate),
        (|der| PrivateKeyDer::try_from(der).is_ok_and(|key| KeyKind::of(&key).is_some()), CryptoObject::Key),
        (|der| X509CertificationRequest::from_der(der).is_ok(), CryptoObject::Request),
        (|der| SubjectPublicKeyInfo::from_der(der).is_ok(), CryptoObject::PublicKey),
        (|der| CertificateRevocationList::from_der(der).is_ok(), CryptoObject::RevocationList),
    ];
    readers.into_iter().find_map(|(reads, object)| reads(whole).then_some(object))
}

/// Whether bytes can be read as something.
type Reads = fn(&[u8]) -> bool;

/// The beginning of a SEQUENCE (X.690 section 8.1.3).
struct Sequence<'a> {
    /// All of it with its tag and length, in bytes; `None` where an end mark ends it, as BER allows.
    bytes: Option<usize>,
    /// What follows the length.
    content: &'a [u8],
}

impl<'a> Sequence<'a> {
    /// `None` where the bytes begin no SEQUENCE. One with a short length looks like text, so it has to be all there is.
    fn begun_by(bytes: &'a [u8]) -> Option<Self> {
        let [SEQUENCE, length, rest @ ..] = bytes else { return None };
        let digits = match length {
            ..=0x7F if usize::from(*length) <= rest.len() => 0,
            0x80 => return Some(Self { bytes: None, content: rest }),
            0x81..=0x83 => usize::from(length & 0x7F),
            _ => return None,
        };
        let content = rest.get(digits..)?;
        let size = match digits {
            0 => usize::from(*length),
            _ => rest.get(..digits)?.iter().fold(0, |size, byte| size << 8 | usize::from(*byte)),
        };
        let is_text = digits == 0 && size != rest.len() && bytes.is_ascii();
        (!is_text).then_some(Self { bytes: Some(2 + digits + size), content })
    }
}

impl fmt::Display for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "empty",
            Self::Pem(CryptoObject::Pkcs7) => "a PKCS#7 file in PEM",
            Self::Pem(object) => return object.fmt(f),
            Self::Der(object @ (CryptoObject::Pkcs7 | CryptoObject::Pkcs12)) => {
                return write!(f, "{object}, which is binary");
            }
            Self::Der(object) => return write!(f, "{object} in DER, which is binary"),
            Self::OtherDer => "DER, which is binary",
            Self::TruncatedDer { bytes, expected } => {
                return write!(f, "cut off: DER (binary) of which {bytes} of {expected} bytes are there");
            }
            Self::OpenSshKey => "a private key in OpenSSH's own format",
            Self::PuttyKey => "a key in PuTTY's own format",
            Self::JavaKeystore => "a keystore of Java (JKS)",
            Self::WebPage => "a web page (HTML)",
            Self::OtherPem => "PEM of another kind",
            Self::DamagedBeginLine => "PEM whose BEGIN line is damaged",
            Self::BareBase64 => "base64 without a BEGIN and an END line",
            Self::Other => "something else",
        })
    }
}

impl fmt::Display for CryptoObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "a private key",
            Self::EncryptedKey => "an encrypted private key",
            Self::PublicKey => "a public key",
            Self::Request => "a certificate signing request",
            Self::Certificate => "a certificate",
            Self::RevocationList => "a certificate revocation list",
            Self::Pkcs7 => "a PKCS#7 file",
            Self::Pkcs12 => "a PKCS#12 file",
        })
    }
}

/// What a label says is in a file, the most telling first.
const LABELLED: [(Label, FileContent); 13] = [
    (Label::EncryptedKey, FileContent::Pem(CryptoObject::EncryptedKey)),
    (Label::OpenSshKey, FileContent::OpenSshKey),
    (Label::Pkcs8Key, FileContent::Pem(CryptoObject::Key)),
    (Label::Pkcs1Key, FileContent::Pem(CryptoObject::Key)),
    (Label::Sec1Key, FileContent::Pem(CryptoObject::Key)),
    (Label::DsaKey, FileContent::Pem(CryptoObject::Key)),
    (Label::OtherKey, FileContent::Pem(CryptoObject::Key)),
    (Label::Pkcs7, FileContent::Pem(CryptoObject::Pkcs7)),
    (Label::Certificate, FileContent::Pem(CryptoObject::Certificate)),
    (Label::TrustedCertificate, FileContent::Pem(CryptoObject::Certificate)),
    (Label::Request, FileContent::Pem(CryptoObject::Request)),
    (Label::PublicKey, FileContent::Pem(CryptoObject::PublicKey)),
    (Label::RevocationList, FileContent::Pem(CryptoObject::RevocationList)),
];
const SEQUENCE: u8 = 0x30;
/// INTEGER 3: the version of every PKCS#12 file (RFC 7292 section 4), and of nothing else that is expected here.
const VERSION_3: &[u8] = &[0x02, 0x01, 0x03];
/// OBJECT IDENTIFIER 1.2.840.113549.1.7, without its last number: the content types of PKCS#7.
const PKCS7_OID: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];
/// The ways to encrypt a key by a pass phrase: PKCS#5 (RFC 8018) and PKCS#12 (RFC 7292 appendix C).
const PASSWORD_OIDS: [&[u8]; 2] = [
    &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05],
    &[0x06, 0x0A, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01],
];
/// How JKS and JCEKS files begin.
const JAVA_KEYSTORES: [&[u8]; 2] = [&[0xFE, 0xED, 0xFE, 0xED], &[0xCE; 4]];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cert::{KeyType, PrivateKey, Request, generate};

    #[test]
    fn der_that_is_cut_off_is_told_with_its_sizes_wherever_it_is_cut() {
        let der = generate(&Request { key_type: KeyType::P256, ..Request::book() }).unwrap().certificate;
        assert_eq!(FileContent::of(&der), FileContent::Der(CryptoObject::Certificate));
        for bytes in 4..der.len() {
            assert_eq!(
                FileContent::of(&der[..bytes]),
                FileContent::TruncatedDer { bytes, expected: der.len() }
            );
        }
        for bytes in 0..4 {
            assert!(!matches!(FileContent::of(&der[..bytes]), FileContent::Der(_)), "{bytes}");
        }
    }

    #[test]
    fn a_key_that_is_cut_off_is_told_with_its_sizes_and_never_taken_for_another_thing() {
        for key_type in [KeyType::P256, KeyType::Rsa2048] {
            let pem = PrivateKey::generate(key_type).unwrap().to_pem().unwrap();
            let key = Pem::read(pem.as_bytes()).decode(Label::is_plain_key).next().unwrap().unwrap().der;
            assert_eq!(FileContent::of(&key), FileContent::Der(CryptoObject::Key));
            for bytes in 0..key.len() {
                match FileContent::of(&key[..bytes]) {
                    FileContent::TruncatedDer { bytes: told, expected } => {
                        assert_eq!((told, expected), (bytes, key.len()));
                    }
                    // Its length is not whole: that could be anything.
                    other => assert!(bytes < 4 && !matches!(other, FileContent::Der(_)), "{bytes}: {other}"),
                }
            }
            for length in 0..pem.len() {
                let content = FileContent::of(&pem.as_bytes()[..length]);
                assert!(
                    !matches!(content, FileContent::Der(_) | FileContent::TruncatedDer { .. }),
                    "{content}"
                );
            }
        }
    }

    #[test]
    fn containers_are_known_by_their_first_bytes_in_der_and_in_ber() {
        for (start, object) in [(VERSION_3, CryptoObject::Pkcs12), (PKCS7_OID, CryptoObject::Pkcs7)] {
            let length = u8::try_from(start.len()).unwrap();
            let definite = [&[SEQUENCE, length], start].concat();
            let indefinite = [&[SEQUENCE, 0x80], start, &[0, 0]].concat();
            assert_eq!(
                [FileContent::of(&definite), FileContent::of(&indefinite)],
                [FileContent::Der(object); 2]
            );
        }
        let jceks = [0xCE, 0xCE, 0xCE, 0xCE, 0, 0];
        assert_eq!(FileContent::of(&jceks), FileContent::JavaKeystore);
    }

    #[test]
    fn texts_are_not_taken_for_der() {
        for (text, content) in [
            ("0 apples", FileContent::Other),
            ("0123456789", FileContent::Other),
            ("PuTTY-User-Key-File-3: ssh-rsa\n", FileContent::PuttyKey),
            ("\n<html>", FileContent::WebPage),
            ("-----BEGIN CERTIF", FileContent::DamagedBeginLine),
            ("-----BEGIN DH PARAMETERS-----\nMIIB\n-----END DH PARAMETERS-----\n", FileContent::OtherPem),
        ] {
            assert_eq!(FileContent::of(text.as_bytes()), content, "{text}");
        }
    }
}
