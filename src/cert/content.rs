//! What a file holds where a certificate or a key was expected: enough to say what to do, and no byte of it.

use std::fmt;

use super::pem::{Label, Pem};

/// What a file holds where something else was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileContent {
    /// Nothing.
    Nothing,
    /// DER (or another ASN.1 binary), not PEM.
    Der,
    /// A private key that a pass phrase protects.
    EncryptedKey,
    /// A private key as OpenSSH writes it.
    OpenSshKey,
    /// A private key.
    Key,
    /// A public key.
    PublicKey,
    /// A certificate signing request.
    Request,
    /// A certificate.
    Certificate,
    /// A BEGIN line that is not what RFC 7468 says.
    DamagedBeginLine,
    /// Base64 that decodes to DER, without a BEGIN line.
    BareBase64,
    /// Something else.
    Other,
}

impl FileContent {
    /// What is in `bytes`, of which `pem` was read.
    pub(super) fn in_file(bytes: &[u8], pem: &Pem) -> Self {
        let of = |wanted: fn(Label) -> Option<Self>| pem.labels().find_map(wanted);
        // The telling ones first: who names a file with a key and its certificate misses what is wrong with the key.
        let labelled = of(encrypted).or_else(|| of(key)).or_else(|| of(public));
        labelled.unwrap_or_else(|| Self::without_sections(bytes))
    }

    fn without_sections(bytes: &[u8]) -> Self {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Self::Nothing;
        }
        if starts_with_der(bytes) {
            return Self::Der;
        }
        let holds = |mark: &[u8]| bytes.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark));
        if holds(b"PRIVATE KEY") || holds(b"BEGIN CERTIFICATE") {
            return Self::DamagedBeginLine;
        }
        // 0x30 0x82 in base64: a SEQUENCE with a length of two bytes, as every certificate and RSA key begins.
        if bytes.trim_ascii_start().starts_with(b"MII") { Self::BareBase64 } else { Self::Other }
    }
}

fn encrypted(label: Label) -> Option<FileContent> {
    (label == Label::EncryptedKey).then_some(FileContent::EncryptedKey)
}

fn key(label: Label) -> Option<FileContent> {
    match label {
        Label::OpenSshKey => Some(FileContent::OpenSshKey),
        Label::Pkcs8Key | Label::Pkcs1Key | Label::Sec1Key | Label::OtherKey => Some(FileContent::Key),
        _ => None,
    }
}

fn public(label: Label) -> Option<FileContent> {
    match label {
        Label::PublicKey => Some(FileContent::PublicKey),
        Label::Request => Some(FileContent::Request),
        Label::Certificate | Label::TrustedCertificate => Some(FileContent::Certificate),
        _ => None,
    }
}

impl fmt::Display for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "empty",
            Self::Der => "DER, which is binary",
            Self::EncryptedKey => "an encrypted private key",
            Self::OpenSshKey => "a private key in OpenSSH's own format",
            Self::Key => "a private key",
            Self::PublicKey => "a public key",
            Self::Request => "a certificate signing request",
            Self::Certificate => "a certificate",
            Self::DamagedBeginLine => "PEM whose BEGIN line is damaged",
            Self::BareBase64 => "base64 without a BEGIN and an END line",
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
