//! What `certgen`'s errors mean to the person who asked, and what to try.

use crate::{
    cert::{NameError, Validity, fingerprint::NotACertificate, profile::BadValidity},
    error::{Code, Error, Fault},
};

/// A `--san` that is no name.
pub(super) fn bad_san(text: &str, source: NameError) -> Error {
    let hint = match &source {
        NameError::NoKind { suggestion: Some(name) } => format!("--san {name}"),
        NameError::IsAddress => {
            format!("--san ip:{}", text.split_once(':').map_or(text, |(_, address)| address))
        }
        _ => "--san dns:esp32.local or --san ip:192.168.1.7".to_owned(),
    };
    Error::new(Fault::Usage, Code::CERT_BAD_SAN, format!("reading --san {text:?}"), source.to_string())
        .hint(hint)
        .source(source)
}

/// A `--cn` that can be no common name.
pub(super) fn bad_common_name(text: &str, source: NameError) -> Error {
    Error::new(Fault::Usage, Code::CERT_BAD_COMMON_NAME, format!("reading --cn {text:?}"), source.to_string())
        .hint("1 to 64 characters, e.g. --cn \"Kitchen light\"")
        .source(source)
}

/// A `--days` that is out of range; `usual` is what the profile has without it.
pub(super) fn bad_days(days: u32, usual: Validity, source: BadValidity) -> Error {
    Error::new(Fault::Usage, Code::CERT_BAD_DAYS, format!("reading --days {days}"), source.to_string())
        .hint(format!("--days {}", usual.in_days()))
        .source(source)
}

/// A certificate of ours that we can't read: a bug.
pub(super) fn unreadable_result(source: NotACertificate) -> Error {
    Error::new(Fault::Bug, Code::CERT_GENERATE, "reading our own certificate", source.to_string())
        .source(source)
}

/// A date that can't be written: a bug.
pub(super) fn unwritable_date(source: time::error::Format) -> Error {
    Error::new(Fault::Bug, Code::CERT_GENERATE, "writing a date", source.to_string()).source(source)
}
