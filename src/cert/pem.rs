//! PEM (RFC 7468) as people really have it: pasted, indented, quoted, with its line breaks escaped or lost on the way
//! through an environment variable or YAML.
//!
//! What can be undone without doubt is undone, and said to be odd. What can't is named as a kind of damage: neither a
//! [`Damage`] nor an [`Oddity`] ever holds a byte of the text, since the text may be a private key.

mod body;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt, ops::Range};

use x509_parser::asn1_rs::{Any, FromDer as _};
use zeroize::Zeroizing;

use self::body::decode_body;
use crate::text::{self, Encoding};

/// What the label of a section promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Label {
    /// `CERTIFICATE`, or its older name `X509 CERTIFICATE`.
    Certificate,
    /// OpenSSL's `TRUSTED CERTIFICATE`: a certificate, then what OpenSSL trusts it for.
    TrustedCertificate,
    /// `PRIVATE KEY`: PKCS#8 (RFC 5958).
    Pkcs8Key,
    /// `RSA PRIVATE KEY`: PKCS#1 (RFC 8017).
    Pkcs1Key,
    /// `EC PRIVATE KEY`: SEC 1 (RFC 5915).
    Sec1Key,
    /// A private key that a pass phrase protects: `ENCRYPTED PRIVATE KEY`, or another one with `Proc-Type: 4,ENCRYPTED`.
    EncryptedKey,
    /// `OPENSSH PRIVATE KEY`.
    OpenSshKey,
    /// `DSA PRIVATE KEY`.
    DsaKey,
    /// A private key of another kind.
    OtherKey,
    /// `PUBLIC KEY` and its variants.
    PublicKey,
    /// `CERTIFICATE REQUEST` and its older name `NEW CERTIFICATE REQUEST`.
    Request,
    /// `PKCS7` and its variants, and `CMS`: certificates in a form of their own.
    Pkcs7,
    /// `X509 CRL`.
    RevocationList,
    /// Anything else.
    Other,
}

impl Label {
    /// `text` is the label without its spaces.
    fn of(text: &str) -> Self {
        match text {
            "CERTIFICATE" | "X509CERTIFICATE" => Self::Certificate,
            "TRUSTEDCERTIFICATE" => Self::TrustedCertificate,
            "PRIVATEKEY" => Self::Pkcs8Key,
            "RSAPRIVATEKEY" => Self::Pkcs1Key,
            "ECPRIVATEKEY" => Self::Sec1Key,
            "ENCRYPTEDPRIVATEKEY" => Self::EncryptedKey,
            "OPENSSHPRIVATEKEY" => Self::OpenSshKey,
            "CERTIFICATEREQUEST" | "NEWCERTIFICATEREQUEST" => Self::Request,
            "PKCS7" | "PKCS#7SIGNEDDATA" | "CMS" => Self::Pkcs7,
            "X509CRL" => Self::RevocationList,
            "DSAPRIVATEKEY" => Self::DsaKey,
            text if text.ends_with("PRIVATEKEY") => Self::OtherKey,
            text if text.ends_with("PUBLICKEY") => Self::PublicKey,
            _ => Self::Other,
        }
    }

    /// Whether a section of this kind holds a private key that needs no pass phrase and that TLS can use.
    pub(super) fn is_plain_key(self) -> bool {
        matches!(self, Self::Pkcs8Key | Self::Pkcs1Key | Self::Sec1Key)
    }

    /// Whether a section of this kind holds a certificate.
    pub(super) fn is_certificate(self) -> bool {
        matches!(self, Self::Certificate | Self::TrustedCertificate)
    }
}

/// What is odd about a text that could be read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Oddity {
    /// It starts with a byte-order mark.
    ByteOrderMark,
    /// It is UTF-16.
    Utf16,
    /// It is base64 of the PEM text, as Kubernetes keeps secrets.
    EncodedTwice,
    /// `X509 CERTIFICATE` and `TRUSTED CERTIFICATE` are labels of old.
    UnusualLabel,
    /// The spaces in the BEGIN line are missing.
    LabelWithoutSpaces,
    /// The BEGIN line does not begin its line.
    TextBeforeBegin,
    /// Line breaks are the two characters `\n`.
    EscapedLineBreaks,
    /// Line breaks are spaces, or not there.
    MissingLineBreaks,
    /// Lines begin with spaces.
    Indentation,
    /// Quotes, commas or backslashes stand around the lines.
    Quotes,
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "it starts with a byte-order mark",
            Self::Utf16 => "it is UTF-16 text",
            Self::EncodedTwice => "it is base64 of a PEM file",
            Self::UnusualLabel => "it is labelled in an old way",
            Self::LabelWithoutSpaces => "the spaces in its BEGIN line are missing",
            Self::TextBeforeBegin => "other text stands before its BEGIN line",
            Self::EscapedLineBreaks => "its line breaks are written as \\n",
            Self::MissingLineBreaks => "its line breaks are missing",
            Self::Indentation => "its lines are indented",
            Self::Quotes => "it is quoted",
        })
    }
}

/// Why a section can't be read. Says nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// There is a BEGIN line and no END line.
    #[error("its END line is missing, so the file was probably cut off")]
    NoEnd,
    /// Another label in the END line than in the BEGIN line.
    #[error("its BEGIN line and its END line name different things")]
    OtherEnd,
    /// Nothing between the two lines.
    #[error("there is nothing between its BEGIN line and its END line")]
    Empty,
    /// What is between the two lines is not base64.
    #[error("the text between its BEGIN line and its END line is not base64")]
    NotBase64,
}

/// Whether a word of a command line is a private key, or looks like one, where a file's name was meant: a shell's
/// `--key "$KEY"`. Such a word must not be shown. A certificate may be: it is public, and may be a request's body.
#[must_use]
pub fn is_private_key(word: &[u8]) -> bool {
    if word.len() < SHORTEST_KEY {
        return false;
    }
    let holds = |mark: &[u8]| word.windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark));
    holds(b"PRIVATE KEY") || holds(b"PRIVATEKEY") || begins_as_key(&body::decoded_start(word))
}

/// Whether there is a private key in a file that may hold anything else: by the line with which one begins in PEM (RFC 7468,
/// sections 10 and 11), wherever that stands.
#[must_use]
pub fn has_private_key(file: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = find(file, BEGIN, from) {
        from = at + 1;
        let line = file.get(at..(at + LONGEST_LABEL).min(file.len())).unwrap_or_default();
        if find(line, b"PRIVATE KEY-----", 0).is_some() {
            return true;
        }
    }
    false
}

/// Whether base64 decodes to the beginning of a private key: a SEQUENCE whose first element is version 0 or 1 (PKCS#8,
/// PKCS#1, SEC 1), where a certificate has another SEQUENCE; or a key's BEGIN line, encoded once more.
fn begins_as_key(bytes: &[u8]) -> bool {
    let content = match bytes {
        [0x30, 0x82, _, _, content @ ..] | [0x30, 0x81, _, content @ ..] | [0x30, ..=0x7F, content @ ..] => {
            content
        }
        _ => return find(bytes, b"PRIVATE KEY", 0).is_some(),
    };
    matches!(content, [2, 1, 0 | 1, ..])
}

/// A text, taken apart into sections. Nothing is decoded yet, so damage in one section does not keep another from being
/// read. The copy of the text is erased when dropped.
pub struct Pem {
    text: Zeroizing<Vec<u8>>,
    sections: Vec<Section>,
    oddities: BTreeSet<Oddity>,
}

/// A section of a [`Pem`].
struct Section {
    label: Label,
    /// Of the text: what is between the two lines.
    body: Range<usize>,
    end: Result<(), Damage>,
    oddities: BTreeSet<Oddity>,
}

/// A section that could be decoded; its bytes are erased when dropped.
pub struct Decoded {
    /// What it says it is.
    pub label: Label,
    /// The bytes: DER, if the label is right.
    pub der: Zeroizing<Vec<u8>>,
    /// What was odd about it and the text that it is in.
    pub oddities: BTreeSet<Oddity>,
}

impl Pem {
    /// Takes a text apart. Never fails: a text without sections has none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let (text, oddities) = to_utf8(bytes);
        let sections = sections(&text);
        if sections.is_empty()
            && let Some(inner) = decoded_text(&text)
        {
            let mut inner = Self::read(&inner);
            inner.oddities.extend(oddities);
            inner.oddities.insert(Oddity::EncodedTwice);
            return inner;
        }
        Self { text, sections, oddities }
    }

    /// The labels of the sections, in their order.
    pub fn labels(&self) -> impl Iterator<Item = Label> {
        self.sections.iter().map(|section| section.label)
    }

    /// Decodes the sections with a label that is `wanted`, in their order.
    pub fn decode(&self, wanted: impl Fn(Label) -> bool) -> impl Iterator<Item = Result<Decoded, Damage>> {
        let wanted = move |section: &&Section| wanted(section.label);
        self.sections.iter().filter(wanted).map(|section| self.decoded(section))
    }

    fn decoded(&self, section: &Section) -> Result<Decoded, Damage> {
        section.end?;
        let body = self.text.get(section.body.clone()).unwrap_or_default();
        let (mut der, mut oddities) = decode_body(body)?;
        if section.label == Label::TrustedCertificate {
            let whole = der.len();
            let rest = Any::from_der(&der).map_or(0, |(rest, _)| rest.len());
            der.truncate(whole - rest);
        }
        oddities.extend(&section.oddities);
        oddities.extend(&self.oddities);
        Ok(Decoded { label: section.label, der, oddities })
    }
}

/// The number of sections: the text may hold a private key.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({} sections)", self.sections.len())
    }
}

/// The label: the bytes may be a private key.
impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoded({:?})", self.label)
    }
}

/// The text without a byte-order mark, from UTF-16 if it is that. Everything that matters is ASCII.
fn to_utf8(bytes: &[u8]) -> (Zeroizing<Vec<u8>>, BTreeSet<Oddity>) {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.as_chunks::<2>().0.iter();
        units.map(|pair| u8::try_from(unit(*pair)).unwrap_or(NOT_ASCII)).collect()
    };
    let (text, oddity) = match (text::encoding(bytes), bytes) {
        ((Encoding::MarkedUtf8, rest), _) => (rest.to_vec(), Some(Oddity::ByteOrderMark)),
        ((Encoding::Utf16Le, rest), _) => (utf16(rest, u16::from_le_bytes), Some(Oddity::Utf16)),
        ((Encoding::Utf16Be, rest), _) => (utf16(rest, u16::from_be_bytes), Some(Oddity::Utf16)),
        (_, [b'-', 0, ..]) => (utf16(bytes, u16::from_le_bytes), Some(Oddity::Utf16)),
        (_, [0, b'-', ..]) => (utf16(bytes, u16::from_be_bytes), Some(Oddity::Utf16)),
        _ => (bytes.to_vec(), None),
    };
    (Zeroizing::new(text), oddity.into_iter().collect())
}

/// What a text decodes to that is nothing but the base64 of a PEM text.
fn decoded_text(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (decoded, _) = decode_body(text).ok()?;
    let begins = decoded.windows(BEGIN.len()).take(MOST_BEFORE_BEGIN).any(|window| window == BEGIN);
    begins.then_some(decoded)
}

fn sections(text: &[u8]) -> Vec<Section> {
    let (mut sections, mut from) = (Vec::new(), 0);
    while let Some(begin) = find(text, BEGIN, from) {
        let Some(line) = Boundary::read(text, begin, BEGIN) else {
            from = begin + BEGIN.len();
            continue;
        };
        let before = text.get(from..begin).unwrap_or_default();
        let section = section(text, &line, line_start(before));
        from = section.body.end;
        sections.push(section);
    }
    sections
}

/// The section that the BEGIN line `begin` begins; `before` is what stands before it on the same line.
fn section(text: &[u8], begin: &Boundary, before: &[u8]) -> Section {
    let next = find(text, DASHES, begin.after).unwrap_or(text.len());
    let body = begin.after..next;
    let end = match Boundary::read(text, next, END) {
        Some(end) if end.label == begin.label => Ok(()),
        Some(_) => Err(Damage::OtherEnd),
        None => Err(Damage::NoEnd),
    };
    let mut oddities = begin.oddities();
    oddities.extend(around(before));
    let is_encrypted = find(text.get(body.clone()).unwrap_or_default(), PROC_TYPE, 0).is_some();
    let label = if is_encrypted { Label::EncryptedKey } else { Label::of(&begin.label) };
    Section { label, body, end, oddities }
}

/// A BEGIN or END line.
struct Boundary {
    /// The label without spaces.
    label: String,
    spaces: usize,
    /// Where in the text it ends.
    after: usize,
}

impl Boundary {
    /// Reads the line at `at`, which starts with `mark`; `None` if none is there.
    fn read(text: &[u8], at: usize, mark: &[u8]) -> Option<Self> {
        let from = at + mark.len();
        let rest = text.get(at..)?.strip_prefix(mark)?;
        let length = rest.windows(DASHES.len()).take(LONGEST_LABEL).position(|window| window == DASHES)?;
        let label = rest.get(..length)?;
        let is_label =
            |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'#');
        label.iter().all(is_label).then(|| Self {
            label: label.iter().filter(|byte| **byte != b' ').map(|byte| char::from(*byte)).collect(),
            spaces: label.iter().filter(|byte| **byte == b' ').count(),
            after: from + length + DASHES.len(),
        })
    }

    fn oddities(&self) -> BTreeSet<Oddity> {
        let unusual = matches!(self.label.as_str(), "X509CERTIFICATE" | "TRUSTEDCERTIFICATE");
        let joined = self.spaces == 0;
        let unusual = unusual.then_some(Oddity::UnusualLabel);
        unusual.into_iter().chain(joined.then_some(Oddity::LabelWithoutSpaces)).collect()
    }
}

/// What the text before a BEGIN line on the same line tells.
fn around(before: &[u8]) -> Option<Oddity> {
    match before {
        [] => None,
        before if before.iter().all(|byte| matches!(byte, b' ' | b'\t')) => Some(Oddity::Indentation),
        [.., b'"' | b'\''] => Some(Oddity::Quotes),
        _ => Some(Oddity::TextBeforeBegin),
    }
}

/// The last line of `text`.
fn line_start(text: &[u8]) -> &[u8] {
    text.rsplit(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default()
}

fn find(text: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(what.len()).position(|window| window == what).map(|at| from + at)
}

const BEGIN: &[u8] = b"-----BEGIN";
const END: &[u8] = b"-----END";
const DASHES: &[u8] = b"-----";
/// How OpenSSL marks traditional keys that a pass phrase protects (RFC 1421 section 4.6.1.1).
const PROC_TYPE: &[u8] = b"Proc-Type: 4,ENCRYPTED";
/// The shortest key, of P-256 without its public half, has more characters in base64.
const SHORTEST_KEY: usize = 80;
/// Longer than any label that is registered.
const LONGEST_LABEL: usize = 64;
/// How far into a decoded text its BEGIN line may be, in bytes: a chain has lines about its subject before it.
const MOST_BEFORE_BEGIN: usize = 1024;
/// Stands for a character that no PEM has; in UTF-16 each takes two bytes.
const NOT_ASCII: u8 = 0x1A;
