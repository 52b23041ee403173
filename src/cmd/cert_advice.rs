//! What helps where a file does not hold the certificate or the key that was expected: most often the command that converts it.

use std::path::Path;

use crate::cert::{
    LoadError,
    load::{CryptoObject, FileContent},
    openssl::quote_path,
};
use crate::error::Code;

/// What was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Certificate,
    Key,
}

/// The code, and what to do, where the file tells enough for that.
pub(super) fn advice(error: &LoadError) -> Option<(Code, String)> {
    match error {
        LoadError::NoCertificate { path, found } => for_content(*found, Wanted::Certificate, path),
        LoadError::NoKey { path, found } => for_content(*found, Wanted::Key, path),
        LoadError::KeyMismatch { place: Some(place), .. } => Some((
            Code::CERT_KEY_MISMATCH,
            format!("put certificate {place} first in that file; the one that issued it comes next"),
        )),
        LoadError::Pem { .. }
        | LoadError::Damaged { found: FileContent::TruncatedDer { .. } | FileContent::Other, .. } => {
            Some((Code::CERT_DAMAGED, COPY_AGAIN.to_owned()))
        }
        _ => None,
    }
}

fn for_content(found: FileContent, wanted: Wanted, path: &Path) -> Option<(Code, String)> {
    let (from, to) = (quote_path(path), quote_path(&converted(path, wanted)));
    match found {
        FileContent::TruncatedDer { .. } => Some((Code::CERT_DAMAGED, COPY_AGAIN.to_owned())),
        FileContent::DamagedBeginLine => {
            let label = wanted.label();
            let text = format!(
                "its first line must be -----BEGIN {label}----- and its last -----END {label}-----\n\
                 if they are not there, the file is cut off: copy it again"
            );
            Some((Code::CERT_DAMAGED, text))
        }
        FileContent::BareBase64 => Some((
            Code::CERT_NOT_PEM,
            format!(
                "put -----BEGIN {0}----- before it and -----END {0}----- after it, if it is one",
                wanted.label()
            ),
        )),
        FileContent::WebPage => Some((
            wanted.code(),
            "download the file itself: what the browser saved is the page about it".to_owned(),
        )),
        FileContent::JavaKeystore => Some((Code::CERT_NOT_PEM, of_java(wanted, &from, &to))),
        FileContent::Pem(object) => in_pem(object, wanted, &from, &to),
        FileContent::Der(object) => in_der(object, wanted, &from, &to),
        FileContent::OpenSshKey if wanted == Wanted::Key => Some((
            Code::CERT_NO_KEY,
            format!("convert a copy of it, which this replaces: ssh-keygen -p -m PKCS8 -N '' -f {from}"),
        )),
        FileContent::PuttyKey if wanted == Wanted::Key => {
            Some((Code::CERT_NO_KEY, format!("puttygen {from} -O private-openssh -o {to}")))
        }
        _ => None,
    }
}

fn in_pem(object: CryptoObject, wanted: Wanted, from: &str, to: &str) -> Option<(Code, String)> {
    match (object, wanted) {
        (CryptoObject::Pkcs7, _) => Some(of_pkcs7(wanted, "", from, to)),
        (CryptoObject::EncryptedKey, Wanted::Key) => {
            Some((Code::CERT_KEY_ENCRYPTED, format!("decrypt it first: openssl pkey -in {from} -out {to}")))
        }
        (CryptoObject::Request, Wanted::Certificate) => Some(unsigned("", from, to)),
        _ => None,
    }
}

fn in_der(object: CryptoObject, wanted: Wanted, from: &str, to: &str) -> Option<(Code, String)> {
    let not_pem = |command: String| Some((Code::CERT_NOT_PEM, command));
    match (object, wanted) {
        (CryptoObject::Pkcs12, _) => not_pem(format!("{}\n{LEGACY}", of_pkcs12(wanted, from, to))),
        (CryptoObject::Pkcs7, _) => Some(of_pkcs7(wanted, " -inform DER", from, to)),
        (CryptoObject::Certificate, Wanted::Certificate) => {
            not_pem(format!("openssl x509 -inform DER -in {from} -out {to}"))
        }
        (CryptoObject::Key, Wanted::Key) => not_pem(format!("openssl pkey -inform DER -in {from} -out {to}")),
        (CryptoObject::EncryptedKey, Wanted::Key) => Some((
            Code::CERT_KEY_ENCRYPTED,
            format!("decrypt it first: openssl pkey -inform DER -in {from} -out {to}"),
        )),
        (CryptoObject::Request, Wanted::Certificate) => Some(unsigned(" -inform DER", from, to)),
        _ => None,
    }
}

fn of_pkcs12(wanted: Wanted, from: &str, to: &str) -> String {
    match wanted {
        Wanted::Certificate => format!("openssl pkcs12 -in {from} -nokeys -out {to}"),
        Wanted::Key => format!("openssl pkcs12 -in {from} -nocerts -nodes -out {to}"),
    }
}

/// `format` is openssl's option for the file's encoding.
fn of_pkcs7(wanted: Wanted, format: &str, from: &str, to: &str) -> (Code, String) {
    match wanted {
        Wanted::Certificate => {
            (Code::CERT_NOT_PEM, format!("openssl pkcs7{format} -print_certs -in {from} -out {to}"))
        }
        Wanted::Key => {
            (Code::CERT_NO_KEY, "name another file: PKCS#7 never has a private key in it".to_owned())
        }
    }
}

fn of_java(wanted: Wanted, from: &str, to: &str) -> String {
    let convert = format!(
        "keytool -importkeystore -srckeystore {from} -destkeystore keystore.p12 -deststoretype PKCS12"
    );
    format!("{convert}\n{}", of_pkcs12(wanted, "keystore.p12", to))
}

fn unsigned(format: &str, from: &str, to: &str) -> (Code, String) {
    let text = format!(
        "it becomes a certificate when a CA signs it\n\
         or its own key: openssl x509 -req{format} -in {from} -signkey KEY.pem -days 3650 -out {to}"
    );
    (Code::CERT_NO_CERTIFICATE, text)
}

/// Where to write what is made of the file: beside it, and not in place of a file that is likely there.
fn converted(path: &Path, wanted: Wanted) -> std::path::PathBuf {
    let stem = path.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
    let kind = match wanted {
        Wanted::Certificate => "cert",
        Wanted::Key => "key",
    };
    path.with_file_name(format!("{stem}-{kind}.pem"))
}

impl Wanted {
    fn label(self) -> &'static str {
        match self {
            Self::Certificate => "CERTIFICATE",
            Self::Key => "PRIVATE KEY",
        }
    }

    fn code(self) -> Code {
        match self {
            Self::Certificate => Code::CERT_NO_CERTIFICATE,
            Self::Key => Code::CERT_NO_KEY,
        }
    }
}

const COPY_AGAIN: &str = "copy the whole file again from where it came from";
const LEGACY: &str =
    "add -legacy if openssl says that the algorithm is unsupported: the file is an old one then";
