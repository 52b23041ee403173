//! What is in a file of certificates and keys, or in what a server shows: described without a byte of any private key.

use rustls::{
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer},
};
use serde::Serialize;
use time::OffsetDateTime;
use x509_parser::{
    certification_request::X509CertificationRequest, extensions::ParsedExtension, prelude::FromDer as _,
};

use esp_https_provision::{Image, PARTITION_BYTES, ParseError, Payload};

use super::{
    Fingerprint,
    acceptance::{Acceptance, acceptances},
    content::{CryptoObject, FileContent},
    facts::{Certificate, CertificateError, PublicKeyInfo, general_name, key_info},
    key_kind::KeyKind,
    pem::{Damage, Label, Pem},
};

/// What was found.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// Where: the file, or the server.
    pub source: String,
    /// In which form.
    pub form: InspectedForm,
    /// What, in its order; never empty.
    pub items: Vec<InspectedItem>,
    /// What is odd about the file, in sentences without a full stop.
    pub oddities: Vec<String>,
}

/// The form in which something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InspectedForm {
    /// PEM (RFC 7468).
    Pem,
    /// DER.
    Der,
    /// The image of a board's provisioning partition (`esp_secure_cert`).
    EspSecureCert,
    /// A handshake of TLS.
    Tls,
}

/// One thing.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum InspectedItem {
    /// A certificate.
    Certificate(Box<InspectedCertificate>),
    /// A private key: its kind, and nothing else.
    PrivateKey(InspectedKey),
    /// A certificate signing request (RFC 2986).
    Request(InspectedRequest),
    /// The settings in a provisioning image.
    Settings {
        /// The host name of the board.
        hostname: String,
    },
    /// Something that is only named.
    Other {
        /// What it is, e.g. `a PKCS#12 file, which is binary`.
        what: String,
    },
}

/// A certificate, and who accepts it.
#[derive(Debug, Serialize)]
pub struct InspectedCertificate {
    /// What it is for, where its place says so, e.g. `the CA of clients`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<&'static str>,
    /// Its fields, as `probe` has them.
    pub certificate: Certificate,
    /// Who accepts it as a server's; empty for a CA's that only signs others.
    pub accepted_by: Vec<Acceptance>,
}

/// A private key.
#[derive(Debug, Serialize)]
pub struct InspectedKey {
    /// Its kind, e.g. `RSA-2048`; null where it is encrypted, or of a kind that is not known.
    pub key_kind: Option<String>,
    /// Whether a passphrase protects it.
    pub encrypted: bool,
    /// SHA-256 of its public key (`SubjectPublicKeyInfo`); null where that can't be told.
    pub spki_sha256: Option<Fingerprint>,
    /// The certificate in the same file that it belongs to, counted from 1.
    pub certificate: Option<usize>,
}

/// A certificate signing request.
#[derive(Debug, Serialize)]
pub struct InspectedRequest {
    /// The subject that is asked for.
    pub subject: String,
    /// The subject alternative names that are asked for.
    pub names: Vec<String>,
    /// The public key.
    pub key: PublicKeyInfo,
    /// Whether it is signed with its own key, as it has to be.
    pub signed: bool,
}

/// Why nothing can be said of a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotInspectable {
    /// There is nothing of cryptography in it.
    #[error("it is {0}")]
    Content(FileContent),
    /// The PEM armour or its base64 is damaged.
    #[error("its PEM is damaged: {0}")]
    Pem(#[from] Damage),
    /// What is labelled as a certificate is none.
    #[error("certificate {number} in it: {source}")]
    Certificate {
        /// Which one, counted from 1.
        number: usize,
        /// What is wrong with it.
        source: CertificateError,
    },
    /// What is labelled as a request is none.
    #[error("its certificate signing request is damaged")]
    Request,
    /// The image of a partition is damaged.
    #[error("it is the image of a provisioning partition (esp_secure_cert), and damaged: {0}")]
    Image(ParseError),
}

/// Reads a file, as of `now` for the validity of certificates.
///
/// # Errors
/// [`NotInspectable`].
pub fn inspect(source: String, bytes: &[u8], now: OffsetDateTime) -> Result<Inspection, NotInspectable> {
    let mut reader = Reader { now, items: Vec::new(), chain: Vec::new(), keys: Vec::new() };
    let mut oddities = Vec::new();
    let form = if bytes.starts_with(&IMAGE_MAGIC.to_le_bytes()) {
        reader.image(bytes)?;
        InspectedForm::EspSecureCert
    } else if let FileContent::Der(object) = FileContent::of(bytes) {
        reader.der(object, bytes)?;
        InspectedForm::Der
    } else {
        oddities = reader.pem(bytes)?;
        InspectedForm::Pem
    };
    if reader.items.is_empty() {
        return Err(NotInspectable::Content(FileContent::of(bytes)));
    }
    reader.match_keys();
    Ok(Inspection { source, form, items: reader.items, oddities })
}

/// Describes the certificates that a server has shown, its own first.
///
/// # Errors
/// [`NotInspectable::Certificate`].
pub fn inspect_chain(
    source: String,
    chain: &[CertificateDer<'_>],
    now: OffsetDateTime,
) -> Result<Inspection, NotInspectable> {
    let mut reader = Reader { now, items: Vec::new(), chain: Vec::new(), keys: Vec::new() };
    chain.iter().try_for_each(|certificate| reader.certificate(certificate, None))?;
    Ok(Inspection { source, form: InspectedForm::Tls, items: reader.items, oddities: Vec::new() })
}

/// What has been read so far.
struct Reader {
    now: OffsetDateTime,
    items: Vec<InspectedItem>,
    chain: Vec<CertificateDer<'static>>,
    /// The places of private keys in `items`, with the certificates of which they may be.
    keys: Vec<(usize, Vec<u8>)>,
}

impl Reader {
    fn pem(&mut self, bytes: &[u8]) -> Result<Vec<String>, NotInspectable> {
        let pem = Pem::read(bytes);
        let mut oddities = std::collections::BTreeSet::new();
        for decoded in pem.decode(|_| true) {
            let decoded = decoded?;
            oddities.extend(decoded.oddities.iter().copied());
            let der = &decoded.der;
            match decoded.label {
                label if label.is_certificate() => self.certificate(der, None)?,
                Label::Pkcs8Key => self.key(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.as_slice()))),
                Label::Pkcs1Key => self.key(&PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(der.as_slice()))),
                Label::Sec1Key => self.key(&PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(der.as_slice()))),
                Label::EncryptedKey => self.encrypted_key(),
                Label::Request => self.request(der)?,
                _ => self.other(FileContent::in_file(bytes, &pem)),
            }
        }
        Ok(oddities.iter().map(ToString::to_string).collect())
    }

    fn der(&mut self, object: CryptoObject, der: &[u8]) -> Result<(), NotInspectable> {
        match (object, PrivateKeyDer::try_from(der)) {
            (CryptoObject::Certificate, _) => self.certificate(der, None)?,
            (CryptoObject::Key, Ok(key)) => self.key(&key),
            (CryptoObject::EncryptedKey, _) => self.encrypted_key(),
            (CryptoObject::Request, _) => self.request(der)?,
            (other, _) => self.other(FileContent::Der(other)),
        }
        Ok(())
    }

    /// The image of a partition; a file that ends before its partition does is taken as if it were erased from there on.
    fn image(&mut self, bytes: &[u8]) -> Result<(), NotInspectable> {
        let mut partition = zeroize::Zeroizing::new(bytes.to_vec());
        if partition.len() < PARTITION_BYTES {
            partition.resize(PARTITION_BYTES, ERASED);
        }
        let image = Image::parse(&partition).map_err(NotInspectable::Image)?;
        self.payload(&image.certificate, None)?;
        self.payload(&image.key, None)?;
        if let Some(authority) = &image.client_ca {
            self.payload(authority, Some("the CA of clients"))?;
        }
        let hostname = image.settings.hostname.to_string();
        self.items.push(InspectedItem::Settings { hostname });
        Ok(())
    }

    fn payload(&mut self, payload: &Payload<'_>, place: Option<&'static str>) -> Result<(), NotInspectable> {
        let before = self.items.len();
        match payload {
            Payload::Pem(text) => drop(self.pem(text.to_bytes())?),
            Payload::Der(der) => match FileContent::of_der(der) {
                Some(FileContent::Der(object)) => self.der(object, der)?,
                other => return Err(NotInspectable::Content(other.unwrap_or(FileContent::Other))),
            },
        }
        for item in self.items.iter_mut().skip(before) {
            if let InspectedItem::Certificate(certificate) = item {
                certificate.place = place;
            }
        }
        Ok(())
    }

    fn certificate(&mut self, der: &[u8], place: Option<&'static str>) -> Result<(), NotInspectable> {
        let number = self.chain.len() + 1;
        let certificate = Certificate::read(der, self.now)
            .map_err(|source| NotInspectable::Certificate { number, source })?;
        let accepted_by = acceptances(der, &certificate);
        self.chain.push(CertificateDer::from(der.to_vec()));
        let inspected = InspectedCertificate { place, certificate, accepted_by };
        self.items.push(InspectedItem::Certificate(Box::new(inspected)));
        Ok(())
    }

    fn key(&mut self, der: &PrivateKeyDer<'_>) {
        let public = any_supported_type(der).ok().and_then(|key| key.public_key().map(|key| key.to_vec()));
        if let Some(public) = &public {
            self.keys.push((self.items.len(), public.clone()));
        }
        self.items.push(InspectedItem::PrivateKey(InspectedKey {
            key_kind: KeyKind::of(der).map(|kind| kind.to_string()),
            encrypted: false,
            spki_sha256: public.map(|public| Fingerprint::of_spki(&public)),
            certificate: None,
        }));
    }

    fn encrypted_key(&mut self) {
        let key = InspectedKey { key_kind: None, encrypted: true, spki_sha256: None, certificate: None };
        self.items.push(InspectedItem::PrivateKey(key));
    }

    fn request(&mut self, der: &[u8]) -> Result<(), NotInspectable> {
        let Ok(([], request)) = X509CertificationRequest::from_der(der) else {
            return Err(NotInspectable::Request);
        };
        let info = &request.certification_request_info;
        let names =
            request.requested_extensions().into_iter().flatten().flat_map(|extension| match extension {
                ParsedExtension::SubjectAlternativeName(names) => {
                    names.general_names.iter().map(general_name).collect()
                }
                _ => Vec::new(),
            });
        self.items.push(InspectedItem::Request(InspectedRequest {
            subject: info.subject.to_string(),
            names: names.collect(),
            key: key_info(&info.subject_pki),
            signed: request.verify_signature().is_ok(),
        }));
        Ok(())
    }

    fn other(&mut self, content: FileContent) {
        self.items.push(InspectedItem::Other { what: content.to_string() });
    }

    /// Says of each key which certificate it belongs to.
    fn match_keys(&mut self) {
        for (place, public) in &self.keys {
            let own = self.chain.iter().position(|certificate| {
                Fingerprint::of_public_key(certificate)
                    .is_ok_and(|found| found == Fingerprint::of_spki(public))
            });
            if let Some(InspectedItem::PrivateKey(key)) = self.items.get_mut(*place) {
                key.certificate = own.map(|index| index + 1);
            }
        }
    }
}

/// Begins each entry of the image (`ESP_SECURE_CERT_TLV_MAGIC`).
const IMAGE_MAGIC: u32 = 0xBA5E_BA11;
const ERASED: u8 = 0xFF;

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::cert::{KeyType, Passphrase, PrivateKey, Request, certify};

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn read(bytes: &[u8]) -> Result<Inspection, NotInspectable> {
        inspect("file".to_owned(), bytes, NOW)
    }

    #[test]
    fn a_pair_in_one_file_is_told_with_what_belongs_together_and_no_byte_of_the_key() {
        let request = Request { key_type: KeyType::P256, ..Request::server(None, Vec::new()) };
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let pair = certify(&request, &key, NOW).unwrap();
        let text = format!("{}{}", *pair.private_key_pem, pair.certificate_pem);
        let found = read(text.as_bytes()).unwrap();
        let [InspectedItem::PrivateKey(key), InspectedItem::Certificate(certificate)] =
            found.items.as_slice()
        else {
            panic!("{found:?}");
        };
        assert_eq!((key.certificate, key.key_kind.as_deref()), (Some(1), Some("ECDSA on P-256")));
        assert_eq!(key.spki_sha256, Some(certificate.certificate.spki_sha256));
        let said = serde_json::to_string(&found).unwrap();
        for line in pair.private_key_pem.lines().filter(|line| !line.starts_with('-')) {
            assert!(!said.contains(line) && !format!("{found:?}").contains(line));
        }
        for length in 0..text.len() {
            // A part is something or nothing, and never a panic.
            drop(read(&text.as_bytes()[..length]));
        }
        for length in 0..pair.certificate.len() {
            assert!(read(&pair.certificate[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_key_that_a_passphrase_protects_is_named_and_stays_closed() {
        let key = PrivateKey::generate(KeyType::P256).unwrap();
        let pem = key.to_protected_pem(&Passphrase::parse(b"x").unwrap()).unwrap();
        let found = read(pem.as_bytes()).unwrap();
        assert!(matches!(found.items.as_slice(), [InspectedItem::PrivateKey(key)] if key.encrypted));
    }

    #[test]
    fn a_request_is_told_and_refused_wherever_it_is_cut() {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(["kitchen.local".to_owned()]).unwrap();
        let der = params.serialize_request(&key).unwrap().der().to_vec();
        let found = read(&der).unwrap();
        let [InspectedItem::Request(request)] = found.items.as_slice() else { panic!("{found:?}") };
        assert!(request.signed && request.names == ["dns:kitchen.local"], "{request:?}");
        for length in 0..der.len() {
            assert!(read(&der[..length]).is_err(), "{length} bytes");
        }
        let mut forged = der.clone();
        let last = forged.len() - 1;
        forged[last] ^= 1;
        let found = read(&forged).unwrap();
        assert!(matches!(found.items.as_slice(), [InspectedItem::Request(request)] if !request.signed));
    }

    #[test]
    fn what_is_nothing_of_cryptography_is_said_to_be_something_else() {
        for (bytes, said) in [
            (&b""[..], "it is empty"),
            (b"hello", "it is something else"),
            (b"<html>", "it is a web page (HTML)"),
        ] {
            assert_eq!(read(bytes).err().unwrap().to_string(), said);
        }
        let mut image = IMAGE_MAGIC.to_le_bytes().to_vec();
        image.extend([0; 40]);
        for length in 4..image.len() {
            let error = read(&image[..length]).err().unwrap().to_string();
            assert!(error.starts_with("it is the image of a provisioning partition"), "{error}");
        }
    }
}
